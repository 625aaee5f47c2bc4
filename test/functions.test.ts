/** Functions that travel: every kind of function and captured value, sent and made again. */

import * as fs from 'node:fs';

import os from 'node:os';
import path, { join } from 'node:path';

import { describe, expect, test } from 'vitest';
import { FunctionNotShippableError } from '../dist/errors.js';
import { shipFunction } from '../dist/functions/index.js';
import { receiveFunction } from '../dist/functions/receive.js';
import { gaussianBlur, Image } from '../dist/image.js';
import { square } from '../dist/math.js';
import { Matrix } from '../dist/matrix.js';
import Point, * as library from './fixtures/functions/library.mjs';
import { factor, scale, table } from './fixtures/functions/library.mjs';
import { same, sent } from './support/shipped';

type Any = any;

const k = 3;

describe('kinds of functions', () => {
  test('declarations, expressions, arrows', async () => {
    function declared(x: number) {
      return x + k;
    }
    await same(declared, 1);
    await same(function named(n: number): number {
      return n < 2 ? 1 : n * named(n - 1);
    }, 5);
    await same((x: number) => x * k, 2);
    expect((await sent(declared)).name).toBe('declared');
    expect((await sent(declared)).length).toBe(1);
  });
  test('async functions, generators, async generators', async () => {
    await same(async (x: number) => (await Promise.resolve(x)) + k, 1);
    const generate = await sent(function* (n: number) {
      for (let i = 0; i < n; i++) yield i * k;
    });
    expect([...generate(3)]).toEqual([0, 3, 6]);
    const later = await sent(async function* () {
      yield k;
    });
    for await (const value of later()) expect(value).toBe(3);
  });
  test('methods that do without this', async () => {
    const name = 'computed name';
    const object = {
      plain(x: number) {
        return x + k;
      },
      async later(x: number) {
        return x + k;
      },
      *[name]() {
        yield k;
      },
      'a string'(x: number) {
        return function (this: unknown) {
          return [typeof this, x];
        }.call(undefined);
      },
      get(x: number) {
        return x;
      },
      async(x: number) {
        return x;
      },
    };
    await same(object.plain, 1);
    await same(object.later, 1);
    await same(object['a string'], 1);
    await same(object.get, 1);
    await same(object.async, 1);
    expect([...(await sent(object[name]))()]).toEqual([3]);
    expect((await sent(object[name])).name).toBe('computed name');
  });
  test('recursion through a constant, and through each other', async () => {
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    const even = (n: number): boolean => n === 0 || odd(n - 1);
    const odd = (n: number): boolean => n !== 0 && even(n - 1);
    await same(factorial, 6);
    await same((n: number) => [even(n), odd(n)], 7);
  });
  test('functions made by functions, and in loops', async () => {
    const adder = (n: number) => (x: number) => x + n + k;
    await same(adder(10), 1);
    const made: (() => number)[] = [];
    for (let i = 0; i < 3; i++) made.push(() => i);
    for (const fn of made) await same(fn);
  });
  test('own properties of a function travel', async () => {
    const counted = Object.assign((x: number) => x + counted.step, { step: 4 });
    await same(counted, 1);
  });
});

