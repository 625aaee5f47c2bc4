/**
 * remap, rotate, XYZ and colours in floats (test/goldens/colour.py), words and floats, blend modes and hashes
 * (test/goldens/depths.py) against OpenCV, Pillow, SciPy and scikit-image, on every CPU level and in TypeScript.
 */

import { describe, expect, test } from 'vitest';
import { levels } from './every-level';
import { run } from './run-program';

const ways = [...levels.map((isa) => ({ EVERYCORE_ISA: isa })), { EVERYCORE_NATIVE: '0' }];

describe.each(ways)('%o', (env) => {
  test.each(['colour.json', 'depths.json'])(
    'every golden of %s',
    async (file) => {
      const { code, stdout, stderr } = await run(['test/support/json-goldens.mjs', file], { env, timeout: 60_000 });
      expect(code, stderr).toBe(0);
      const { checked, failures, isa } = JSON.parse(stdout);
      expect(isa).toBe('EVERYCORE_ISA' in env ? env.EVERYCORE_ISA.replace('vnni', '') : 'js');
      expect(failures).toEqual([]);
      expect(checked).toBeGreaterThan(60);
    },
    90_000,
  );
});
