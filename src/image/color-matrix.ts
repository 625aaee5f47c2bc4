/** colorMatrix: each colour as a sum of all colours; alpha stays. */
import { rangeError, typeError } from '../errors';
import type { Call } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { type ImageKernel, imageKernel } from './declare';
import { type Image, imageView } from './image';
import { byteOf, finiteOption, imageArgument, resultImage } from './options';

export interface ColorMatrixOptions {
  /** Three rows, of red, green and blue of the result, with three numbers each, and a fourth one that is added. */
  matrix: readonly (readonly number[])[];
}

const name = 'colorMatrix';

function parse(options?: unknown): readonly number[] {
  checkOptions(name, options, ['matrix']);
  const matrix: unknown = (options as ColorMatrixOptions | undefined)?.matrix;
  if (!Array.isArray(matrix)) throw typeError(`matrix of ${name} must be an array of 3 rows`, matrix);
  if (matrix.length !== 3) throw rangeError(`matrix of ${name} must have 3 rows, got ${matrix.length}`);
  return matrix.flatMap((row: unknown) => {
    if (!Array.isArray(row)) throw typeError(`each row of the matrix of ${name} must be an array of 3 or 4 numbers`, row);
    if (row.length !== 3 && row.length !== 4) throw rangeError(`each row of the matrix of ${name} must have 3 or 4 numbers, got ${row.length}`);
    return [0, 1, 2, 3].map((i) => finiteOption(name, 'each number of the matrix', i < row.length ? row[i] : 0));
  });
}

function call(m: readonly number[], args: readonly unknown[], out?: unknown): Call<Image> {
  const image = imageArgument(name, args, ['u8']);
  const { width, height, channels } = image;
  if (channels < 3) throw typeError(`${name} takes an Image of 3 or 4 channels, got one of ${channels}`);
  const result = resultImage(name, { width, height, channels, dtype: 'u8' }, out, image, true) as Image;
  const [source, target] = [imageView(image), imageView(result)];
  return {
    kernel: name,
    views: [source, target],
    params: m,
    phases: [{ units: height, grain: 1, cost: 20 + width * 4 }],
    rowsFrom: 0,
    reference: () => {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const from = y * source.stride[0] + x * channels;
          const to = y * target.stride[0] + x * channels;
          const [red, green, blue, alpha] = [0, 1, 2, 3].map((c) => image.data[from + c]);
          for (let c = 0; c < 3; c++) result.data[to + c] = byteOf(m[4 * c] * red + m[4 * c + 1] * green + m[4 * c + 2] * blue + m[4 * c + 3]);
          if (channels === 4) result.data[to + 3] = alpha;
        }
      }
    },
    finish: () => result,
  };
}

export const colorMatrix: (options: ColorMatrixOptions) => ImageKernel = imageKernel({
  ...{ name, family: 'point', dtypes: ['u8'], parse, call },
  summary: 'Each colour as a sum of all colours.',
});
