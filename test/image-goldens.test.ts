/** Image kernels against what OpenCV, Pillow and friends answer (test/goldens/make.py), on every CPU level and in TypeScript. */

import { describe, expect, test } from 'vitest';
import { levels } from './every-level';
import { run } from './run-program';

const ways = [...levels.map((isa) => ({ EVERYCORE_ISA: isa })), { EVERYCORE_NATIVE: '0' }];

describe.each(ways)('%o', (env) => {
  test('every golden', async () => {
    const { code, stdout, stderr } = await run(['test/support/goldens.mjs'], { env, timeout: 240_000 });
    expect(code, stderr).toBe(0);
    const { checked, failures, isa } = JSON.parse(stdout);
    expect(isa).toBe('EVERYCORE_ISA' in env ? env.EVERYCORE_ISA.replace('vnni', '') : 'js');
    expect(failures).toEqual([]);
    expect(checked).toBeGreaterThan(100);
  }, 260_000);
});
