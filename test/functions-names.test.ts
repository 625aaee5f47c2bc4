/** Which words of a function's text are variables from outside: V8 decides, and nothing else in the text is mistaken for one. */
import { describe, test } from 'vitest';
import { same } from './support/shipped';

type Any = any;

const k = 3;

describe('which names are free', () => {
  const a = 1;
  const b = 2;
  test('parameters, locals and inner functions shadow', () =>
    same((k: number) => {
      const a = 5;
      {
        const b = a + 1;
        return [k, a, b, ((a) => a + b)(7)];
      }
    }, 1));
  test('a var in the body does not hide what default parameters see', () =>
    same((x = a, get = () => a) => {
      var a = 100;
      return [x, get(), a];
    }));
  test('default parameters and destructuring use outer names', () =>
    same(({ x, y: [z = k] = [] }: Any, { w = x + k, ...rest }: Any = { v: a }) => [x, z, w, rest], { x: 1 }));
  test('properties, keys, labels, strings, comments and regular expressions are not names', () =>
    same((x: string) => {
      const o = { unknownName: 1, k: { table: 2 } }; // scale(k)
      /* remember(scale) */
      // biome-ignore lint/suspicious/noLabelVar: that is the case under test
      k: for (;;) {
        for (;;) break k;
      }
      return [o.k.table, `text ${o.unknownName} b`, x.replace(/[/'"`]scale/g, '').length / 2 / 1, o?.k, /k/.test('k')];
    }, 'xyz'));
  test('templates, nested ones too', () => same(() => `${`${k}`}-${((s) => `${s}}`)(`{${b}`)}\${no}`));
  test('a regular expression after a parenthesis, a division after another', () =>
    same((x: number) => {
      if (x) /`/.test('k');
      return (x + 1) / k / 2;
    }, 5));
  test('typeof of what is declared nowhere', () => same(() => [typeof notDeclaredAnywhere, typeof k]));
  test('eval sees the variables whose names are in the text', () =>
    // biome-ignore lint/security/noGlobalEval: that is the case under test
    same(() => eval('k + 1') as number));
  test('arguments of the function itself', () =>
    same(function () {
      return [arguments.length, (() => arguments[0])(), k];
    }, 7));
  test('catch, class, for and function scopes', () =>
    same(() => {
      const out: unknown[] = [];
      try {
        throw 1;
      } catch (k) {
        out.push(k);
      }
      for (const k of [8]) out.push(k);
      class Local {
        k = k;
        static #hidden = k;
        static get hidden() {
          return Local.#hidden;
        }
      }
      return [...out, new Local().k, Local.hidden];
    }));
});
