/** Kinds of functions and objects that need a treatment of their own. */

import { Obstacle } from './obstacle';
import { wellKnown } from './references';
import { type FunctionSource, isNativeFunction, sourceOf } from './source';
import { nameOfKind } from './values';

export function refuseContext(source: FunctionSource, isRoot: boolean, path: readonly string[]): void {
  if (isRoot && source.kind === 'class') throw new Obstacle('is a class: pass a function that makes an instance', path);
  if (source.kind === 'arrow' && source.usesThis) throw new Obstacle('is that of the function around it', [...path, 'this']);
  if (isRoot && source.kind === 'method' && source.usesThis) {
    throw new Obstacle('is a method that needs `this`: pass (x) => object.method(x)', path);
  }
  if ((source.kind === 'arrow' || source.kind === 'method') && source.usesSuper)
    throw new Obstacle('belongs to the object around it', [...path, 'super']);
}

/** The class, or old-style constructor, whose prototype this is. */
export function classOf(proto: object): Function | undefined {
  const made = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value as unknown;
  return typeof made === 'function' && made.prototype === proto ? made : undefined;
}

/** Private fields and the insides of native objects cannot be read, and would be missing in the worker. */
export function refuseHiddenState(value: object, made: Function, path: readonly string[]): void {
  for (let up: unknown = made; typeof up === 'function' && up !== Function.prototype; up = Object.getPrototypeOf(up)) {
    const where = wellKnown(up)?.in;
    if (where === 'builtin' || where === 'global' || isNativeFunction(up)) {
      if (up === made || up.name !== 'EventEmitter') throw new Obstacle(`is ${nameOfKind(value)}, which cannot leave this thread`, path);
      return;
    }
    if (sourceOf(up).usesPrivate) throw new Obstacle(`is ${nameOfKind(value)}, whose private fields cannot be read`, path);
  }
}

export function isRequire(value: unknown): value is NodeJS.Require {
  return typeof value === 'function' && Object.hasOwn(value, 'resolve') && Object.hasOwn(value, 'cache') && Object.hasOwn(value, 'main');
}

export function isCommonjsModule(value: unknown): value is NodeJS.Module {
  const { Module } = require('node:module') as { Module: new () => object };
  return value instanceof Module;
}

/** What Vite and Vitest make of `import * as x`. */
export function isViteModule(name: string): boolean {
  return /^__vi(?:te_ssr)?_import_\d+__$/.test(name);
}

/** What Vite and Vitest make of `import()`. */
export function isViteImport(name: string): boolean {
  return name === '__vite_ssr_dynamic_import__' || name === '__vi_import__';
}

/** An object whose properties are all getters, as bundlers make of a module. */
export function isImportHelper(value: object): boolean {
  const own = Object.getOwnPropertyDescriptors(value);
  const all = Object.values(own);
  return all.length > 0 && all.every((property) => property.get !== undefined && property.set === undefined && property.configurable !== true);
}
