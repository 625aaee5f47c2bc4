/**
 * matchTemplate: how well a small image fits at each place of a larger one, by OpenCV's six measures. Products
 * are summed directly, all sums of bytes are exact.
 */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { Image, type ImageLike, imageView } from './image';
import { imageArgument, resultImage, wordOption } from './options';

const name = 'matchTemplate';

/** The order is that of `Method` in native/kernels/image/match-template-inl.h. */
const methods = ['sqdiff', 'sqdiffNormed', 'ccorr', 'ccorrNormed', 'ccoeff', 'ccoeffNormed'] as const;
type Method = (typeof methods)[number];

export interface MatchTemplateOptions {
  /** What to look for: no larger than the image, with as many channels. */
  template: ImageLike<Uint8Array>;
  /** Squared differences (low is good), correlation, or correlation of what differs from the means; default 'ccoeffNormed'. */
  method?: Method;
}

export type ParsedMatchTemplate = Readonly<Required<MatchTemplateOptions>>;

export function parseMatchTemplate(options?: unknown): ParsedMatchTemplate {
  checkOptions(name, options, ['template', 'method']);
  const { template, method } = (options ?? {}) as Partial<MatchTemplateOptions>;
  if (!Image.isImage(template)) throw typeError(`template of ${name} must be an Image`, template);
  imageArgument(name, [template], ['u8']);
  return { template, method: wordOption(name, 'method', method, methods, 'ccoeffNormed') };
}

/** What the template's own samples add up to. */
interface TemplateSums {
  readonly squares: number;
  /** Of each channel. */
  readonly means: readonly number[];
  /** The sum of squared differences from the means. */
  readonly deviation: number;
  readonly area: number;
}

function sumsOf({ data, width, height, channels, stride }: ImageLike): TemplateSums {
  const area = width * height;
  const sums = new Array<number>(channels).fill(0);
  let squares = 0;
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < width * channels; i++) {
      const value = data[y * stride + i];
      sums[i % channels] += value;
      squares += value * value;
    }
  }
  const deviation = squares - sums.reduce((total, sum) => total + (sum * sum) / area, 0);
  return { squares, means: sums.map((sum) => sum / area), deviation, area };
}

/** Nanoseconds a product, an estimate. */
const productNs = 0.06;

export function matchTemplateCall({ template, method }: ParsedMatchTemplate, args: readonly unknown[], out?: unknown): Call<Image<Float32Array>> {
  const image = imageArgument(name, args, ['u8']);
  const { channels } = image;
  if (template.channels !== channels) throw typeError(`template of ${name} must have ${channels} channels as the image, got ${template.channels}`);
  const [width, height] = [image.width - template.width + 1, image.height - template.height + 1];
  if (width < 1 || height < 1) {
    throw rangeError(`template of ${name} must be no larger than ${image.width}×${image.height}, got ${template.width}×${template.height}`);
  }
  const result = resultImage(name, { width, height, channels: 1, dtype: 'f32' }, out, image) as Image<Float32Array>;
  const [source, pattern, target] = [image, template, result].map(imageView);
  const sums = sumsOf(template);
  const samples = template.width * template.height * channels;
  return {
    kernel: name,
    views: [source, pattern, target],
    params: [methods.indexOf(method), sums.squares, sums.deviation, ...[...sums.means, 0, 0, 0].slice(0, 4)],
    phases: [{ units: height, grain: 1, cost: 50 + width * (10 + samples * productNs) }],
    scratchBytes: (2 * image.width * channels + width) * 8,
    reference: () => matchReference(source, pattern, target, method, sums),
    finish: () => result,
  };
}

function matchReference(source: View, pattern: View, target: View, method: Method, template: TemplateSums): void {
  const [, width, channels] = source.shape;
  const [rows, columns] = pattern.shape;
  const at = ({ data, offset, stride }: View, y: number, i: number): number => data[offset + y * stride[0] + i] as number;
  const [sums, squares] = [new Float64Array(width * channels), new Float64Array(width * channels)];
  for (let y = 0; y < target.shape[0]; y++) {
    sums.fill(0);
    squares.fill(0);
    for (let t = 0; t < rows; t++) {
      for (let i = 0; i < width * channels; i++) {
        sums[i] += at(source, y + t, i);
        squares[i] += at(source, y + t, i) ** 2;
      }
    }
    for (let x = 0; x < target.shape[1]; x++) {
      const window = new Array<number>(channels).fill(0);
      let [square, product] = [0, 0];
      for (let i = 0; i < columns * channels; i++) {
        window[i % channels] += sums[x * channels + i];
        square += squares[x * channels + i];
        for (let t = 0; t < rows; t++) product += at(source, y + t, x * channels + i) * at(pattern, t, i);
      }
      target.data[target.offset + y * target.stride[0] + x] = score(method, product, window, square, template);
    }
  }
}

/** By the sums over a window: products with the template, the channels, squares. */
function score(
  method: Method,
  product: number,
  window: readonly number[],
  square: number,
  { squares, means, deviation, area }: TemplateSums,
): number {
  const centred = method.startsWith('ccoeff');
  let value = product;
  let own = square;
  if (centred) {
    for (let c = 0; c < means.length; c++) {
      value -= window[c] * means[c];
      own -= (window[c] * window[c]) / area;
    }
  }
  if (method.startsWith('sqdiff')) value = square - 2 * product + squares;
  if (!method.endsWith('Normed')) return value;
  if (centred && deviation <= flat * squares) return 1;
  if (own <= Math.min(0.5, flat * square)) own = 0;
  const norm = Math.sqrt(own) * Math.sqrt(centred ? deviation : squares);
  if (Math.abs(value) < norm) return value / norm;
  // Rounding may go a little beyond 1; much beyond it one of the two has no contrast.
  if (Math.abs(value) < norm * 1.125) return value > 0 ? 1 : -1;
  return method === 'sqdiffNormed' ? 1 : 0;
}

/** Of the squares' sum: what differs less from the means has no contrast. */
const flat = 1.1920928955078125e-6;
