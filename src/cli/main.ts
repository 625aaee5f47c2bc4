#!/usr/bin/env node
/** The command `everycore`: finds the subcommand, and turns what goes wrong into a sentence and an exit code. */

import { InterruptedError, UsageError } from './arguments';
import { benchCommand } from './bench';
import { benchHelp, help, imageHelp, infoHelp } from './help';
import { imageCommand } from './image';
import { infoCommand } from './info';

/** Answers the exit code: 0 done, 1 something failed, 2 the command was not understood, 130 interrupted. */
type Command = (args: readonly string[]) => number | Promise<number>;

const commands: Readonly<Record<string, { run: Command; help: string }>> = {
  info: { run: infoCommand, help: infoHelp },
  image: { run: imageCommand, help: imageHelp },
  bench: { run: benchCommand, help: benchHelp },
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const wanted = name === 'help' ? commands[args[0]] : undefined;
    process.stdout.write(wanted?.help ?? help);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') return infoCommand(['--version']);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UsageError(`there is no command ${JSON.stringify(name)}; the commands are ${Object.keys(commands).join(', ')}`);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(args);
}

const given = process.argv.slice(2);

main(given).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(
      `everycore: ${(error as Error)?.message ?? error}\n${usage ? `Try: everycore ${Object.hasOwn(commands, given[0] ?? '') ? `${given[0]} ` : ''}--help\n` : ''}`,
    );
    process.exitCode = usage ? 2 : error instanceof InterruptedError ? 130 : 1;
  },
);
