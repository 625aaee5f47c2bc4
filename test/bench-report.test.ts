/** The pages of bench/results say by how much a goal is missed, and why. */
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const report = () => import(pathToFileURL(`${__dirname}/../bench/report.mjs`).href);
const times = {
  NumPy: { median: 4, samples: [4, 4, 6, 3, 4] },
  ours: { median: 2, samples: [2, 2, 2, 2, 4] },
  'one thread': { median: 3, samples: [3], figures: { MB: 20 } },
};

test('a missed goal stands in the results with its shortfall and the reason', async () => {
  const { outcome, page } = await report();
  const goals = [
    outcome(times, 'NumPy', 'ours', { ratio: 1.5, why: 'a reason nobody needs' }),
    outcome(times, 'NumPy', 'ours', { ratio: 8, why: 'memory speed' }),
    outcome(times, 'one thread', 'ours', 2),
    outcome(times, 5, 'one thread', 1, 'MB'),
    outcome(times, 'NumPy', 'ours', 2.5),
    outcome(times, 'ours', 'NumPy', 0.6),
  ];
  expect(goals.map(({ met }) => met)).toEqual([true, false, false, false, false, false]);
  const text = page('A suite', 'A machine', [{ name: 'a row', times, goals }]);
  expect(text.split('## Not reached')[1].trim().split('\n').slice(2)).toEqual([
    '| a row | NumPy ÷ ours = 2.00 (goal 8) | 1.50 to 2.00 | 75 % | memory speed |',
    '| a row | one thread ÷ ours = 1.50 (goal 2) |  | 25 % | not yet explained |',
    '| a row | MB: one thread 20.0 (goal 5.00) |  | 75 % | not yet explained |',
    '| a row | NumPy ÷ ours = 2.00 (goal 2.5) | 1.50 to 2.00 | 20 % | not yet explained |',
    '| a row | ours ÷ NumPy = 0.50 (goal 0.6) | 0.50 to 0.67 | 17 % | reached in at least a quarter of the rounds |',
  ]);
  expect(text).not.toContain('nobody needs');
});

test('where all goals are reached nothing is listed', async () => {
  const { outcome, page } = await report();
  expect(page('A suite', 'A machine', [{ name: 'a row', times, goals: [outcome(times, 'NumPy', 'ours', 2)] }])).not.toContain('Not reached');
});
