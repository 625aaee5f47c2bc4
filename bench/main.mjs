/**
 * Runs the benches and writes what they found to bench/results/.
 *
 *     npm run bench                     every suite
 *     npm run bench -- math matrix      some of them
 *     npm run bench -- image/median     the cases of one whose names hold a word; writes nothing
 *
 * A suite is a file in bench/suites that exports `title`, `threads` (how many Python peers may use) and
 * `cases(context)`, which yields { name, contenders, goals? }. A goal [slow, fast, ratio] says that the
 * contender `slow` should take at least `ratio` times as long as `fast`; [slow, fast, ratio, figure] says it of
 * another figure that both have (either may be a number). Contenders that have more than a time to tell have
 * `figures()`, and `close()` where something is to be ended.
 * Peers come from `bench/peers/setup`; without it their columns stay empty.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpuCount, Pool } from 'everycore';
import { compare, duration, table } from './harness.mjs';
import { machine } from './machine.mjs';
import { python } from './peers/python.mjs';

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

const { line, slug } = machine();
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
    const outcome = goals.map((each) => goal(times, ...each)).filter(({ ratio }) => Number.isFinite(ratio));
    results.push({ name: caseName, times, goals: outcome });
    const shown = Object.entries(times).map(
      ([contender, { median, figures }]) => `${contender} ${duration(median)}${figures ? ` (${told(figures)})` : ''}`,
    );
    console.log(`${caseName}: ${shown.join(', ')}${outcome.length > 0 ? ` | ${outcome.map(sentence).join('; ')}` : ''}`);
  }
  for (const peer of peers) peer.close();
  await pool.terminate();
  if (word.length === 0) write(name, suite, results);
}

function goal(times, slow, fast, wanted, figure) {
  const value = (of) => (typeof of === 'number' ? of : figure ? times[of]?.figures?.[figure] : times[of]?.median);
  const ratio = value(slow) / value(fast);
  return { slow, fast, wanted, figure, ratio, met: ratio >= wanted };
}

function sentence({ slow, fast, wanted, figure, ratio, met }) {
  const what = figure ? `${figure}: ` : '';
  const missed = met ? '' : ', not reached';
  // A number beside a contender is what it should stay below.
  if (typeof slow === 'number' && wanted === 1) {
    const [value, limit] = [slow / ratio, slow].map(figure ? rounded : duration);
    return `${what}${fast} ${value} (goal ${limit}${missed})`;
  }
  return `${what}${slow} ÷ ${fast} = ${ratio.toFixed(2)} (goal ${Number(wanted.toFixed(2))}${missed})`;
}

function told(figures) {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${rounded(value)}`)
    .join(', ');
}

function rounded(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A table for each case whose contenders have more to tell than times. */
function figureTables(results) {
  return results.flatMap(({ name, times }) => {
    const rows = Object.entries(times).filter(([, { figures }]) => figures);
    if (rows.length === 0) return [];
    const heads = Object.keys(rows[0][1].figures);
    return [
      `${name}:\n\n${table(
        ['', ...heads],
        rows.map(([contender, { figures }]) => [contender, ...heads.map((head) => rounded(figures[head]))]),
      )}\n`,
    ];
  });
}

function write(name, suite, results) {
  const target = new URL(`./results/${slug}/`, import.meta.url);
  mkdirSync(target, { recursive: true });
  const columns = [...new Set(results.flatMap(({ times }) => Object.keys(times)))];
  const goals = results.some((result) => result.goals.length > 0);
  const rows = results.map((result) => [
    result.name,
    ...columns.map((column) => duration(result.times[column]?.median)),
    ...(goals ? [result.goals.map(sentence).join('; ')] : []),
  ]);
  const head = ['', ...columns, ...(goals ? ['goals'] : [])];
  const intro = `# ${suite.title}\n\n${line}\n\nMedians of interleaved rounds in one run; goals are ratios of medians.`;
  const text = [`${intro}\n\n${table(head, rows)}\n`, ...figureTables(results)].join('\n');
  writeFileSync(new URL(`${name}.md`, target), text);
  writeFileSync(new URL(`${name}.json`, target), `${JSON.stringify({ machine: line, title: suite.title, results }, null, 1)}\n`);
}
