/** Runs the goldens of a file in test/goldens, colour.json or depths.json, and prints what is further away than it may be. */
import { readFileSync } from 'node:fs';
import { info } from 'everycore';
import * as kernels from 'everycore/image';

const { images, rows } = JSON.parse(readFileSync(new URL(`../goldens/${process.argv[2]}`, import.meta.url), 'utf8'));
const types = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array, float64: Float64Array };

function numbersOf({ dtype, data }) {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return new types[dtype](bytes.buffer);
}

function imageOf(packed) {
  const [height, width, channels] = packed.shape;
  return kernels.Image.from({ data: numbersOf(packed), width, height, channels });
}

/** Options hold arrays and images by their names, tables of words by two numbers. */
function optionOf(value) {
  if (value?.words !== undefined) return Uint16Array.from({ length: 65536 }, (_, x) => x * value.words[0] + value.words[1]);
  if (value?.numbers !== undefined) return numbersOf(images[value.numbers]);
  return value?.image === undefined ? value : imageOf(images[value.image]);
}

/** The numbers of whatever a kernel answers: an image or tensor of the expected shape, a hash, statistics. */
function answered(answer, shape) {
  if (typeof answer === 'string') return Buffer.from(answer, 'hex');
  if (Array.isArray(answer)) return answer.flatMap(({ mean, std, min, max }) => [mean, std, min, max]);
  const own = answer.shape ?? [answer.height, answer.width, answer.channels];
  return String(own) === String(shape) ? answer.data : [];
}

const failures = [];
for (const { kernel, options, input, expected, tolerance } of rows) {
  const entries = Object.entries(options).map(([key, value]) => [key, optionOf(value)]);
  const made = kernels[kernel](entries.length === 0 ? undefined : Object.fromEntries(entries));
  const wanted = numbersOf(expected);
  const numbers = answered(made(imageOf(images[input])), expected.shape);
  let worst = numbers.length === wanted.length ? 0 : Number.POSITIVE_INFINITY;
  wanted.forEach((value, i) => {
    const far = Math.abs(numbers[i] - value);
    if (!(far <= worst)) worst = far;
  });
  if (!(worst <= tolerance)) failures.push(`${kernel}(${JSON.stringify(options)}) of ${input}: ${worst} apart, ${tolerance} allowed`);
}
console.log(JSON.stringify({ isa: info().isa, checked: rows.length, failures }));
