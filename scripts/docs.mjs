/**
 * Writes the generated parts of the documentation: docs/kernels.md from the table of kernels, and the
 * benchmark table of README.md from the newest results in bench/results. `--check` writes nothing and
 * fails when a file is not what it would become.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kernels } from 'everycore';
import { duration, table } from '../bench/harness.mjs';

const root = new URL('..', import.meta.url);
const checking = process.argv.includes('--check');
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const stale = [];

put('docs/kernels.md', kernelTables());
put('README.md', withBenchmarks(read('README.md')));
if (stale.length > 0) {
  console.error(`${stale.join(' and ')} must be written anew: npm run docs`);
  process.exit(1);
}

function put(path, text) {
  if (existsSync(new URL(path, root)) && read(path) === text) return;
  if (checking) stale.push(path);
  else {
    writeFileSync(new URL(path, root), text);
    console.log(`written: ${fileURLToPath(new URL(path, root))}`);
  }
}

function kernelTables() {
  const all = kernels();
  const sections = ['math', 'matrix', 'image'].map((entry) => {
    const rows = all
      .filter((kernel) => kernel.entry === entry)
      .sort((a, b) => a.family.localeCompare(b.family) || a.name.localeCompare(b.name))
      .map(({ name, family, dtypes, summary }) => [`\`${name}\``, family, dtypes.join(' '), summary.replaceAll('|', '\\|')]);
    return `## \`everycore/${entry}\`\n\n${rows.length} kernels.\n\n${table(['kernel', 'family', 'dtypes', 'answers'], rows)
      .replace(/\| ---: /g, '| --- ')
      .replace('---: |', '--- |')}\n`;
  });
  return `# Kernels\n\nWritten by \`npm run docs\` from \`kernels()\`; the types and docstrings say more. Called directly a kernel runs on the calling thread; through a Pool it runs on every core.\n\n${sections.join('\n')}`;
}

/** Which rows of which suite the README shows, and which contender is the peer beside JavaScript. */
function withBenchmarks(readme) {
  const shown = [
    ['math', 'square f64 10000000, with out', 'best JS', 'NumPy'],
    ['math', 'sum f64 10000000', 'best JS', 'NumPy'],
    ['matrix', 'matmul f32 1024×1024', 'best JS', 'NumPy, 2 threads'],
    ['matrix', 'matmul f64 512×512', 'best JS', 'NumPy, 2 threads'],
    ['image', 'resize lanczos3 → 1000×750', 'best JS', 'sharp'],
    ['image', 'gaussianBlur σ = 5', 'best JS', 'OpenCV'],
    ['image', 'grayscale', 'best JS', 'OpenCV'],
  ];
  const folder = new URL('bench/results/', root);
  const machines = existsSync(folder) ? readdirSync(folder).sort() : [];
  const suites = {};
  /** Whose figures they are: results of other suites may come from other machines. */
  const lines = new Set();
  for (const machine of machines) {
    for (const file of readdirSync(new URL(`${machine}/`, folder)).filter((name) => name.endsWith('.json'))) {
      const { machine: named, results } = JSON.parse(readFileSync(new URL(`${machine}/${file}`, folder), 'utf8'));
      const suite = file.slice(0, -5);
      // A machine's line ends in the date.
      if (!suites[suite] || named.slice(-10) >= suites[suite].named.slice(-10)) suites[suite] = { named, results };
    }
  }
  const rows = shown.flatMap(([suite, name, js, peer]) => {
    const times = suites[suite]?.results.find((result) => result.name === name)?.times;
    if (!times) return [];
    lines.add(suites[suite].named);
    const all = Object.keys(times).find((contender) => /^native, \d+ threads$/.test(contender));
    const one = times['native, 1 thread'].median;
    const best = times[all].median;
    const beside = times[peer] ? `${duration(times[peer].median)} (${peer})` : '–';
    return [
      [
        name,
        duration(times[js].median),
        beside,
        duration(one),
        duration(best),
        `${ratio(times[js].median / best)}×`,
        times[peer] ? `${ratio(times[peer].median / best)}×` : '–',
      ],
    ];
  });
  const text =
    rows.length === 0
      ? ''
      : `${table(['', 'best JS', 'peer (1 thread unless said)', 'native, 1 thread', 'native, all threads', 'vs best JS', 'vs peer'], rows)}\n\n${[...lines].join('  \n')}\n`;
  return readme.replace(/(<!-- benchmarks -->\n)[\s\S]*?(<!-- \/benchmarks -->)/, (_, begin, end) => begin + text + end);
}

function ratio(value) {
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