describe('captured values', () => {
  test('numbers to typed arrays', () => {
    const values = {
      numbers: [1.5, Number.NaN, Infinity],
      big: 10n,
      text: 'ü',
      yes: true,
      none: null,
      missing: undefined,
      map: new Map<unknown, unknown>([['a', { deep: [1, 2] }]]),
      set: new Set([1, 'b']),
      date: new Date(5),
      pattern: /a(b)/gi,
      floats: Float32Array.of(1, 2),
      view: new DataView(new ArrayBuffer(4)),
      buffer: new Uint8Array([1, 2]).buffer,
      nothing: Object.create(null),
    };
    return same(() => values);
  });
  test('negative zero', async () => {
    const zero = 0;
    const minus = -0;
    expect((await sent(() => [Object.is(zero, 0), Object.is(minus, -0)]))()).toEqual([true, true]);
  });
  test('shared identity and cycles, in data and through functions', async () => {
    const shared = { list: [1] };
    const first = { shared, use: () => shared };
    const ring: Any = { name: 'ring', map: new Map() };
    ring.self = ring;
    ring.map.set('ring', ring);
    ring.fn = () => ring;
    const copy = await sent(() => [
      first.shared === shared,
      first.use() === shared,
      ring.self === ring,
      ring.map.get('ring') === ring,
      ring.fn() === ring,
    ]);
    expect(copy()).toEqual([true, true, true, true, true]);
  });
  test('functions inside of data', async () => {
    const table = new Map([
      ['double', (x: number) => x * 2],
      ['triple', (x: number) => x * k],
    ]);
    const list = [(x: number) => x + 1, { deep: new Set([(x: number) => x - k]) }] as Any[];
    await same((x: number) => [table.get('double')!(x), table.get('triple')!(x), list[0](x), [...list[1].deep][0](x)], 7);
  });
  test('getters, setters and methods of an object', () => {
    const box = {
      w: 2,
      h: 3,
      get area() {
        return this.w * this.h;
      },
      set side(value: number) {
        this.w = this.h = value;
      },
      grow(n: number) {
        this.side = n;
        return this.area;
      },
    };
    return same(() => [box.area, { ...box }.area]).then(async () => expect((await sent(() => box.grow(5)))()).toBe(25));
  });
  test('classes, their statics, heirs and instances', async () => {
    class Vec {
      static readonly zero: Vec = new Vec(0, 0);
      static made = 0;
      constructor(
        public x: number,
        public y: number,
      ) {}
      length() {
        return Math.hypot(this.x, this.y) * k;
      }
      get double() {
        return this.x * 2;
      }
    }
    class Vec3 extends Vec {
      z = k;
      override length() {
        return super.length() + this.z;
      }
    }
    Vec.made = 7;
    const v = new Vec3(3, 4);
    await same(() => [new Vec(3, 4).length(), new Vec3(1, 1).z, v.length(), v.double, v instanceof Vec3, v instanceof Vec, Vec.made, Vec.zero.x]);
    expect((await sent(() => Vec.zero instanceof Vec))()).toBe(true);
  });
  test('classes that refer to each other and extend built-in ones', async () => {
    class Stack extends Array<number> {
      top() {
        return this[this.length - 1];
      }
    }
    class Registry extends Map<string, unknown> {
      label = 'r';
      make() {
        return new Item(this);
      }
    }
    class Item {
      constructor(readonly owner: Registry) {}
      again() {
        return new Registry([['x', this]]).size;
      }
    }
    class Failure extends Error {
      override name = 'Failure';
    }
    const stack = Stack.from([1, 2]) as Stack;
    const registry = new Registry([['a', 1]]);
    await same(() => [
      stack.top(),
      stack.length,
      registry.get('a'),
      registry.label,
      registry.make().again(),
      new Failure('x').name,
      new Failure('x') instanceof Error,
    ]);
  });
  test('old-style constructors and prototypes', async () => {
    function Animal(this: Any, name: string) {
      this.name = name;
    }
    Animal.prototype.speak = function () {
      return `${this.name} speaks`;
    };
    function Dog(this: Any, name: string) {
      Animal.call(this, name);
    }
    Dog.prototype = Object.create(Animal.prototype, { constructor: { value: Dog, enumerable: false, writable: true } });
    const rex = new (Dog as Any)('Rex');
    const heir = Object.create({ base: () => k });
    await same(() => [rex.speak(), new (Dog as Any)('Ace').speak(), heir.base()]);
  });
  test('private fields of a class', async () => {
    class Secret {
      #n = k;
      read() {
        return this.#n;
      }
    }
    await same(() => new Secret().read());
  });
  test('what changes between calls is captured anew, under one id', async () => {
    let n = 1;
    const fn = () => n;
    const first = shipFunction(fn, 'thread');
    n = 2;
    const second = shipFunction(fn, 'thread');
    expect(first.id).toBe(second.id);
    expect([(await receiveFunction(first))(), (await receiveFunction(second))()]).toEqual([1, 2]);
  });
  test('the code may be left out the second time', async () => {
    const text = 'only here';
    const shipped = shipFunction(() => text, 'thread');
    await receiveFunction(shipped);
    const again = await receiveFunction({ ...shipped, payload: { values: shipped.payload.values } });
    expect(again()).toBe('only here');
  });
  test('encoders and formatters are made again', () => {
    const encoder = new TextEncoder();
    const money = new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' });
    const query = new URLSearchParams('a=1');
    return same(() => [[...encoder.encode('ü')], money.format(1234.5), query.get('a')]);
  });
});

let count = 0;
const increment = () => {
  count++;
};
function countTwice() {
  increment();
  increment();
  return count;
}

describe('variables of the file that functions share', () => {
  test('an assignment in one function is seen by another', async () => {
    expect((await sent(countTwice))()).toBe(2);
    expect(count).toBe(0);
  });
});

describe('what is looked up in the worker', () => {
  test('built-in modules and their exports', () =>
    same((x: string) => [join('a', x), path.basename(x), os.EOL, typeof fs.readFileSync, path.posix.sep], 'b/c'));
  test('globals and what they hold', () => {
    const { sqrt, max } = Math;
    const { hasOwnProperty: owns } = Object.prototype;
    const parse = JSON.parse;
    const here = process;
    return same(() => [sqrt(9), max(1, 2), owns.call({ a: 1 }, 'a'), parse('[1]'), here.pid, Symbol.iterator in Array.prototype]);
  });
  test('symbols', () => {
    const registered = Symbol.for('everycore.test');
    const known = Symbol.asyncIterator;
    return same(() => [registered === Symbol.for('everycore.test'), known === Symbol.asyncIterator]);
  });
  test('kernels and errors of everycore', async () => {
    await same((x: number) => square(x), 5);
    expect((await sent(() => FunctionNotShippableError))()).toBe(FunctionNotShippableError);
  });
  test('matrices, images and kernels made by a call', () => {
    const matrix = Matrix.from([
      [1, 2],
      [3, 4],
    ]);
    const column = matrix.transpose().slice(0, 1, 0, 2);
    const image = Image.alloc(4, 3, 3);
    const blur = gaussianBlur({ sigma: 1 });
    return same(() => [matrix.get(1, 0), column.toArray(), matrix.data === column.data, blur(image).width, image instanceof Image]);
  });
  test('modules of the user', async () => {
    await same((x: number) => [scale(x), library.scale(x), factor, table.nested.b, new Point(3, 4).length()], 2);
    library.setFactor(20);
    await same((x: number) => scale(x), 2);
    library.setFactor(10);
  });
  test('import.meta and import()', async () => {
    await same(() => import.meta.url);
    await same(async () => (await import('node:path')).sep);
  });
});

describe('stack traces', () => {
  test('show the file and line of the user', async () => {
    const fail = () => {
      throw new Error('here');
    };
    const line = (fn: () => unknown): string => {
      try {
        fn();
      } catch (error) {
        return (error as Error).stack!.split('\n')[1].replace(/^.*\/(test\/.*?)\)?$/, '$1');
      }
      return '';
    };
    const file = line(await sent(fail));
    expect(file).toMatch(/functions\.test\.ts:\d+:\d+$/);
  });
});
