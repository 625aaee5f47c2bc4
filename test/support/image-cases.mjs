/**
 * What every image kernel is tried with, beside the goldens. A row: the kernel, some options, and what it
 * takes. `exact: false` where the TypeScript kernel may be a rounding away from the native one; on all
 * CPU levels and thread counts the bytes are the same always. `least`: the smallest side it takes. `values`: how many different ones pixels have.
 * `sizes`: instead of the usual ones.
 */
const all = [1, 2, 3, 4];
const moved = ['u8', 'u16', 'f32'];

const words = (factor) => Uint16Array.from({ length: 65536 }, (_, x) => x * factor + 3);

export const imageCases = [
  { kernel: 'grayscale', options: [{}, { method: 'pillow' }, { method: 'bt709' }, { method: 'linear' }], channels: all },
  {
    kernel: 'gaussianBlur',
    options: [
      { sigma: 0.6 },
      { sigma: 3, border: 'wrap' },
      { sigma: 2, sigmaY: 4, border: 'constant', borderValue: 9 },
      { size: 7, border: 'reflect' },
    ],
    channels: all,
    dtypes: moved,
  },
  {
    kernel: 'resize',
    options: [
      { width: 5, height: 9, fit: 'fill' },
      { width: 50, height: 20, fit: 'fill', filter: 'bilinear' },
      { width: 16, height: 12, fit: 'fill', filter: 'bilinear' },
      { width: 13, height: 8 },
      { width: 13, height: 8, position: 'top', filter: 'hamming' },
      { width: 13, height: 8, fit: 'contain', background: 1 },
      { width: 40 },
      { height: 3, filter: 'bicubic' },
      { width: 20, height: 20, fit: 'fill', filter: 'nearest' },
      { width: 9, height: 7, fit: 'outside', filter: 'box' },
      { width: 11, height: 17, fit: 'inside', precision: 'fast' },
    ],
    channels: all,
    dtypes: ['u8', 'u16', 'f32'],
  },
  { kernel: 'resize', options: [{ width: 11, height: 17, fit: 'fill', linear: true }], channels: all, dtypes: ['u8'] },
  { kernel: 'resize', options: [{ width: 11, height: 17, fit: 'fill', linear: true }], channels: all, dtypes: ['u16', 'f32'], exact: false },
  { kernel: 'crop', options: [{ width: 1, height: 1 }], channels: all, dtypes: moved },
  {
    kernel: 'pad',
    options: [{ left: 3, bottom: 9, border: 'wrap' }, { right: 70 }, { top: 1, left: 1, border: 'constant', borderValue: 1 }],
    channels: all,
    dtypes: moved,
  },
  ...['flip', 'flop', 'transposeImage', 'splitChannels'].map((kernel) => ({ kernel, options: [undefined], channels: all, dtypes: moved })),
  { kernel: 'rotate90', options: [{ turns: 1 }, { turns: 2 }, { turns: 3 }], channels: all, dtypes: moved },
  { kernel: 'autoOrient', options: [5, 7].map((orientation) => ({ orientation })), channels: all, dtypes: moved },
  { kernel: 'extractChannel', options: [{ channel: 0 }], channels: all, dtypes: moved },
  { kernel: 'swapChannels', options: [{ order: [2, 1, 0] }, { order: [0, 0, 2, 1] }], channels: [3, 4], dtypes: moved },
  { kernel: 'mergeChannels', options: [undefined], channels: [1], dtypes: moved, images: 3, list: true },
  {
    kernel: 'affine',
    options: [
      { matrix: [0.9, 0.2, -3.1, -0.15, 1.1, 2.7] },
      { matrix: [0.9, 0.2, -3.1, -0.15, 1.1, 2.7], filter: 'bicubic', border: 'wrap', width: 30, height: 7 },
      { matrix: [1.3, 0, 0.5, 0, 1.3, -0.5], filter: 'nearest', border: 'constant', borderValue: 3 },
    ],
    channels: all,
    dtypes: moved,
  },
  { kernel: 'perspective', options: [{ matrix: [1, 0.1, 2, 0, 1.2, -1, 0.001, -0.02, 1] }], channels: all, dtypes: moved },
  { kernel: 'rotate', options: [{ angle: 30 }, { angle: -90 }, { angle: 191.5, background: 7 }], channels: all, dtypes: moved },
  {
    kernel: 'remap',
    options: [
      {
        width: 31,
        height: 9,
        mapX: Float32Array.from({ length: 279 }, (_, i) => ((i * 37) % 101) / 7 - 3),
        mapY: Float32Array.from({ length: 279 }, (_, i) => (i === 5 ? Number.NaN : i === 9 ? 1e30 : ((i * 11) % 89) / 9 - 2)),
        border: 'replicate',
      },
    ],
    channels: all,
    dtypes: moved,
  },
  ...['premultiply', 'unpremultiply'].map((kernel) => ({ kernel, options: [undefined], channels: all })),
  { kernel: 'flatten', options: [undefined, { background: 200 }], channels: all },
  ...moved.flatMap((dtype) =>
    all.map((channels) => ({
      kernel: 'blend',
      options: (Image, w, h) => [{ over: noise(Image, w, h, channels, dtype, 7), opacity: 0.3 }],
      channels: [channels],
      dtypes: [dtype],
    })),
  ),
  ...moved.map((dtype) => ({
    kernel: 'composite',
    options: (Image, w, h) => [
      ...[1, 2, 3, 4].map((channels) => ({ over: noise(Image, w, h, channels, dtype, 5) })),
      ...['multiply', 'screen', 'overlay', 'darken', 'lighten', 'add', 'difference', 'over'].map((mode) => ({
        over: noise(Image, 20, 9, 4, dtype, 6),
        x: w - 11,
        y: -3,
        mode,
        opacity: 0.7,
      })),
    ],
    channels: [3, 4],
    dtypes: [dtype],
  })),
  ...moved.map((dtype) => ({
    kernel: 'composite',
    options: (Image) => [{ over: noise(Image, 9, 9, 2, dtype, 5), x: 2 }],
    channels: [1, 2],
    dtypes: [dtype],
  })),
  {
    kernel: 'colorMatrix',
    options: [
      {
        matrix: [
          [0.393, 0.769, 0.189],
          [0.349, 0.686, 0.168, 5],
          [0.272, -0.534, 0.131, 20.5],
        ],
      },
    ],
    channels: [3, 4],
  },
  { kernel: 'convertColor', options: ['rgb', 'gray', 'hsv', 'hsl', 'lab', 'ycbcr', 'linear', 'xyz'].map((to) => ({ to })), channels: [3, 4] },
  { kernel: 'convertColor', options: ['hsv', 'hsl', 'lab', 'ycbcr', 'linear', 'xyz'].map((from) => ({ from, to: 'rgb' })), channels: [3, 4] },
  { kernel: 'convertColor', options: [{ to: 'rgb' }, { to: 'lab' }], channels: [1, 2] },
  {
    kernel: 'convertColor',
    options: [{ to: 'lab' }, { from: 'lab', to: 'hsv' }, { from: 'linear', to: 'ycbcr' }],
    channels: [3, 4],
    dtypes: ['f32'],
    exact: false,
  },
  { kernel: 'toTensor', options: [{}, { mean: 0.45, std: 0.225, layout: 'hwc', bgr: true }], channels: all, dtypes: moved },
  { kernel: 'fromTensor', options: [undefined], channels: [1], tensor: true },
  { kernel: 'linear', options: [{ a: 1.2, b: -3 }], channels: all, dtypes: moved },
  { kernel: 'linear', options: [{ a: [1.2, 1, 0.7], b: 5 }], channels: [3, 4], dtypes: moved },
  { kernel: 'gamma', options: [{ gamma: 1 }], channels: all, dtypes: moved },
  { kernel: 'gamma', options: [{ gamma: 0.7 }], channels: all },
  { kernel: 'gamma', options: [{ gamma: 0.7 }, { gamma: 2.2 }], channels: all, dtypes: ['u16', 'f32'], exact: false },
  { kernel: 'lut', options: [{ table: Uint8Array.from({ length: 256 }, (_, x) => x * 7 + 3) }], channels: all },
  { kernel: 'lut', options: [{ table: words(7) }], channels: all, dtypes: ['u16'] },
  { kernel: 'lut', options: [{ table: [3, 5, 7].map(words) }], channels: [3, 4], dtypes: ['u16'] },
  { kernel: 'invert', options: [undefined], channels: all, dtypes: moved },
  { kernel: 'brightness', options: [{ factor: 0.8 }], channels: all, dtypes: moved },
  { kernel: 'contrast', options: [{ factor: 1.3, pivot: 100 }, { factor: 0.6 }], channels: all, dtypes: moved },
  { kernel: 'levels', options: [{ inBlack: 30, gamma: 0.8, outWhite: 200 }], channels: all },
  { kernel: 'levels', options: [{ inBlack: 0.2, inWhite: 60000, outBlack: 3 }], channels: all, dtypes: moved },
  { kernel: 'posterize', options: [{ bits: 2 }, { bits: 7 }], channels: all, dtypes: ['u8', 'u16'] },
  { kernel: 'solarize', options: [undefined, { threshold: 0.7 }], channels: all, dtypes: moved },
  {
    kernel: 'boxBlur',
    options: [{ size: 3 }, { size: 4, border: 'wrap' }, { size: 21, border: 'constant', borderValue: 9 }, { size: 71, border: 'reflect' }],
    channels: all,
    dtypes: moved,
  },
  { kernel: 'boxBlur', options: [{ size: 301 }], channels: [3], dtypes: ['u8', 'u16'] },
  {
    kernel: 'convolve',
    options: [
      { kernel: [[1, -2, 3]], border: 'wrap' },
      { kernel: [[0.3], [0.4], [-0.1], [0.2]], divisor: 3, offset: 10.5 },
      {
        kernel: [
          [1, 2, 1],
          [2, 4, 2],
          [1, 2, 1],
        ],
        divisor: 16,
        border: 'constant',
        borderValue: 9,
      },
      {
        kernel: [
          [0.1, 0.7, 0, 0.2, 0.3],
          [0, -0.4, 0.9, 0, 0.1],
          [0.5, 0, 0, 0, -0.6],
        ],
      },
    ],
    channels: all,
    dtypes: moved,
  },
  {
    kernel: 'convolveSeparable',
    options: [{ x: [1, 2, 1] }, { x: [0.5, 0.1, 0.2, 0.2], y: [0.3, 0.7], border: 'wrap' }],
    channels: all,
    dtypes: moved,
  },
  { kernel: 'sharpen', options: [{}], channels: all, dtypes: moved },
  { kernel: 'unsharp', options: [{}, { radius: 0.5, percent: 80, threshold: 0 }, { radius: 10.3 }, { radius: 150 }], channels: all },
  { kernel: 'medianBlur', options: [1, 3, 5, 7, 9, 11, 13, 15, 17, 31].map((size) => ({ size })), channels: all },
  {
    kernel: 'sobel',
    options: [{}, { dy: 1, dtype: 'u8' }, { dx: 1, dy: 1, size: 5 }, { dx: 2, dy: 0, size: 7, dtype: 'f32' }, { dx: 0, dy: 1, size: 1 }],
    channels: all,
    dtypes: moved,
  },
  { kernel: 'sobel', options: [{ dtype: 's16' }], channels: all, dtypes: ['u16', 'f32'] },
  { kernel: 'scharr', options: [{}, { dx: 0, dy: 1, dtype: 'f32' }], channels: all, dtypes: moved },
  { kernel: 'laplacian', options: [{}, { size: 3, dtype: 'u8' }, { size: 7, dtype: 'f32' }], channels: all, dtypes: moved },
  { kernel: 'sobelMagnitude', options: [{}, { dtype: 'f32' }], channels: all },
  ...['erode', 'dilate'].map((kernel) => ({
    kernel,
    options: [
      {},
      { size: 2, iterations: 3 },
      { size: 15 },
      {
        kernel: [
          [0, 1, 0, 0],
          [1, 0, 0, 1],
          [0, 1, 1, 1],
        ],
        iterations: 2,
      },
    ],
    channels: all,
  })),
  {
    kernel: 'morphology',
    options: ['open', 'close', 'gradient', 'tophat', 'blackhat'].flatMap((op) => [
      { op, size: 8 },
      {
        op,
        kernel: [
          [0, 1, 0, 0],
          [1, 0, 0, 1],
          [0, 1, 1, 1],
        ],
        iterations: 2,
      },
    ]),
    channels: [1, 3],
  },
  {
    kernel: 'adaptiveThreshold',
    options: [{ size: 3 }, { size: 21, c: 4.5 }, { size: 71, c: -3 }, { size: 11, method: 'gaussian' }, { size: 5, c: 300, method: 'gaussian' }],
    channels: [1],
  },
  { kernel: 'threshold', options: [{ value: 100 }, { value: -3 }, { value: 255, max: 7 }, { value: 99.5, invert: true, max: 200 }], channels: all },
  { kernel: 'threshold', options: [{ value: 0.5 }, { value: 3e4, max: 999, invert: true }], channels: all, dtypes: ['u16', 'f32'] },
  { kernel: 'otsu', options: [{}], channels: [1] },
  { kernel: 'equalize', options: [{}], channels: [1] },
  { kernel: 'equalize', options: [{ method: 'pillow' }], channels: all },
  { kernel: 'autocontrast', options: [{}, { cutoff: 7.5 }], channels: all },
  { kernel: 'clahe', options: [{}, { clipLimit: 2, tiles: [3, 2] }, { clipLimit: 0 }], channels: [1] },
  { kernel: 'histogram', options: [{}], channels: all },
  // Large enough that bytes are counted by pairs.
  { kernel: 'histogram', options: [{}], channels: all, sizes: [[379, 349]] },
  { kernel: 'clahe', options: [{ tiles: [1, 1] }], channels: [1], sizes: [[379, 349]] },
  { kernel: 'stats', options: [{}], channels: all },
  { kernel: 'stats', options: [{}], channels: all, dtypes: ['u16', 'f32'], exact: false },
  { kernel: 'integral', options: [{}], channels: all },
  {
    kernel: 'canny',
    options: [
      { low: 100, high: 200 },
      { low: 300, high: 90, l2: true },
    ],
    channels: [1],
  },
  { kernel: 'distanceTransform', options: [{}], channels: [1], values: 4 },
  { kernel: 'distanceTransform', options: [{}], channels: [1] },
  { kernel: 'connectedComponents', options: [{}, { connectivity: 4 }], channels: [1], values: 2 },
  ...all.map((channels) => ({
    kernel: 'matchTemplate',
    options: (Image, w, h) =>
      ['sqdiff', 'sqdiffNormed', 'ccorr', 'ccorrNormed', 'ccoeff', 'ccoeffNormed'].map((method) => ({
        template: noise(Image, Math.min(w, 7), Math.min(h, 5), channels, 'u8', 4),
        method,
      })),
    channels: [channels],
  })),
  {
    kernel: 'bilateral',
    options: [
      { diameter: 1, sigmaColor: 30, sigmaSpace: 2 },
      { diameter: 5, sigmaColor: 75, sigmaSpace: 75 },
      { diameter: 12, sigmaColor: 10, sigmaSpace: 3 },
    ],
    channels: all,
  },
  ...['absdiff', 'psnr'].map((kernel) => ({ kernel, options: [{}], channels: all, images: 2 })),
  { kernel: 'ssim', options: [{}, { window: 'gaussian' }], channels: all, images: 2, least: 11 },
  { kernel: 'perceptualHash', options: ['average', 'difference', 'phash'].map((kind) => ({ kind })), channels: all },
];

