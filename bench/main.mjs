/**
 * Runs the benches and writes what they found to bench/results/.
 *
 *     npm run bench                     every suite
 *     npm run bench -- math matrix      some of them
 *     npm run bench -- image/median     the cases of one whose names hold a word; writes nothing
 *     EVERYCORE_ISA=avx2 OPENCV_CPU_DISABLE=AVX512-SKX npm run bench -- image
 *                                       a lower CPU level, on both sides
 *
 * A suite is a file in bench/suites that exports `title`, `threads` (how many Python peers may use) and
 * `cases(context)`, which yields { name, contenders, goals? }. A goal [slow, fast, ratio] says that the
 * contender `slow` should take at least `ratio` times as long as `fast`; [slow, fast, ratio, figure] says it of
 * another figure that both have (either may be a number). Where it is known why a goal is not reached, the
 * ratio is { ratio, why }: the results print the reason, or what it makes of the times, beside what is missing. Contenders that have more
 * than a time to tell have `figures()`, and `close()` where something is to be ended.
 * Peers come from `bench/peers/setup`; without it their columns stay empty.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpuCount, Pool } from 'everycore';
import { compare, duration } from './harness.mjs';
import { machine } from './machine.mjs';
import { python } from './peers/python.mjs';
import { outcome, page, sentence, told, unexplained } from './report.mjs';

const folder = new URL('./suites/', import.meta.url);
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -4))
  .sort();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name.split('/')[0]));
if (unknown.length > 0) {
  console.error(`no suite is called ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}

const { line, slug, lower } = machine();
console.log(`${line}\n`);
for (const name of asked.length > 0 ? asked : known) await runSuite(name);

async function runSuite(choice) {
  const [name, ...word] = choice.split('/');
  const wanted = (caseName) => caseName.includes(word.join('/'));
  const suite = await import(new URL(`${name}.mjs`, folder));
  const pool = new Pool();
  const peers = [];
  const context = {
    pool,
    threads: cpuCount(),
    /** Whether a case was asked for: saves a suite the setting up of others. */
    wanted,
    /** A Python interpreter with these modules, in which `prelude` has run, or null where they are not installed. */
    async python(modules, threads, prelude) {
      const peer = await python(modules, { threads, prelude });
      if (peer !== null) peers.push(peer);
      return peer;
    },
    /** A package of bench/peers, or null where it is not installed. */
    async peer(packageName) {
      try {
        const { createRequire } = await import('node:module');
        return await import(createRequire(new URL('./peers/package.json', import.meta.url)).resolve(packageName));
      } catch {
        return null;
      }
    },
  };
  console.log(`# ${suite.title}`);
  const results = [];
  for await (const { name: caseName, contenders, goals = [], options } of suite.cases(context)) {
    if (!wanted(caseName)) continue;
    const present = Object.fromEntries(Object.entries(contenders).filter(([, contender]) => contender));
    const times = await compare(present, options);
    for (const [contender, { figures, close }] of Object.entries(present)) {
      if (figures) times[contender].figures = figures();
      close?.();
    }
    const outcomes = goals.map((goal) => explained(outcome(times, ...goal))).filter(({ ratio }) => Number.isFinite(ratio));
    results.push({ name: caseName, times, goals: outcomes });
    const shown = Object.entries(times).map(
      ([contender, { median, figures }]) => `${contender} ${duration(median)}${figures ? ` (${told(figures)})` : ''}`,
    );
    console.log(`${caseName}: ${shown.join(', ')}${outcomes.length > 0 ? ` | ${outcomes.map(sentence).join('; ')}` : ''}`);
  }
  for (const peer of peers) peer.close();
  await pool.terminate();
  if (word.length === 0) write(name, suite, results);
}

function write(name, suite, results) {
  const target = new URL(`./results/${slug}/`, import.meta.url);
  mkdirSync(target, { recursive: true });
  writeFileSync(new URL(`${name}.md`, target), page(suite.title, line, results));
  writeFileSync(new URL(`${name}.json`, target), `${JSON.stringify({ machine: line, title: suite.title, results }, withoutSamples, 1)}\n`);
}

/** What is meant for the machine's own CPU level needs no other reason at a lower one. */
function explained(outcome) {
  return lower && outcome.why === unexplained ? { ...outcome, why: 'at a lower CPU level than the machine’s own' } : outcome;
}

function withoutSamples(key, value) {
  return key === 'samples' ? undefined : value;
}
