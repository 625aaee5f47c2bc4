/** `everycore info`. */
import { info } from '../info';
import { parseCommand } from './arguments';

export function infoCommand(args: readonly string[]): number {
  const parsed = parseCommand(args, { json: { type: 'boolean' }, version: { type: 'boolean' } });
  const facts = info();
  if (parsed.has('version')) process.stdout.write(`${facts.version}\n`);
  else if (parsed.has('json')) process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
  else process.stdout.write(asText(facts));
  return 0;
}

function asText(facts: ReturnType<typeof info>): string {
  const rows: [string, string][] = [
    ['version', `${facts.version} on Node ${process.versions.node}, ${process.platform}-${process.arch}`],
    ['threads', `${facts.cpuCount} (${facts.cpuCountReason})`],
    ['native', facts.native ? `yes, ${facts.nativeFile}` : `no: ${facts.nativeError}`],
    ['CPU level', `${facts.isa} (here: ${facts.isas.join(', ')})`],
    ['images', facts.codecs.join(', ')],
  ];
  return rows.map(([name, value]) => `${name.padEnd(10)} ${value}\n`).join('');
}