export const sizes = [
  [1, 1],
  [2, 3],
  [1, 17],
  [33, 1],
  [7, 5],
  [64, 33],
  [130, 47],
];

/** Numbers that look like noise, the same in every run. */
export function noise(Image, width, height, channels, dtype, seed = 1) {
  const image = Image.alloc(width, height, channels, dtype);
  let state = seed * 2654435761;
  for (let i = 0; i < image.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const value = state / 2 ** 32;
    image.data[i] = dtype === 'f32' ? value : Math.floor(value * (dtype === 'u8' ? 256 : 65536));
  }
  return image;
}

/** Of all values only the lowest so many, with structures in them. */
function fewer(image, values) {
  if (values !== undefined) image.data.forEach((value, i, data) => (data[i] = (value >> 2) % values));
  return image;
}

/** What a kernel takes: images, an array of them, or a tensor. */
function argumentsOf({ list = false, tensor = false }, images, dtype) {
  if (list) return [images];
  if (!tensor) return images;
  const [{ data, width, height, channels }] = images;
  return [{ data: Float32Array.from(data, (value) => value / (dtype === 'u8' ? 200 : 1) - 0.1), shape: [channels, height, width] }];
}

/** One line for every kernel, options, size, channels and dtype. */
export function* everyCase(Image, trySizes = sizes) {
  for (const row of imageCases) {
    const { kernel, options, channels, dtypes = ['u8'], exact = true, images = 1, least = 1, values, sizes = trySizes } = row;
    for (const dtype of dtypes) {
      for (const count of channels) {
        for (const [width, height] of sizes) {
          if (Math.min(width, height) < least) continue;
          const list = typeof options === 'function' ? options(Image, width, height) : options;
          for (const [i, option] of list.entries()) {
            const inputs = Array.from({ length: images }, (_, k) => fewer(noise(Image, width, height, count, dtype, k + 1), values));
            const shown = JSON.stringify(option, (_, value) => (ArrayBuffer.isView(value) ? `${value.length} numbers` : value));
            yield {
              name: `${kernel}(${shown}, ${i}) of ${width}×${height}×${count} ${dtype}`,
              kernel,
              option,
              inputs: argumentsOf(row, inputs, dtype),
              exact,
            };
          }
        }
      }
    }
  }
}
