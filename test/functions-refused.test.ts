/** Functions that cannot travel are refused before anything runs, in words that name what is in the way. */
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { shipFunction } from '../dist/functions/index.js';
import { receiveFunction } from '../dist/functions/receive.js';
import { remember } from './fixtures/functions/library.mjs';
import { refusal } from './support/shipped';

function countTwice() {
  return 2;
}

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
    expect(
      refusal(
        (function (..._: unknown[]) {
          return () => arguments[0];
        })(1),
      ),
    ).toMatch(/uses `arguments`, which are those of the function around it$/);
    const bound = countTwice.bind(null);
    expect(refusal(() => bound())).toMatch(/uses `bound`, which is a bound function/);
  });
  test('an instance with private fields', () => {
    class Secret {
      #n = 1;
      read() {
        return this.#n;
      }
    }
    const instance = new Secret();
    expect(refusal(() => instance.read())).toMatch(/uses `instance`, which is a Secret, whose private fields cannot be read/);
  });
  test('not a function at all', () => {
    for (const wrong of [5, 'f', null, undefined, {}]) expect(() => shipFunction(wrong, 'process')).toThrow(TypeError);
  });
  test('by reference where by value is impossible', () => {
    // Under Vitest the module is none that Node knows: so it is refused here, and works in plain Node (the matrix shows it).
    expect(refusal(() => remember({}))).toMatch(/remember\.cache`, which is a WeakMap/);
  });
});
