/**
 * Errors on the wire: class, name, message, stack, own properties, cause and an AggregateError's errors.
 * Encoding one never fails: a property that cannot travel is left out.
 */
import * as ownErrors from '../errors';
import type { Decoder } from './decoder';
import type { Encoder } from './encoder';

type ErrorClass = new (message?: string) => Error;

const builtIn = new Map<string, ErrorClass>(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error].map((one) => [one.name, one as ErrorClass]),
);
const own = new Map<string, ErrorClass>(
  Object.entries(ownErrors).flatMap(([name, value]) => (isErrorClass(value) ? [[name, value as unknown as ErrorClass]] : [])),
);
/** Classes for errors whose own class exists only in the worker, by base and name. */
const standIns = new Map<string, ErrorClass>();

const notOwn = new Set(['message', 'stack', 'cause', 'errors']);

export function encodeError(to: Encoder, error: Error): void {
  const { base, className } = classOf(error);
  to.text(base);
  to.text(className);
  to.text(textOf(error, 'name'));
  to.text(textOf(error, 'message'));
  to.text(textOf(error, 'stack'));
  // Each property may be refused on its own; 'end' closes the list.
  const keys = [
    ...Object.keys(error).filter((key) => !notOwn.has(key) && key !== 'name'),
    ...['cause', 'errors'].filter((key) => Object.hasOwn(error, key)),
  ];
  for (const key of keys) {
    to.attempt(() => {
      to.byte(1);
      to.text(key);
      to.byte(Object.prototype.propertyIsEnumerable.call(error, key) ? 1 : 0);
      to.value((error as unknown as Record<string, unknown>)[key]);
    });
  }
  to.byte(0);
}

export function decodeError(from: Decoder): Error {
  const reference = from.reserve();
  const base = from.text();
  const className = from.text();
  const name = from.text();
  const message = from.text();
  const stack = from.text();
  const error = make(base, className, name, message);
  from.fill(reference, error);
  hide(error, 'stack', stack);
  if (error.name !== name) hide(error, 'name', name);
  while (from.byte() === 1) {
    const key = from.text();
    const enumerable = from.byte() === 1;
    Object.defineProperty(error, key, { value: from.value(), enumerable, writable: true, configurable: true });
  }
  return error;
}

function make(base: string, className: string, name: string, message: string): Error {
  if (base === 'DOMException') return new DOMException(message, name) as unknown as Error;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const library = own.get(className);
    if (base === 'Error' && library !== undefined) {
      // Its constructor wants to be told more than the message; the properties come by themselves.
      return Object.setPrototypeOf(new Error(message), library.prototype) as Error;
    }
    if (base === 'AggregateError' && className === base) return new AggregateError([], message);
    const baseClass = base === 'AggregateError' ? (AggregateError as unknown as ErrorClass) : (builtIn.get(base) ?? Error);
    const error = base === 'AggregateError' ? new AggregateError([], message) : new baseClass(message);
    return className === base ? error : (Object.setPrototypeOf(error, standIn(baseClass, className).prototype) as Error);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function standIn(base: ErrorClass, name: string): ErrorClass {
  const key = `${base.name} ${name}`;
  let made = standIns.get(key);
  if (made === undefined) {
    made = class extends base {};
    Object.defineProperty(made, 'name', { value: name, configurable: true });
    if (standIns.size < 1000) standIns.set(key, made);
  }
  return made;
}

/** The nearest class that both sides have, and the name of the error's own. */
function classOf(error: Error): { base: string; className: string } {
  let className = '';
  try {
    if (typeof DOMException === 'function' && error instanceof DOMException) return { base: 'DOMException', className: 'DOMException' };
    for (let prototype = Object.getPrototypeOf(error); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
      const name = Object.hasOwn(prototype, 'constructor') ? String(prototype.constructor?.name ?? '') : '';
      if (className === '') className = name;
      if (name === 'AggregateError' || builtIn.has(name)) return { base: name, className: className || name };
    }
  } catch {
    // A hostile error is an Error.
  }
  return { base: 'Error', className: className || 'Error' };
}

function textOf(error: Error, key: 'name' | 'message' | 'stack'): string {
  try {
    const value: unknown = error[key];
    return typeof value === 'string' ? value : value === undefined ? '' : String(value);
  } catch {
    return '';
  }
}

function hide(error: Error, key: string, value: string): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true });
}

function isErrorClass(value: unknown): boolean {
  return typeof value === 'function' && value.prototype instanceof Error;
}
