/** Image kernels on a photograph of 12 megapixels against plain JavaScript, OpenCV, Pillow, sharp and others: bench/image/rows.mjs. */
import { Pool } from 'everycore';
import { grayscale, Image, resize, threshold } from 'everycore/image';
import { duration, here } from '../harness.mjs';
import { imagePeers } from '../image/peers.mjs';
import { rows } from '../image/rows.mjs';

export const title = 'Image kernels on 4000×3000, RGB unless said';

/** A few rounds each; what takes longer than `patience` milliseconds is measured once. */
const measuring = { seconds: 1.5, roundsMin: 9, patience: 250 };

export async function* cases(context) {
  const { pool, threads, wanted } = context;
  const images = await photographs();
  const everyPeer = Object.entries(await imagePeers(images, context));
  const one = 'native, 1 thread';
  const pools = { 'native, pool of 1': new Pool(1), [`native, ${threads} threads`]: pool };
  for (const row of rows.filter(({ name }) => wanted(name))) {
    const { name, of = 'rgb', kernel, peers, fresh = false, goals: { threads: kind, ...goals } = {} } = row;
    const contenders = {};
    for (const [peer, contender] of everyPeer) contenders[peer] = await contender(peers, images[of]);
    const steps = stepsOf(kernel.kernelName || Array.isArray(kernel) ? [kernel].flat() : [kernel(images)], images[of], fresh);
    contenders[one] = here(() => {
      for (const { run, args, options } of steps) run(...args, ...options);
    });
    for (const [name, pool] of Object.entries(pools)) {
      contenders[name] = here(async () => {
        for (const { run, args, options } of steps) await pool.apply(run, args, ...options);
      });
    }
    const peersTake = Object.entries(goals).map(([peer, times]) => [peer, one, times]);
    const names = [one, ...Object.keys(pools)];
    yield { name, contenders, goals: kind ? [...peersTake, scalingGoal(kind, names, bytesOf(steps))] : peersTake, options: measuring };
  }
  await pools['native, pool of 1'].terminate();
}

/**
 * How many times as long the kernel should take on one thread as on all: 1.8 where arithmetic is what costs, 1.4 where
 * memory is. Where that is not reached, the times of the same run tell what is lost.
 */
function scalingGoal(kind, [one, single, all], bytes) {
  const ms = (times, name) => duration(times[name].median);
  const speed = (times, name) => `${(bytes / times[name].median / 1e6).toFixed(0)} GB/s`;
  const reasons = {
    compute: (times) =>
      `handing it over makes ${ms(times, one)} ${ms(times, single)}; two threads do that in ${ms(times, all)}, ${(times[single].median / times[all].median).toFixed(2)} times as fast`,
    memory: (times) =>
      `memory speed: ${Math.round(bytes / 1e6)} MB read and written at ${speed(times, one)} on one thread, at ${speed(times, all)} on two`,
  };
  if (kind.why) return [one, all, kind];
  return [one, all, { ratio: { compute: 1.8, memory: 1.4 }[kind], why: reasons[kind] }];
}

/** What the steps take and answer. */
function bytesOf(steps) {
  const sizes = steps.flatMap(({ args: [image], options: [options] }) => [
    image.data.byteLength,
    options?.out.data?.byteLength ?? options?.out.byteLength ?? 0,
  ]);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Kernels one after the other. Results are written into the same memory every time, as OpenCV is told to do with `dst`. */
function stepsOf(kernels, image, fresh) {
  let from = image;
  return kernels.map((run) => {
    const args = [from];
    const result = run(from);
    from = result;
    const out = run.kernelName === 'toTensor' ? result.data : result;
    return { run, args, options: fresh ? [] : [{ out }] };
  });
}

/** A photograph of the examples, enlarged: real structure matters to some kernels. */
async function photographs() {
  const size = { width: 4000, height: 3000, fit: 'fill', filter: 'bicubic' };
  const rgb = resize(size)(await Image.open(new URL('../../examples/photos/coffee.png', import.meta.url)));
  const gray = grayscale()(rgb);
  return { rgb, gray, binary: threshold({ value: 127 })(gray), rgba: withAlpha(rgb, 255), over: withAlpha(rgb, undefined) };
}

/** With an alpha of one value, or one that goes up and down from left to right. */
function withAlpha({ data, width, height }, alpha) {
  const image = Image.alloc(width, height, 4);
  for (let i = 0, at = 0; i < width * height; i++, at += 3) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = data[at + c];
    image.data[4 * i + 3] = alpha ?? i & 255;
  }
  return image;
}
