/** Makes docs/gallery.md: what each image kernel does to one photograph, as a picture made by the kernel itself. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { kernels } from 'everycore';
import * as image from 'everycore/image';

const { Image, resize } = image;
const folder = new URL('../docs/gallery/', import.meta.url);

/** The options each kernel is shown with; kernels that need none have no row. */
const options = {
  resize: { width: 60, height: 60 },
  crop: { x: 40, y: 14, width: 62, height: 55 },
  pad: { left: 20, right: 20, top: 12, bottom: 12, border: 'wrap' },
  rotate90: { turns: 1 },
  autoOrient: { orientation: 3 },
  rotate: { angle: 20, background: 40 },
  affine: { matrix: [1, 0.3, -20, 0, 1, 0] },
  perspective: { matrix: [1.2, 0.2, -20, 0.05, 1.2, -10, 0.0006, 0.0008, 1] },
  swapChannels: { order: [2, 1, 0] },
  extractChannel: { channel: 0 },
  convertColor: { to: 'hsv' },
  colorMatrix: {
    matrix: [
      [0.39, 0.77, 0.19],
      [0.35, 0.69, 0.17],
      [0.27, 0.53, 0.13],
    ],
  },
  linear: { a: 1.3, b: -20 },
  gamma: { gamma: 1.8 },
  lut: { table: Uint8Array.from({ length: 256 }, (_, x) => (x * 3) % 256) },
  brightness: { factor: 1.4 },
  contrast: { factor: 1.6 },
  levels: { inBlack: 40, inWhite: 200, gamma: 1.2 },
  posterize: { bits: 2 },
  solarize: { threshold: 128 },
  threshold: { value: 128 },
  adaptiveThreshold: { size: 15, c: 4 },
  convolve: {
    kernel: [
      [-2, -1, 0],
      [-1, 1, 1],
      [0, 1, 2],
    ],
  },
  convolveSeparable: { x: [1, 2, 3, 2, 1].map((w) => w / 9), y: [1] },
  gaussianBlur: { sigma: 3 },
  boxBlur: { size: 7 },
  medianBlur: { size: 7 },
  bilateral: { diameter: 9, sigmaColor: 60, sigmaSpace: 5 },
  unsharp: { radius: 2, percent: 200, threshold: 2 },
  sobel: { dx: 1, dy: 0, dtype: 'u8' },
  scharr: { dx: 0, dy: 1, dtype: 'u8' },
  laplacian: { dtype: 'u8' },
  canny: { low: 80, high: 160 },
  erode: { size: 5 },
  dilate: { size: 5 },
  morphology: { op: 'gradient', size: 3 },
  equalize: { method: 'pillow' },
  clahe: { clipLimit: 4 },
};
/** Kernels that take one channel alone. */
const gray = new Set(['otsu', 'adaptiveThreshold', 'canny', 'clahe', 'distanceTransform', 'connectedComponents']);

/** Kernels that are called with something else than the photograph, in words, and how. */
const inputs = {
  absdiff: ['of the photograph and its blur', (picture, made) => made(picture, image.boxBlur({ size: 9 })(picture))],
  psnr: ['of the photograph and its blur', (picture, made) => made(picture, image.boxBlur({ size: 3 })(picture))],
  ssim: ['of the photograph and its blur', (picture, made) => made(picture, image.boxBlur({ size: 3 })(picture))],
  mergeChannels: ['of its channels, blue first', (picture, made) => made(image.splitChannels()(picture).reverse())],
  splitChannels: [
    'side by side',
    (picture, made) => {
      const all = Image.alloc(3 * picture.width, picture.height, 1);
      made(picture).forEach((each, i) =>
        image.crop({ width: picture.width, height: picture.height })(each, { out: all.view(i * picture.width, 0, picture.width, picture.height) }),
      );
      return resize({ width: picture.width })(all);
    },
  ],
  distanceTransform: ['of the photograph after `threshold`', (picture, made) => made(image.threshold({ value: 90 })(picture))],
  connectedComponents: ['of the photograph after `threshold`', (picture, made) => made(image.threshold({ value: 90 })(picture))],
  fromTensor: ['of what `toTensor` makes', (picture, made) => made(image.toTensor()(picture))],
};

