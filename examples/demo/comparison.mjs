/** The table of the demo: pure JavaScript as one writes it and at its best, native on one thread and on all. */

import { gaussianBlur, grayscale, resize } from 'everycore/image';
import { square } from 'everycore/math';
import { Matrix, matmul } from 'everycore/matrix';
import * as image from '../../bench/baselines/image.mjs';
import * as math from '../../bench/baselines/math.mjs';
import * as matrix from '../../bench/baselines/matrix.mjs';
import { compare, duration, here, table } from '../../bench/harness.mjs';

export async function comparison(pool, photos) {
  const numbers = Float64Array.from({ length: 1e7 }, (_, i) => i % 1000);
  const squares = new Float64Array(numbers.length);
  const list = Array.from(numbers);
  const n = 1024;
  const a = Matrix.of(numbers.slice(0, n * n), n, n);
  const b = Matrix.of(numbers.slice(7, n * n + 7), n, n);
  const blur = gaussianBlur({ sigma: 4 });
  const gray = grayscale();
  const small = resize({ width: 160, height: 160, fit: 'fill' });
  const each = (kernel) => here(() => photos.map((photo) => kernel(photo)));

  const work = {
    [`blur ${photos.length} photographs, σ = 4`]: {
      naive: each((photo) => image.naive.gaussianBlur(photo, 4)),
      best: each((photo) => image.best.gaussianBlur(photo, 4)),
      one: each(blur),
      all: here(() => pool.map(blur, photos)),
    },
    [`grayscale of ${photos.length} photographs`]: {
      naive: each(image.naive.grayscale),
      best: each(image.best.grayscale),
      one: each(gray),
      all: here(() => pool.map(gray, photos)),
    },
    [`resize ${photos.length} photographs, Lanczos`]: {
      naive: each((photo) => image.naive.resize(photo, 160, 160)),
      best: each((photo) => image.best.resize(photo, 160, 160)),
      one: each(small),
      all: here(() => pool.map(small, photos)),
    },
    'square of 10,000,000 numbers': {
      naive: here(() => math.naive.square(list)),
      best: here(() => math.best.square(numbers, squares)),
      one: here(() => square(numbers, { out: squares })),
      all: here(() => pool.map(square, numbers, { out: squares })),
    },
    [`product of two ${n}×${n} matrices`]: {
      naive: here(() => matrix.naive.matmul(a.data, b.data, n)),
      best: here(() => matrix.best.matmul(a.data, b.data, n)),
      one: here(() => matmul(a, b)),
      all: here(() => pool.apply(matmul, [a, b])),
    },
  };

  const rows = [];
  for (const [name, contenders] of Object.entries(work)) {
    const times = await compare(contenders, { seconds: 1, patience: 250 });
    const { naive, best, one, all } = Object.fromEntries(Object.entries(times).map(([key, { median }]) => [key, median]));
    rows.push([
      name,
      duration(naive),
      duration(best),
      duration(one),
      duration(all),
      `${ratio(naive, all)}×`,
      `${ratio(best, all)}×`,
      `${ratio(one, all)}×`,
    ]);
  }
  const head = [
    '',
    'JS, as written',
    'JS, at its best',
    'native, 1 thread',
    `native, ${pool.processes} threads`,
    'vs JS',
    'vs best JS',
    'vs 1 thread',
  ];
  return table(head, rows);
}

function ratio(slow, fast) {
  const value = slow / fast;
  return value >= 10 ? Math.round(value) : value.toFixed(1);
}
