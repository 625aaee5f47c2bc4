/** Contenders that are programs: each call is a new process that answers a line of JSON with what it has measured itself. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A contender that runs `node ...options program ...args`; null where the program says that its package is missing. */
export async function program(file, args, options = []) {
  let last = await run(file, args, options);
  if (last.missing) return null;
  return {
    async measure(times) {
      let ms = 0;
      for (let i = 0; i < times; i++) {
        last = await run(file, args, options);
        ms += last.ms;
      }
      return ms / times;
    },
    ...(last.figures && { figures: () => last.figures }),
  };
}

/** Exit code of Node.js for a program whose promises nothing can settle any more. */
const waitsForEver = 13;

/** `ms` of the answer, or from `endedAt` until the process has ended; Infinity where it waited in vain. */
function run(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', ...options, fileURLToPath(file), ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.once('error', reject);
    let endedAt;
    child.once('exit', () => (endedAt = performance.timeOrigin + performance.now()));
    child.once('close', (code) => {
      const line = text.split('\n').find((each) => each.startsWith('{'));
      if (line === undefined && code !== waitsForEver) return reject(new Error(`${args.join(' ')}: no answer, exit code ${code}`));
      const answer = line === undefined ? {} : JSON.parse(line);
      resolve({ ...answer, ms: 'endedAt' in answer ? endedAt - answer.endedAt : (answer.ms ?? Number.POSITIVE_INFINITY) });
    });
  });
}
