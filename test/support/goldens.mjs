/** Runs every golden and prints what is further away than it may be. */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { info } from 'everycore';
import * as kernels from 'everycore/image';

const folder = new URL('../goldens/', import.meta.url);
const { images, rows } = JSON.parse(readFileSync(new URL('goldens.json', folder), 'utf8'));
const bytes = new Uint8Array(inflateSync(readFileSync(new URL('goldens.z', folder))));
const types = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};

function arrayAt(at, length, dtype) {
  const type = types[dtype];
  return new type(bytes.slice(at, at + length * type.BYTES_PER_ELEMENT).buffer);
}

const inputs = Object.fromEntries(
  Object.entries(images).map(([name, { at, width, height, channels }]) => {
    const whole = kernels.Image.from({ data: bytes.slice(at, at + width * height * channels), width, height, channels });
    // A view inside a larger image must answer the same.
    const around = kernels.Image.alloc(width + 3, height + 2, channels);
    around.data.fill(201);
    const view = around.view(2, 1, width, height);
    for (let y = 0; y < height; y++) view.data.set(whole.data.subarray(y * width * channels, (y + 1) * width * channels), y * view.stride);
    return [name, [whole, view]];
  }),
);

const failures = [];
let checked = 0;
for (const { kernel, options, input, at, shape, dtype, tolerance } of rows) {
  const expected = arrayAt(
    at,
    shape.reduce((a, b) => a * b, 1),
    dtype,
  );
  const made = kernels[kernel](withTemplate(options ?? undefined));
  // 'a+b' are two images of one kernel.
  const [first, ...others] = input.split('+').map((name) => inputs[name]);
  for (const [i, image] of first.entries()) {
    checked++;
    const answer = made(image, ...others.map((each) => each[i]));
    const data = numbersOf(answer);
    let worst = data.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
    for (let k = 0; k < expected.length && worst < Number.POSITIVE_INFINITY; k++) {
      const far = Math.abs(data[k] - expected[k]);
      if (!(far <= worst) && !Object.is(data[k], expected[k])) worst = Number.isNaN(far) ? Number.POSITIVE_INFINITY : far;
    }
    if (worst > tolerance)
      failures.push(`${kernel}(${JSON.stringify(options)}) of ${input}${i === 1 ? ' as a view' : ''}: ${worst} apart, ${tolerance} allowed`);
  }
}
console.log(JSON.stringify({ isa: info().isa, checked, failures: failures.slice(0, 50) }));

/** A template is a part of an image. */
function withTemplate(options) {
  if (options?.template === undefined) return options;
  const { image, x, y, width, height } = options.template;
  return { ...options, template: inputs[image][0].view(x, y, width, height) };
}

/** The numbers of whatever a kernel answers: an Image without gaps, a typed array, a number. */
function numbersOf(answer) {
  if (typeof answer === 'number') return [answer];
  if (ArrayBuffer.isView(answer)) return answer;
  if (Array.isArray(answer)) return answer.flatMap((each) => (typeof each === 'number' ? [each] : [...numbersOf(each)]));
  return answer.data ?? answer.labels;
}
