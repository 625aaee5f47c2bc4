/** Contenders in processes of their own: what their batches cost in time, in processor time, and in memory at the highest. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * A contender that runs a program which answers each message with { ms, jsMs, cpuMs, peakBytes } of one batch;
 * null where the program says that its package is missing.
 * @param images Of one batch: times are those of an image.
 */
export async function separate(program, given, images, threads) {
  const child = fork(fileURLToPath(program), [JSON.stringify(given)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let waiting;
  child.on('message', (answer) => waiting?.resolve(answer));
  child.on('exit', (code) => waiting?.reject(new Error(`${given.name} ended with ${code}`)));
  const next = () => new Promise((resolve, reject) => (waiting = { resolve, reject }));
  const { missing } = await next();
  if (missing) return null;
  const samples = [];
  return {
    async measure(times) {
      let ms = 0;
      for (let i = 0; i < times; i++) {
        child.send('run');
        const sample = await next();
        samples.push(sample);
        ms += sample.ms;
      }
      return ms / times / images;
    },
    /** Figures besides the time, over the batches after the first one, which starts threads and compilers. */
    figures() {
      const measured = samples.slice(1);
      const sum = (key) => measured.reduce((total, sample) => total + sample[key], 0);
      return {
        'images/s': (images * measured.length * 1000) / sum('ms'),
        'CPU ms/image': sum('cpuMs') / measured.length / images,
        'JS thread ms/image': sum('jsMs') / measured.length / images,
        'use of cores %': (100 * sum('cpuMs')) / sum('ms') / threads,
        'peak MB': samples.at(-1).peakBytes / 2 ** 20,
      };
    },
    close() {
      waiting = undefined;
      child.disconnect();
    },
  };
}
