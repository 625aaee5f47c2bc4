/** The peers of the image bench: what each needs to begin with, and how it runs its side of a row. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guest } from '../harness.mjs';

/** Name of the contender → a function of a row's `peers` and image that answers a contender, or nothing. */
export async function imagePeers(images, context) {
  return { ...(await inThisProcess(images, context)), ...(await inPython(images, context)) };
}

async function inThisProcess(images, { threads, peer }) {
  const [sharp, jimp, imageJs, napi] = [(await peer('sharp'))?.default, await peer('jimp'), await peer('image-js'), await peer('@napi-rs/image')];
  const { data, width, height } = images.rgba;
  const asSharp = ({ data, width, height, channels }) => sharp(data, { raw: { width, height, channels } });
  const sharpWith = (count) => (peers, image) => {
    if (!peers.sharp || !sharp) return;
    return guest(() => {
      sharp.concurrency(count);
      return peers.sharp(asSharp(image), images).raw().toBuffer();
    });
  };
  return {
    'best JS': (peers, image) => peers.js && guest(() => peers.js(image)),
    jimp(peers) {
      if (!peers.jimp || !jimp) return;
      const made = new jimp.Jimp({ data: Buffer.from(data), width, height });
      return guest(() => peers.jimp(made));
    },
    'image-js'(peers, { data, width, height, channels }) {
      if (!peers.imageJs || !imageJs) return;
      const made = new imageJs.Image(width, height, { data, colorModel: channels === 1 ? 'GREY' : 'RGB' });
      return guest(() => peers.imageJs(made));
    },
    '@napi-rs/image': (peers) => peers.napi && napi && guest(() => peers.napi(napi.Transformer.fromRgbaPixels(data, width, height)).rawPixels()),
    sharp: sharpWith(1),
    [`sharp, ${threads} threads`]: sharpWith(threads),
  };
}

async function inPython(images, { threads, python }) {
  // Through files, so that every peer sees the same photograph.
  const folder = mkdtempSync(join(tmpdir(), 'everycore-bench-'));
  const names = Object.keys(images);
  const arrays = names.map((name) => {
    const { data, width, height, channels } = images[name];
    const path = join(folder, name);
    writeFileSync(path, data);
    return `${name} = np.fromfile(${JSON.stringify(path)}, np.uint8).reshape(${channels === 1 ? [height, width] : [height, width, channels]})`;
  });
  const pictures = names.map((name) => `${name}Image = PIL.Image.fromarray(${name})`);
  const lines = (...all) => all.flat().join('\n');
  const pillow = await python(['numpy', 'PIL.Image', 'PIL.ImageFilter', 'PIL.ImageOps'], 1, lines(arrays, pictures));
  const scipy = await python(['numpy', 'scipy.ndimage'], 1, lines(arrays));
  const one = await python(['numpy', 'cv2'], 1, lines(arrays));
  const all = await python(['numpy', 'cv2'], threads, lines(arrays));
  rmSync(folder, { recursive: true });
  // The first run makes the result that the others write into, where the code says so.
  const snippet = (interpreter, code) => code && interpreter?.contender(`out = ${code.replace(/, \w+=out\b/, '')}`, code);
  return {
    Pillow: (peers) => snippet(pillow, peers.pillow),
    SciPy: (peers) => snippet(scipy, peers.scipy),
    OpenCV: (peers) => snippet(one, peers.opencv),
    [`OpenCV, ${threads} threads`]: (peers) => snippet(all, peers.opencv),
  };
}
