/** Programs of test/support that try a kernel in thousands of ways, at every CPU level in a process of its own. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nativeState } from '../dist/native.js';
import { root, run } from './run-program';

/** All that EVERYCORE_ISA takes here: more than info() names. */
export const levels = nativeState().isas;

/**
 * @param program Prints { made: how many comparisons, wrong: what failed of them }.
 * @param enough Checks that as many were made as there should be.
 */
export function onEveryLevel(program: string, enough: (made: number) => void, { about = '', args = [] as string[], timeout = 60_000 } = {}): void {
  test.each(['js', ...levels])(
    `on the CPU level %s${about}`,
    async (isa) => {
      const { code, stdout, stderr } = await run([join(root, 'test', 'support', program), ...args], { env: { EVERYCORE_ISA: isa }, timeout });
      expect(code, stderr).toBe(0);
      const { made, wrong } = JSON.parse(stdout);
      expect(wrong).toEqual([]);
      enough(made);
    },
    timeout + 10_000,
  );
}
