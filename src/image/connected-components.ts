/** connectedComponents: pixels that touch each other get one number, by a forest whose nodes are the pixels. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { allocate } from '../kernels/memory';
import { bandsOf } from './histogram';
import { imageView } from './image';
import { oneChannel } from './window';

const name = 'connectedComponents';

export interface ConnectedComponentsOptions {
  /** Whether pixels that share a corner only touch: 8, the default, or not: 4. */
  connectivity?: 4 | 8;
}

export interface Component {
  /** From 1 up, in the order in which rows meet the components. */
  label: number;
  /** Pixels. */
  area: number;
  /** The box around it. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** The mean of its pixels' positions. */
  cx: number;
  cy: number;
}

export interface ConnectedComponents {
  /** Of each pixel the label of its component; 0 is the background. */
  labels: Int32Array;
  width: number;
  height: number;
  /** Of the components, without the background. */
  count: number;
  components: Component[];
}

export function parseConnectedComponents(options?: unknown): 4 | 8 {
  checkOptions(name, options, ['connectivity']);
  const { connectivity = 8 } = (options ?? {}) as ConnectedComponentsOptions;
  if (connectivity === 4 || connectivity === 8) return connectivity;
  throw typeError(`connectivity of ${name} must be 4 or 8`, connectivity);
}

export function connectedComponentsCall(connectivity: 4 | 8, args: readonly unknown[], out?: unknown): Call<ConnectedComponents> {
  if (out !== undefined) throw typeError(`${name} takes no out`, out);
  const image = oneChannel(name, args);
  const { width, height } = image;
  if (width * height >= 2 ** 31) throw rangeError(`the image of ${name} must have fewer than 2³¹ pixels`, width * height);
  const labels = allocate(Int32Array, width * height);
  const source = imageView(image);
  const bands = bandsOf(height);
  return {
    kernel: name,
    views: [source, { data: labels, offset: 0, shape: [height, width], stride: [width, 1] }],
    params: [connectivity, bands.rows],
    phases: [
      { units: bands.count, grain: 1, cost: 100 + bands.rows * width * 3 },
      { units: 1, grain: 1, cost: 100 + bands.count * width * 5 },
      { units: 1, grain: 1, cost: 100 + height * width },
    ],
    reference: () => labelReference(source, labels, connectivity),
    finish: () => {
      const components = componentsOf(labels, width, height);
      return { labels, width, height, count: components.length, components };
    },
  };
}

/** Labels are first the number of a pixel before in the component, from 1 up; a root is its own. */
function labelReference({ data, offset, shape: [height, width], stride }: View, labels: Int32Array, connectivity: 4 | 8): void {
  const rootOf = (label: number): number => {
    let root = label;
    while (labels[root - 1] !== root) {
      labels[root - 1] = labels[labels[root - 1] - 1];
      root = labels[root - 1];
    }
    return root;
  };
  const corner = connectivity === 8 ? 1 : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      labels[at] = data[offset + y * stride[0] + x] === 0 ? 0 : at + 1;
      if (labels[at] === 0) continue;
      const join = (neighbour: number): void => {
        if (labels[neighbour] === 0) return;
        const [a, b] = [rootOf(neighbour + 1), rootOf(at + 1)];
        labels[Math.max(a, b) - 1] = Math.min(a, b);
      };
      if (x > 0) join(at - 1);
      if (y === 0) continue;
      for (let side = Math.max(-corner, -x); side <= corner && x + side < width; side++) join(at - width + side);
    }
  }
  // What a label points to stands before it and has its final number already.
  let count = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] > 0) labels[i] = labels[i] === i + 1 ? ++count : labels[labels[i] - 1];
  }
}

/** Measures the components, by runs of one label. */
function componentsOf(labels: Int32Array, width: number, height: number): Component[] {
  const components: Component[] = [];
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0, end = 0; x < width; x = end) {
      const label = labels[row + x];
      for (end = x + 1; end < width && labels[row + end] === label; end++);
      if (label === 0) continue;
      // While counting, width and height are the ends of the box, cx and cy sums.
      if (label > components.length) components.push({ label, area: 0, x, y, width: end, height: y, cx: 0, cy: 0 });
      const each = components[label - 1];
      const run = end - x;
      each.area += run;
      each.x = Math.min(each.x, x);
      each.width = Math.max(each.width, end);
      each.height = y + 1;
      each.cx += (run * (x + end - 1)) / 2;
      each.cy += run * y;
    }
  }
  for (const each of components) {
    each.width -= each.x;
    each.height -= each.y;
    each.cx /= each.area;
    each.cy /= each.area;
  }
  return components;
}
