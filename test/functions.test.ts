/** Functions that travel: every kind of function and captured value, sent and made again; what must be refused, and with which words. */
import { EventEmitter } from 'node:events';
import * as fs from 'node:fs';
import { Socket } from 'node:net';
import os from 'node:os';
import path, { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { FunctionNotShippableError } from '../dist/errors.js';
import { receiveFunction, shipFunction } from '../dist/functions/index.js';
import { square } from '../dist/math.js';
import Point, * as library from './fixtures/functions/library.mjs';
import { factor, remember, scale, table } from './fixtures/functions/library.mjs';

type Any = any;

/** The function as a worker has it: everything has gone through a structured clone. */
async function sent<F extends (...args: Any[]) => unknown>(fn: F): Promise<F> {
  return (await receiveFunction(structuredClone(shipFunction(fn, 'thread')))) as unknown as F;
}

/** Calls the original and the copy, which must answer the same. */
async function same(fn: (...args: Any[]) => unknown, ...args: unknown[]): Promise<unknown> {
  const copy = await sent(fn);
  const answer = await copy(...args);
  expect(answer).toEqual(await fn(...args));
  return answer;
}

const refusal = (fn: unknown, mode: 'process' | 'thread' = 'process'): string => {
  try {
    shipFunction(fn, mode);
  } catch (error) {
    expect(error).toBeInstanceOf(FunctionNotShippableError);
    expect(error).toHaveProperty('code', 'ERR_EVERYCORE_FUNCTION_NOT_SHIPPABLE');
    return (error as Error).message;
  }
  throw new Error('it was not refused');
};

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
    same(function (x = a, get = () => a) {
      // biome-ignore lint/correctness/noInnerDeclarations: that is the case under test
      var a = 100;
      return [x, get(), a];
    }));
  test('default parameters and destructuring use outer names', () =>
    same(({ x, y: [z = k] = [] }: Any, { w = x + k, ...rest }: Any = { v: a }) => [x, z, w, rest], { x: 1 }));
  test('properties, keys, labels, strings, comments and regular expressions are not names', () =>
    same((x: string) => {
      const o = { unknownName: 1, k: { table: 2 } }; // scale(k)
      /* remember(scale) */
      a: for (;;) break a;
      return [o.k.table, `text ${o['unknownName']} b`, x.replace(/[/'"`]scale/g, '').length / 2 / 1, o?.k, /k/.test('k')];
    }, 'xyz'));
  test('templates, nested ones too', () => same(() => `${`${k}`}-${((s) => `${s}}`)(`{${b}`)}\${no}`));
  test('a regular expression after a parenthesis, a division after another', () =>
    same((x: number) => {
      // biome-ignore lint/style/useBlockStatements: the tokens are the test
      if (x) /`/.test('k');
      return (x + 1) / k / 2;
    }, 5));
  test('typeof of what is declared nowhere', () => same(() => [typeof notDeclaredAnywhere, typeof k]));
  test('eval sees the variables whose names are in the text', () =>
    // biome-ignore lint/security/noGlobalEval: that is the case under test
    same(() => eval('k + 1') as number));
  test('arguments of the function itself', () =>
    same(function () {
      // biome-ignore lint/complexity/noArguments: that is the case under test
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
      numbers: [1.5, Number.NaN, Infinity], big: 10n, text: 'ü', yes: true, none: null, missing: undefined,
      map: new Map<unknown, unknown>([['a', { deep: [1, 2] }]]), set: new Set([1, 'b']), date: new Date(5), pattern: /a(b)/gi,
      floats: Float32Array.of(1, 2), view: new DataView(new ArrayBuffer(4)), buffer: new Uint8Array([1, 2]).buffer, nothing: Object.create(null),
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
    const copy = await sent(() => [first.shared === shared, first.use() === shared, ring.self === ring, ring.map.get('ring') === ring, ring.fn() === ring]);
    expect(copy()).toEqual([true, true, true, true, true]);
  });
  test('functions inside of data', async () => {
    const table = new Map([['double', (x: number) => x * 2], ['triple', (x: number) => x * k]]);
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
    await same(() => [stack.top(), stack.length, registry.get('a'), registry.label, registry.make().again(), new Failure('x').name, new Failure('x') instanceof Error]);
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
  test('private fields work in a class, but cannot be read from an instance', async () => {
    class Secret {
      #n = k;
      read() {
        return this.#n;
      }
    }
    const instance = new Secret();
    await same(() => new Secret().read());
    expect(refusal(() => instance.read())).toMatch(/`instance`, which is a Secret, whose private fields cannot be read/);
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
  test('built-in modules and their exports', () => same((x: string) => [join('a', x), path.basename(x), os.EOL, typeof fs.readFileSync, path.posix.sep], 'b/c'));
  test('globals and what they hold', () => {
    const { sqrt, max } = Math;
    const { hasOwnProperty } = Object.prototype;
    const parse = JSON.parse;
    const here = process;
    return same(() => [sqrt(9), max(1, 2), hasOwnProperty.call({ a: 1 }, 'a'), parse('[1]'), here.pid, Symbol.iterator in Array.prototype]);
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

describe('what is refused, by name', () => {
  const weak = new WeakMap();
  const socket = new Socket();
  const emitter = new EventEmitter();
  const { port1 } = new MessageChannel();
  port1.close();
  const promise = Promise.resolve(1);
  const proxy = new Proxy({}, {});
  const unique = Symbol('mine');
  const shared = new SharedArrayBuffer(8);
  const view = new Uint8Array(shared);
  test.each<[string, () => unknown, RegExp]>([
    ['WeakMap', () => weak.get({}), /uses `weak`, which is a WeakMap/],
    ['Socket', () => socket.destroyed, /uses `socket`, which is a Socket/],
    ['EventEmitter', () => emitter.emit('x'), /uses `emitter`, which is an EventEmitter/],
    ['MessagePort', () => port1.ref(), /uses `port1`, which is a MessagePort/],
    ['Promise', () => promise, /uses `promise`, which is a Promise/],
    ['Proxy', () => proxy, /uses `proxy`, which is a Proxy/],
    ['symbol', () => unique, /uses `unique`, which is a symbol/],
    ['SharedArrayBuffer', () => shared.byteLength, /uses `shared`, which is a SharedArrayBuffer/],
    ['view of a SharedArrayBuffer', () => view[0], /uses `view`, which is a SharedArrayBuffer/],
  ])('%s', (_, fn, message) => expect(refusal(fn)).toMatch(message));
  test('shared memory goes to threads', async () => {
    const copy = (await receiveFunction(shipFunction(() => shared, 'thread'))) as () => unknown;
    expect(copy()).toBe(shared);
  });
  test('deep in data, and in another function', () => {
    const data = { list: [1, new Map([['key', { weak }]])] };
    const helper = () => socket;
    expect(refusal(() => data)).toMatch(/uses `data\.list\[1\]\(value 0\)\.weak`, which is a WeakMap/);
    expect(refusal(() => helper())).toMatch(/uses `helper\.socket`, which is a Socket/);
  });
  test('functions that are none of their own', () => {
    class Thing {
      x = 1;
      arrow = () => this.x;
      method() {
        return this.x;
      }
      async later() {
        return (() => this.x)();
      }
    }
    expect(refusal(Math.sqrt)).toMatch(/`sqrt` is a native function/);
    expect(refusal(countTwice.bind(null))).toMatch(/`bound countTwice` is a bound function/);
    expect(refusal(Thing)).toMatch(/`Thing`.* is a class/);
    expect(refusal(new Thing().method)).toMatch(/`method`.* is a method that needs `this`/);
    expect(refusal(new Thing().later)).toMatch(/`later`.* is a method that needs `this`/);
    expect(refusal(new Thing().arrow)).toMatch(/`arrow`.* uses `this`, which is that of the function around it$/);
    expect(refusal((function (..._: unknown[]) { return () => arguments[0]; })(1))).toMatch(/uses `arguments`, which are those of the function around it$/);
    const bound = countTwice.bind(null);
    expect(refusal(() => bound())).toMatch(/uses `bound`, which is a bound function/);
  });
  test('not a function at all', () => {
    for (const wrong of [5, 'f', null, undefined, {}]) expect(() => shipFunction(wrong, 'process')).toThrow(TypeError);
  });
  test('by reference where by value is impossible', () => {
    // Under Vitest the module is none that Node knows: so it is refused here, and works in plain Node (the matrix shows it).
    expect(refusal(() => remember({}))).toMatch(/remember\.cache`, which is a WeakMap/);
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
