/** The generated parts of the documentation are what the code says. */
import { expect, test } from 'vitest';
import { run } from './run-program';

test('docs/kernels.md and the README table are up to date', async () => {
  const { code, stderr } = await run(['scripts/docs.mjs', '--check']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
});
