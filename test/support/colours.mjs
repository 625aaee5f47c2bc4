/**
 * Digests of all 2²⁴ colours in each colour space, and of all numbers there back in RGB; in TypeScript, which takes long,
 * of every 97th. Run by the tests once per CPU level, in a process of its own; `--write` prints them all.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { info } from 'everycore';
import { convertColor, Image } from 'everycore/image';

const spaces = ['gray', 'hsv', 'hsl', 'lab', 'ycbcr', 'xyz'];
const file = new URL('../goldens/colours.json', import.meta.url);

/** Every `step`th colour, all of them in rows of 4096. */
function colours(step) {
  const count = Math.ceil(2 ** 24 / step);
  const image = step === 1 ? Image.alloc(4096, 4096, 3) : Image.alloc(count, 1, 3);
  for (let i = 0, colour = 0; i < count; i++, colour += step) {
    image.data[3 * i] = colour >> 16;
    image.data[3 * i + 1] = (colour >> 8) & 255;
    image.data[3 * i + 2] = colour & 255;
  }
  return image;
}

const found = {};
for (const step of info().isa === 'js' ? [97] : [1, 97]) {
  const image = colours(step);
  const add = (name, options) => {
    found[`${name}, every ${step}`] = createHash('sha1').update(convertColor(options)(image).data).digest('base64').slice(0, 12);
  };
  for (const to of spaces) add(`to ${to}`, { to });
  for (const from of spaces.slice(1)) add(`from ${from}`, { from, to: 'rgb' });
}
if (process.argv.includes('--write')) {
  console.log(JSON.stringify(found, undefined, 1));
} else {
  const expected = JSON.parse(readFileSync(file, 'utf8'));
  const wrong = Object.keys(found).filter((name) => found[name] !== expected[name]);
  console.log(JSON.stringify({ made: Object.keys(found).length, wrong }));
}
