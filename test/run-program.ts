/** Runs a program as a user would, in a process of its own with a time-out. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** Milliseconds until it is killed; default a minute. */
  timeout?: number;
  cwd?: string;
  /** Milliseconds until what it prints is read; default at once. */
  readAfter?: number;
  /** Options of Node. */
  before?: readonly string[];
}

export function run(args: readonly string[], { env, timeout = 60_000, cwd = root, readAfter = 0 }: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    let stdout = '';
    let stderr = '';
    const read = () =>
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
    if (readAfter > 0) setTimeout(read, readAfter);
    else read();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

let last = 0;

/** Writes a module where `import 'everycore'` finds this package, and runs it. */
export function runSource(source: string, options: RunOptions = {}): Promise<Outcome> {
  const folder = join(root, 'build-programs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `program-${process.pid}-${++last}.mjs`);
  writeFileSync(file, source);
  return run([...(options.before ?? []), file], options);
}
