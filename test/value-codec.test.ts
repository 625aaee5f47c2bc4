/** The codec of values between a pool and its workers: whatever goes in comes out, also beside what is refused, in one message or in pieces. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decoder } from '../dist/worker/decoder.js';
import { Encoder } from '../dist/worker/encoder.js';
import { Deframer, frame } from '../dist/worker/frames.js';

fc.configureGlobal({ interruptAfterTimeLimit: 10_000, numRuns: 100 });

const views = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

const bytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 4090, maxLength: 5000 }) },
);

/** A view of a part of its buffer. */
const view = fc.tuple(fc.constantFrom(...views), bytes, fc.nat(3)).map(([View, content, before]) => {
  const size = View.BYTES_PER_ELEMENT;
  const buffer = new Uint8Array(before * size + content.length + 8);
  buffer.set(content, before * size);
  return new View(buffer.buffer, before * size, Math.floor(content.length / size));
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
);

const leaf = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, 0, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 53),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  text,
  fc.date({ noInvalidDate: true }),
  view,
  bytes.map((content) => Buffer.from(content)),
  bytes.map((content) => content.slice().buffer),
  bytes.map((content) => new DataView(content.slice().buffer, Math.min(2, content.length))),
  fc.tuple(text, fc.constantFrom('', 'g', 'gimsuy')).map(([source, flags]) => new RegExp(source.replace(/[^\w ]/g, '') || 'x', flags)),
  fc.webUrl().map((url) => new URL(url)),
  fc.oneof(fc.double(), text, fc.boolean()).map((value) => Object(value)),
);

const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'length', '0', 'toString', ''), text);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 12 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: false }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 5 }).map((items) => new Set(items)),
    fc.sparseArray(tie('value'), { maxLength: 8 }),
    fc.tuple(fc.array(tie('value'), { maxLength: 3 }), key, tie('value')).map(([list, name, own]) => {
      if (!/^(\d+|length|__proto__)$/.test(name)) Object.assign(list, { [name]: own });
      return list;
    }),
  ),
}));

/** What cannot travel, hidden in what can. */
const refusable = fc
  .tuple(
    value,
    fc.constantFrom<unknown>(() => 1, Symbol('s'), new WeakMap(), Promise.resolve()),
  )
  .map(([before, not]) => ({ before, new: [not] }));

function roundTrip(one: unknown, where: 'process' | 'thread' = 'process'): unknown {
  const encoder = new Encoder(where);
  encoder.root(one, 'it');
  const decoder = new Decoder(encoder.take());
  const back = decoder.root();
  expect(decoder.atEnd).toBe(true);
  return back;
}

describe('what goes in comes out', () => {
  test.each(['process', 'thread'] as const)('values of every kind, to a %s', (where) => {
    fc.assert(fc.property(value, (one) => isDeepStrictEqual(roundTrip(one, where), one)));
  });

  test('what was one object stays one, cycles included', () => {
    fc.assert(
      fc.property(value, (one) => {
        const ring: Record<string, unknown> = { one, again: one, list: [one] };
        ring.self = ring;
        ring.map = new Map([[ring, new Set([ring])]]);
        const back = roundTrip(ring) as typeof ring;
        expect(back.self).toBe(back);
        expect([...(back.map as Map<unknown, Set<unknown>>)][0][0]).toBe(back);
        expect(back.again).toBe(back.one);
        expect((back.list as unknown[])[0]).toBe(back.one);
        return isDeepStrictEqual(back.one, one);
      }),
    );
  });

  test('errors: class, name, message, stack, properties, cause', () => {
    const classes = [Error, TypeError, RangeError, SyntaxError, EvalError, URIError, ReferenceError];
    const name = key.filter((one) => !/^(name|message|stack|cause|errors|__proto__)$/.test(one));
    fc.assert(
      fc.property(fc.constantFrom(...classes), text, fc.dictionary(name, value, { maxKeys: 3 }), value, (Class, message, own, cause) => {
        const error = Object.assign(new Class(message, { cause }), own);
        const back = roundTrip({ error, list: [error] }) as { error: Error; list: Error[] };
        expect(back.list[0]).toBe(back.error);
        expect(back.error).toBeInstanceOf(Class);
        expect(Object.getPrototypeOf(back.error)).toBe(Class.prototype);
        expect(back.error.stack).toBe(error.stack);
        const told = (one: Error) => ({ ...one, name: one.name, message: one.message, cause: one.cause });
        return isDeepStrictEqual(told(back.error), told(error));
      }),
    );
  });
});

/** What is written one after the other into one message: single values, lists of items, and what is refused in between. */
const write = fc.oneof(
  value.map((one) => ({ kind: 'root' as const, one })),
  fc.array(value, { maxLength: 12 }).map((list) => ({ kind: 'items' as const, list })),
  fc.array(fc.double(), { maxLength: 700 }).map((list) => ({ kind: 'items' as const, list })),
  fc
    .tuple(
      fc.uniqueArray(key, { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(leaf, { minLength: 4, maxLength: 4 }), { minLength: 8, maxLength: 20 }),
    )
    .map(([keys, rows]) => ({ kind: 'items' as const, list: rows.map((row) => Object.fromEntries(keys.map((name, i) => [name, row[i]]))) })),
  refusable.map((not) => ({ kind: 'refused root' as const, not })),
  fc.tuple(fc.array(value, { maxLength: 9 }), refusable).map(([list, not]) => ({ kind: 'refused items' as const, list, not })),
);

describe('a message', () => {
  test('holds many values, and nothing of those that were refused', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), fc.array(fc.nat(300), { minLength: 1, maxLength: 9 }), (writes, sizes) => {
        const encoder = new Encoder('process');
        const expected: unknown[] = [];
        for (const one of writes) {
          if (one.kind === 'root') encoder.root(one.one, 'it');
          else if (one.kind === 'items') encoder.items(one.list, 0, one.list.length, (i) => `items[${i}]`);
          else if (one.kind === 'refused root') expect(() => encoder.root(one.not, 'it')).toThrow(/^it\.new\[0\] is /);
          else {
            const list = [...one.list, one.not];
            const error = encoder.attempt(() => encoder.items(list, 0, list.length, (i) => `items[${i}]`)) as Error & { at: number };
            expect(error.message).toContain(`items[${one.list.length}].new[0] is `);
            expect(error.at).toBe(one.list.length);
          }
          if (one.kind === 'root') expected.push(one.one);
          else if (one.kind === 'items') expected.push(one.list);
        }
        // Through a pipe, in pieces of any size.
        const back: unknown[] = [];
        const deframer = new Deframer((message) => {
          const decoder = new Decoder(message);
          for (const one of writes) {
            if (one.kind === 'root') back.push(decoder.root());
            else if (one.kind === 'items') back.push(Array.from(decoder.items()));
          }
          expect(decoder.atEnd).toBe(true);
        });
        const whole = Buffer.concat(frame(encoder.take()));
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = 1 + sizes[i % sizes.length];
          deframer.push(whole.subarray(at, at + size));
          at += size;
        }
        return isDeepStrictEqual(back, expected);
      }),
    );
  });
});
