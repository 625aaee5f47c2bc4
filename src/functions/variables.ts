/** The free variables of a function and what they hold now. */
import type { Captured } from './capture';
import { freeVariables } from './free-variables';
import type { Inspected, Scope } from './inspect';
import { Obstacle } from './obstacle';
import { outerNames } from './outer-names';
import { read, type ScopeNode } from './scope-tree';
import { DYNAMIC_IMPORT, type FunctionSource, IMPORT_META } from './source';
import { isStrictScript } from './strict';

export interface Found {
  readonly name: string;
  readonly value: unknown;
  readonly scope: ScopeNode | undefined;
}

/** @throws Obstacle when they cannot be read */
export function variablesOf(captured: Captured, inspected: Inspected | null): Found[] {
  const { source, strict } = captured;
  const special = [IMPORT_META, DYNAMIC_IMPORT].filter((name) => source.expression.includes(name));
  if (inspected === null) {
    const outer = outerNames(source.expression);
    if (outer.length > 0) throw new Obstacle('cannot be read on this platform (no inspector)', [outer[0]]);
    return special.map((name) => ({ name, value: undefined, scope: undefined }));
  }
  const scopes = inspected.scopes.map((scope) => ({ scope, names: namesIn(scope) }));
  const candidates = [...source.words].filter((word) => scopes.some(({ names }) => names(word)));
  const free = freeVariables(source.expression, [...candidates, ...special], strict);
  return free.flatMap((name): Found[] => {
    if (name === 'arguments' && !source.usesEval) throw new Obstacle('are those of the function around it', ['arguments']);
    const at = scopes.findIndex(({ names }) => names(name));
    if (at >= 0) return [{ name, value: read(scopes[at].scope, name), scope: captured.scopes[at] }];
    if (special.includes(name)) return [{ name, value: undefined, scope: undefined }];
    return [];
  });
}

/** Which names a scope answers for. Of the global object only what scripts declare: the rest is in the worker too. */
function namesIn({ description, object }: Scope): (name: string) => boolean {
  if (!description.startsWith('Global')) return (name) => Object.hasOwn(object, name);
  return (name) => {
    if (name === 'undefined' || name === 'NaN' || name === 'Infinity') return false;
    return Object.getOwnPropertyDescriptor(object, name)?.configurable === false;
  };
}

export function isStrictFunction(fn: Function, source: FunctionSource, url: string): boolean {
  // Only sloppy plain functions have this property of their own.
  if (source.plain) return !Object.hasOwn(fn, 'caller');
  return isStrictScript(url);
}
