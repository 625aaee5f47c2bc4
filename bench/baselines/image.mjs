/** Image kernels in plain JavaScript over `{ data, width, height, channels }`, 8 bits a channel. */

const clamp = (x) => (x < 0 ? 0 : x > 255 ? 255 : Math.round(x));
const mirrored = (i, size) => {
  while (i < 0 || i >= size) i = i < 0 ? -i : 2 * size - 2 - i;
  return i;
};
const like = ({ width, height, channels }, data) => ({ data, width, height, channels });

function gaussian(sigma) {
  const radius = Math.max(1, Math.round(sigma * 3));
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

function lanczos(x) {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  const p = Math.PI * x;
  return (3 * Math.sin(p) * Math.sin(p / 3)) / (p * p);
}

/** For each place of the output: where its window begins, and the window's weights. */
function windows(from, to) {
  const scale = from / to;
  const reach = 3 * Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const begin = Math.max(0, Math.floor(centre - reach));
    const end = Math.min(from, Math.ceil(centre + reach));
    const weights = Array.from({ length: end - begin }, (_, k) => lanczos((begin + k + 0.5 - centre) / Math.max(scale, 1)));
    const sum = weights.reduce((a, b) => a + b);
    return { begin, weights: weights.map((weight) => weight / sum) };
  });
}

export const naive = {
  grayscale({ data, width, height, channels }) {
    const out = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [r, g, b] = data.slice((y * width + x) * channels, (y * width + x) * channels + 3);
        out[y * width + x] = clamp(0.299 * r + 0.587 * g + 0.114 * b);
      }
    }
    return { data: out, width, height, channels: 1 };
  },
  gaussianBlur(image, sigma) {
    const { data, width, height, channels } = image;
    const weights = gaussian(sigma);
    const radius = (weights.length - 1) / 2;
    const at = (source, x, y, c) => source[(mirrored(y, height) * width + mirrored(x, width)) * channels + c];
    const pass = (source, out, dx, dy) => {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let k = -radius; k <= radius; k++) sum += weights[k + radius] * at(source, x + k * dx, y + k * dy, c);
            out[(y * width + x) * channels + c] = sum;
          }
        }
      }
      return out;
    };
    const along = pass(data, new Float32Array(data.length), 1, 0);
    return like(image, pass(along, new Uint8ClampedArray(data.length), 0, 1));
  },
  resize({ data, width, height, channels }, toWidth, toHeight) {
    const columns = windows(width, toWidth);
    const rows = windows(height, toHeight);
    const out = new Uint8ClampedArray(toWidth * toHeight * channels);
    for (let y = 0; y < toHeight; y++) {
      for (let x = 0; x < toWidth; x++) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          rows[y].weights.forEach((wy, j) => {
            columns[x].weights.forEach((wx, i) => {
              sum += wy * wx * data[((rows[y].begin + j) * width + columns[x].begin + i) * channels + c];
            });
          });
          out[(y * toWidth + x) * channels + c] = sum;
        }
      }
    }
    return { data: out, width: toWidth, height: toHeight, channels };
  },
};

export const best = {
  grayscale({ data, width, height, channels }) {
    const out = new Uint8Array(width * height);
    for (let i = 0, at = 0; i < out.length; i++, at += channels) {
      out[i] = (data[at] * 9798 + data[at + 1] * 19235 + data[at + 2] * 3735 + 16384) >> 15;
    }
    return { data: out, width, height, channels: 1 };
  },
  /** Whole rows at a time, so that the inner loop is one multiplication and one addition. */
  gaussianBlur(image, sigma) {
    const { data, width, height, channels } = image;
    const weights = gaussian(sigma);
    const radius = (weights.length - 1) / 2;
    const length = width * channels;
    const along = new Float32Array(data.length);
    const padded = new Float32Array(length + 2 * radius * channels);
    const sums = new Float32Array(length);
    for (let y = 0; y < height; y++) {
      const row = y * length;
      for (let i = 0; i < length; i++) padded[radius * channels + i] = data[row + i];
      for (let k = 1; k <= radius; k++) {
        for (let c = 0; c < channels; c++) {
          padded[(radius - k) * channels + c] = data[row + mirrored(-k, width) * channels + c];
          padded[(radius + width - 1 + k) * channels + c] = data[row + mirrored(width - 1 + k, width) * channels + c];
        }
      }
      sums.fill(0);
      for (let k = 0; k < weights.length; k++) {
        const weight = weights[k];
        const shift = k * channels;
        for (let i = 0; i < length; i++) sums[i] += weight * padded[i + shift];
      }
      along.set(sums, row);
    }
    const out = new Uint8Array(data.length);
    for (let y = 0; y < height; y++) {
      sums.fill(0.5);
      for (let k = -radius; k <= radius; k++) {
        const weight = weights[k + radius];
        const row = mirrored(y + k, height) * length;
        for (let i = 0; i < length; i++) sums[i] += weight * along[row + i];
      }
      const row = y * length;
      for (let i = 0; i < length; i++) out[row + i] = sums[i];
    }
    return like(image, out);
  },
  resize({ data, width, height, channels }, toWidth, toHeight) {
    const columns = windows(width, toWidth);
    const along = new Float32Array(toWidth * height * channels);
    for (let x = 0; x < toWidth; x++) {
      const { begin, weights } = columns[x];
      for (let y = 0; y < height; y++) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          let at = (y * width + begin) * channels + c;
          for (let i = 0; i < weights.length; i++, at += channels) sum += weights[i] * data[at];
          along[(y * toWidth + x) * channels + c] = sum;
        }
      }
    }
    const length = toWidth * channels;
    const out = new Uint8ClampedArray(length * toHeight);
    const sums = new Float32Array(length);
    windows(height, toHeight).forEach(({ begin, weights }, y) => {
      sums.fill(0);
      for (let j = 0; j < weights.length; j++) {
        const weight = weights[j];
        const row = (begin + j) * length;
        for (let i = 0; i < length; i++) sums[i] += weight * along[row + i];
      }
      out.set(sums, y * length);
    });
    return { data: out, width: toWidth, height: toHeight, channels };
  },
};
