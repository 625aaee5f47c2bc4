/**
 * distanceTransform: how far the nearest zero is, exactly. Felzenszwalb, Huttenlocher: Distance transforms of
 * sampled functions, 2012: down the columns, then the lower envelope of a parabola a column along each row.
 */
import type { Call, View } from '../kernels/call';
import { type Image, imageView } from './image';
import { resultImage } from './options';
import { oneChannel } from './window';

const name = 'distanceTransform';

export function distanceTransformCall(_: undefined, args: readonly unknown[], out?: unknown): Call<Image<Float32Array>> {
  const image = oneChannel(name, args);
  const { width, height } = image;
  const result = resultImage(name, { width, height, channels: 1, dtype: 'f32' }, out, image) as Image<Float32Array>;
  const [source, target] = [imageView(image), imageView(result)];
  return {
    kernel: name,
    views: [source, target],
    params: [],
    phases: [
      { units: width, grain: 64, cost: 20 + height * 0.5 },
      { units: height, grain: 1, cost: 50 + width * 8 },
    ],
    scratchBytes: 3 * width * 8,
    reference: () => {
      downColumns(source, target);
      alongRows(target);
    },
    finish: () => result,
  };
}

/** The distance to the nearest zero above or below, first of those above alone. */
function downColumns(source: View, target: View): void {
  const [height, width] = source.shape;
  const to = target.data;
  for (let x = 0; x < width; x++) {
    let far = Number.POSITIVE_INFINITY;
    for (let y = 0; y < height; y++) {
      far = source.data[source.offset + y * source.stride[0] + x] === 0 ? 0 : far + 1;
      to[target.offset + y * target.stride[0] + x] = far;
    }
    for (let y = height - 1; y >= 0; y--) {
      const at = target.offset + y * target.stride[0] + x;
      far = Math.min(far + 1, to[at] as number);
      to[at] = far;
    }
  }
}

function alongRows({ data, offset, shape: [height, width], stride }: View): void {
  const [vertex, square, from] = [0, 1, 2].map(() => new Float64Array(width));
  for (let y = 0; y < height; y++) {
    const at = offset + y * stride[0];
    let count = 0;
    for (let x = 0; x < width; x++) {
      const far = data[at + x] as number;
      if (far === Number.POSITIVE_INFINITY) continue;
      let begin = Number.NEGATIVE_INFINITY;
      for (; count > 0; count--) {
        const last = count - 1;
        begin = (far * far + x * x - (square[last] + vertex[last] * vertex[last])) / (2 * (x - vertex[last]));
        if (begin > from[last]) break;
      }
      vertex[count] = x;
      square[count] = far * far;
      from[count] = count === 0 ? Number.NEGATIVE_INFINITY : begin;
      count++;
    }
    for (let x = 0, k = 0; x < width && count > 0; x++) {
      while (k + 1 < count && from[k + 1] < x) k++;
      data[at + x] = Math.sqrt((x - vertex[k]) ** 2 + square[k]);
    }
  }
}
