/** Reading of a command line: options in the order they were written, numbers checked, mistakes as sentences. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command was not understood: exit code 2. */
export class UsageError extends Error {}

/** The user pressed Ctrl-C: exit code 130, as shells have it. */
export class InterruptedError extends Error {}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

export interface Parsed {
  readonly positionals: readonly string[];
  /** Option by option, as written. */
  readonly given: readonly { readonly name: string; readonly value: string | undefined }[];
  has(name: string): boolean;
  /** The last value of an option. */
  value(name: string): string | undefined;
}

export function parseCommand(args: readonly string[], options: OptionsConfig, positionals = false): Parsed {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: positionals, tokens: true, strict: true });
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    const known = Object.keys(options).map((name) => `--${name}`);
    const hint = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? `; the options are ${known.join(', ')}` : '';
    throw new UsageError(message.split('. ')[0] + hint);
  }
  const tokens = (parsed as { tokens?: readonly { kind: string; name?: string; value?: string }[] }).tokens ?? [];
  const given = tokens.flatMap(({ kind, name, value }) => (kind === 'option' ? [{ name: name as string, value }] : []));
  return {
    positionals: parsed.positionals,
    given,
    has: (name) => given.some((each) => each.name === name),
    value: (name) => given.filter((each) => each.name === name).at(-1)?.value,
  };
}

/** A number within bounds, of an option. */
export function numberValue(name: string, text: string | undefined, { min = -Infinity, max = Infinity, whole = false } = {}): number {
  const value = Number(text);
  const expected = `--${name} takes a ${whole ? 'whole ' : ''}number${min > -Infinity ? ` from ${min}` : ''}${max < Infinity ? ` to ${max}` : ''}`;
  if (text === undefined || text.trim() === '' || Number.isNaN(value) || value < min || value > max || (whole && !Number.isInteger(value))) {
    throw new UsageError(`${expected}, got ${JSON.stringify(text ?? '')}`);
  }
  return value;
}
