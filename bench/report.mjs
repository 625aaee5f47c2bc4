/** What a suite found as text: whether its goals are reached, and where not, by how much and why; the page of bench/results. */
import { duration, table } from './harness.mjs';

/** What the results say where nobody has given a reason. */
export const unexplained = 'not yet explained';

/**
 * Whether `slow` takes at least `goal` times as long as `fast`.
 * @param goal The ratio, or { ratio, why }: what keeps it from being reached, where that is known; a text, or what makes one of the times.
 * @param figure What to compare where it is not the time.
 */
export function outcome(times, slow, fast, goal, figure) {
  const { ratio: wanted, why } = typeof goal === 'number' ? { ratio: goal } : goal;
  const value = (of) => (typeof of === 'number' ? of : figure ? times[of]?.figures?.[figure] : times[of]?.median);
  const ratio = value(slow) / value(fast);
  const met = ratio >= wanted;
  const spread = figure ? undefined : spreadOf(times[slow]?.samples, times[fast]?.samples);
  const reached = spread && spread[1] >= wanted;
  return {
    slow,
    fast,
    wanted,
    figure,
    ratio,
    met,
    spread,
    ...(met
      ? {}
      : { why: (typeof why === 'function' ? why(times) : why) ?? (reached ? 'reached in at least a quarter of the rounds' : unexplained) }),
  };
}

/** Between which ratios the middle half of the rounds lies; nothing where one of both was measured once. */
function spreadOf(slow, fast) {
  if (!(slow?.length > 1 && slow.length === fast?.length)) return undefined;
  const ratios = slow.map((time, round) => time / fast[round]).sort((a, b) => a - b);
  const quarter = Math.floor(ratios.length / 4);
  return [ratios[quarter], ratios[ratios.length - 1 - quarter]];
}

/** An outcome in a line. */
export function sentence(outcome) {
  const { what, now, goal } = inWords(outcome);
  return `${what} ${now} (goal ${goal}${outcome.met ? '' : ', not reached'})`;
}

function inWords({ slow, fast, wanted, figure, ratio }) {
  const what = figure ? `${figure}: ` : '';
  // A number beside a contender is what it should stay below.
  if (typeof slow === 'number' && wanted === 1) {
    const [now, goal] = [slow / ratio, slow].map(figure ? rounded : duration);
    return { what: `${what}${fast}`, now, goal };
  }
  return { what: `${what}${slow} ÷ ${fast} =`, now: ratio.toFixed(2), goal: Number(wanted.toFixed(2)) };
}

export function told(figures) {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${rounded(value)}`)
    .join(', ');
}

function rounded(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The page of a suite: all times, what contenders have to tell beside them, and the goals that are not reached. */
export function page(title, machine, results) {
  const intro = `# ${title}\n\n${machine}\n\nMedians of interleaved rounds in one run; goals are ratios of medians.`;
  return [`${intro}\n\n${timeTable(results)}\n`, ...figureTables(results), ...missedTable(results)].join('\n');
}

function timeTable(results) {
  const columns = [...new Set(results.flatMap(({ times }) => Object.keys(times)))];
  const goals = results.some((result) => result.goals.length > 0);
  const rows = results.map((result) => [
    result.name,
    ...columns.map((column) => duration(result.times[column]?.median)),
    ...(goals ? [result.goals.map(sentence).join('; ')] : []),
  ]);
  return table(['', ...columns, ...(goals ? ['goals'] : [])], rows);
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

/** What falls short, by how much and why. */
function missedTable(results) {
  const rows = results.flatMap(({ name, goals }) =>
    goals
      .filter(({ met }) => !met)
      .map((goal) => [
        name,
        sentence(goal).replace(', not reached', ''),
        goal.spread?.map((ratio) => ratio.toFixed(2)).join(' to ') ?? '',
        `${Math.ceil(100 * (1 - goal.ratio / goal.wanted))} %`,
        goal.why,
      ]),
  );
  if (rows.length === 0) return [];
  return [
    `## Not reached\n\n${table(['', 'goal', 'half of the rounds', 'short by', 'why'], rows).replace(/^(\| --- \|).*$/m, '$1 --- | ---: | ---: | --- |')}\n`,
  ];
}
