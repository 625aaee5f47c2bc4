/** Image kernels on a photograph of 12 megapixels against plain JavaScript, OpenCV, Pillow, sharp and others: bench/image/rows.mjs. */
import { grayscale, Image, resize, threshold } from 'everycore/image';
import { here } from '../harness.mjs';
import { imagePeers } from '../image/peers.mjs';
import { rows } from '../image/rows.mjs';

export const title = 'Image kernels on 4000×3000, RGB unless said';

/** A few rounds each; what takes longer than `patience` milliseconds is measured once. */
const measuring = { seconds: 1.5, roundsMin: 9, patience: 250 };

export async function* cases(context) {
  const { pool, threads, wanted } = context;
  const images = await photographs();
  const everyPeer = Object.entries(await imagePeers(images, context));
  const [one, all] = ['native, 1 thread', `native, ${threads} threads`];
  for (const row of rows.filter(({ name }) => wanted(name))) {
    const { name, of = 'rgb', kernel, peers, fresh = false, goals: { threads: scaling, ...goals } = {} } = row;
    const contenders = {};
    for (const [peer, contender] of everyPeer) contenders[peer] = await contender(peers, images[of]);
    const steps = stepsOf(kernel.kernelName || Array.isArray(kernel) ? [kernel].flat() : [kernel(images)], images[of], fresh);
    contenders[one] = here(() => {
      for (const { run, args, options } of steps) run(...args, ...options);
    });
    contenders[all] = here(async () => {
      for (const { run, args, options } of steps) await pool.apply(run, args, ...options);
    });
    yield {
      name,
      contenders,
      goals: [...Object.entries(goals).map(([peer, times]) => [peer, one, times]), ...(scaling ? [[one, all, scaling]] : [])],
      options: measuring,
    };
  }
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