const photo = resize({ width: 132, height: 88, fit: 'cover' })(await Image.open(new URL('../examples/photos/chelsea.png', import.meta.url)));
Object.assign(options, {
  composite: { over: resize({ width: 66, height: 44 })(photo), x: 60, y: 40, mode: 'screen' },
  blend: { over: image.flop()(photo), opacity: 0.5 },
  remap: waves(photo),
  matchTemplate: { template: photo.view(50, 25, 20, 16).copy(), method: 'ccoeffNormed' },
});
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await photo.save(new URL('photograph.png', folder));
const cells = [['the photograph', 'photograph.png', '']];
const told = [];
for (const { name, family } of kernels().filter(({ entry }) => entry === 'image')) {
  const picture = picturedBy(name);
  if (picture === null) {
    told.push(`| ${captionOf(name)} | \`${toldBy(name)}\` |`);
    continue;
  }
  await picture.save(new URL(`${name}.png`, folder));
  cells.push([captionOf(name), `${name}.png`, family]);
}

/** The result as a picture of bytes, or null where it is none. */
function picturedBy(name) {
  const answer = answerOf(name);
  if (!Image.isImage(answer)) return null;
  return answer.data instanceof Uint8Array ? answer : asBytes(answer);
}

function answerOf(name) {
  const made = image[name](options[name]);
  const picture = gray.has(name) ? image.grayscale()(photo) : photo;
  return name in inputs ? inputs[name][1](picture, made) : made(picture);
}

/** Black for the least sample, white for the greatest. */
function asBytes(answer) {
  const { min, max } = extremes(answer.data);
  const data = Uint8Array.from(answer.data, (x) => Math.round((255 * (x - min)) / (max - min)));
  return Image.from({ data, width: answer.width, height: answer.height, channels: answer.channels });
}

function extremes(data) {
  return data.reduce(({ min, max }, x) => ({ min: Math.min(min, x), max: Math.max(max, x) }), {
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  });
}

/** The call, and of what. */
function captionOf(name) {
  const call = `\`${name}(${shown(options[name])})\``;
  return name in inputs ? `${call} ${inputs[name][0]}` : call;
}

/** What a kernel that answers numbers answers, shortened. */
function toldBy(name) {
  const text = JSON.stringify(answerOf(name), (_, value) => {
    if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.length})`;
    if (Array.isArray(value) && value.length > 3) return [...value.slice(0, 2), `${value.length - 2} more`];
    return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  });
  return text
    .replace(/"(\w+)":/g, ' $1: ')
    .replaceAll('"', "'")
    .replaceAll('}', ' }')
    .replace(/,(?=[^ ])/g, ', ');
}

/** Each pixel looked up a few pixels higher or lower, in waves. */
function waves({ width, height }) {
  const mapX = Float32Array.from({ length: width * height }, (_, i) => i % width);
  const mapY = mapX.map((x, i) => Math.floor(i / width) + 5 * Math.sin(x / 9));
  return { mapX, mapY, width, height };
}

function shown(given) {
  if (given === undefined) return '';
  const short = (value) => {
    if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.length})`;
    return Image.isImage(value) ? `an Image of ${value.width}×${value.height}` : value;
  };
  return JSON.stringify(given, (_, value) => short(value))
    .replace(/"(\w+)":/g, ' $1: ')
    .replaceAll('"', "'")
    .replace(/,(?=[^ ])/g, ', ')
    .replace(/\}$/, ' }');
}

const rows = [];
for (let i = 0; i < cells.length; i += 3) {
  const line = cells.slice(i, i + 3);
  rows.push(`| ${line.map(([, file]) => `![](gallery/${file})`).join(' | ')} |`, `| ${line.map(([call]) => call).join(' | ')} |`);
}
writeFileSync(
  new URL('../gallery.md', folder),
  `# Gallery\n\nWritten by \`npm run docs\`: what each image kernel makes of one photograph of 132×88 pixels (Chelsea, by Stéfan van der Walt, CC0).\n\n| | | |\n|---|---|---|\n${rows.join('\n')}\n\n## Kernels that answer numbers\n\n| kernel | answer |\n|---|---|\n${told.join('\n')}\n`,
);
console.log(`docs/gallery.md: ${readdirSync(folder).length} pictures`);
