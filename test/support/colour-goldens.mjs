/** Runs the goldens of test/goldens/colour.json and prints what is further away than it may be. */
import { readFileSync } from 'node:fs';
import { info } from 'everycore';
import * as kernels from 'everycore/image';

const { images, rows } = JSON.parse(readFileSync(new URL('../goldens/colour.json', import.meta.url), 'utf8'));
const types = { uint8: Uint8Array, float32: Float32Array };

function numbersOf({ dtype, data }) {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return new types[dtype](bytes.buffer);
}

function imageOf(packed) {
  const [height, width, channels] = packed.shape;
  return kernels.Image.from({ data: numbersOf(packed), width, height, channels });
}

const failures = [];
for (const { kernel, options, input, expected, tolerance } of rows) {
  const entries = Object.entries(options).map(([key, value]) => [key, value?.numbers === undefined ? value : numbersOf(images[value.numbers])]);
  const answer = kernels[kernel](Object.fromEntries(entries))(imageOf(images[input]));
  const wanted = numbersOf(expected);
  const shape = [answer.height, answer.width, answer.channels];
  let worst = String(shape) === String(expected.shape) ? 0 : Number.POSITIVE_INFINITY;
  wanted.forEach((value, i) => {
    const far = Math.abs(answer.data[i] - value);
    if (!(far <= worst)) worst = far;
  });
  if (!(worst <= tolerance)) failures.push(`${kernel}(${JSON.stringify(options)}) of ${input}: ${worst} apart, ${tolerance} allowed`);
}
console.log(JSON.stringify({ isa: info().isa, checked: rows.length, failures }));
