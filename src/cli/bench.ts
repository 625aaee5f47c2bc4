/** `everycore bench`: a kernel of each kind natively, on all cores and on one thread, against the same in TypeScript. */

import { cpuCount } from '../cpu-count';
import { compute } from '../executors/inline';
import { Image } from '../image/image';
import { type Declaration, declarationOf } from '../kernels/kernel';
import { native } from '../native';
import { imageKernels } from '../pipeline/image-kernels';
import { Pool } from '../pool/pool';
import { numberValue, parseCommand } from './arguments';

interface Case {
  readonly name: string;
  readonly kernel: unknown;
  readonly args: () => unknown[];
}

interface Row {
  readonly name: string;
  /** Milliseconds a call: the median. */
  readonly typescript: number;
  readonly oneThread: number;
  readonly allThreads: number;
}

export async function benchCommand(args: readonly string[]): Promise<number> {
  const parsed = parseCommand(args, { json: { type: 'boolean' }, seconds: { type: 'string' } });
  const seconds = parsed.has('seconds') ? numberValue('seconds', parsed.value('seconds'), { min: 0.1, max: 3600 }) : 60;
  if (native() === null) throw new Error('there is no native binary to compare with; everycore info says why');
  const cases = allCases();
  const pool = new Pool();
  const rows: Row[] = [];
  try {
    for (const each of cases) {
      rows.push(await measure(each, pool, (seconds * 1000) / cases.length));
      if (!parsed.has('json') && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${rows.length}/${cases.length} ${each.name}`);
    }
  } finally {
    await pool.terminate();
  }
  if (!parsed.has('json') && process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  process.stdout.write(parsed.has('json') ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
  return 0;
}

function allCases(): Case[] {
  const { square, sum, add } = require('../math') as typeof import('../math');
  const { matmul } = require('../matrix') as { matmul?: unknown };
  const { Matrix } = require('../matrix/matrix') as typeof import('../matrix/matrix');
  const numbers = Float64Array.from({ length: 1e6 }, (_, i) => i / 7);
  const cases: Case[] = [
    { name: 'square of 1e6 f64', kernel: square, args: () => [numbers] },
    { name: 'add of 1e6 f64', kernel: add, args: () => [numbers, numbers] },
    { name: 'sum of 1e6 f64', kernel: sum, args: () => [numbers] },
  ];
  const matrix = Matrix.of(numbers.slice(0, 384 * 384), 384, 384);
  if (matmul !== undefined) cases.push({ name: 'matmul 384 × 384 f64', kernel: matmul, args: () => [matrix, matrix] });
  return [...cases, ...imageCases()];
}

/** A picture of 1.5 megapixels, as noisy as a photograph's worst parts. */
function imageCases(): Case[] {
  const image = Image.alloc(1500, 1000, 3);
  for (let i = 0, state = 1; i < image.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    image.data[i] = state >>> 24;
  }
  const wanted: [name: string, kernel: string, options?: object][] = [
    ['gaussianBlur σ 2, 1.5 MP', 'gaussianBlur', { sigma: 2 }],
    ['grayscale, 1.5 MP', 'grayscale'],
    ['resize to 500, 1.5 MP', 'resize', { width: 500 }],
  ];
  return wanted.flatMap(([name, kernel, options]) => {
    const make = imageKernels().get(kernel);
    return make === undefined ? [] : [{ name, kernel: options === undefined ? make() : make(options), args: () => [image] }];
  });
}

/** The three ways in turn, so that a busy moment of the machine doesn't fall on one of them alone. */
async function measure({ name, kernel, args }: Case, pool: Pool, ms: number): Promise<Row> {
  const declaration = declarationOf(kernel) as Declaration;
  const ways = {
    typescript: () => declaration.call(args(), undefined).reference(),
    oneThread: () => compute(declaration.call(args(), undefined)),
    allThreads: () => pool.apply(kernel as never, args() as never),
  };
  const times: Record<keyof typeof ways, number[]> = { typescript: [], oneThread: [], allThreads: [] };
  const until = performance.now() + ms;
  do {
    for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
      const startedAt = performance.now();
      await ways[way]();
      times[way].push(performance.now() - startedAt);
    }
  } while (performance.now() < until || times.typescript.length < 3);
  return { name, typescript: median(times.typescript), oneThread: median(times.oneThread), allThreads: median(times.allThreads) };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Number(sorted[sorted.length >> 1].toPrecision(4));
}

function table(rows: readonly Row[]): string {
  const head = ['kernel', 'TypeScript', '1 thread', `${cpuCount()} threads`, 'gain'];
  const lines = rows.map(({ name, typescript, oneThread, allThreads }) => {
    const gain = `${(typescript / allThreads).toFixed(1)}×`;
    return [name, `${typescript} ms`, `${oneThread} ms`, `${allThreads} ms`, gain];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)));
  const line = (cells: readonly string[]) => cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return `${[head, ...lines].map(line).join('\n')}\n`;
}
