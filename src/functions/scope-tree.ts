/**
 * Which scopes of different functions are one and the same. V8 gives copies of their variables without saying so; two functions of
 * one script are taken to be in the same scope when it lies equally deep and holds the same values.
 */
import type { Inspected, Scope } from './inspect';

/** A scope, known by identity: functions with the same one share its variables. */
export interface ScopeNode {
  readonly parent: ScopeNode | undefined;
  readonly children: ScopeNode[];
  readonly scope: Scope | undefined;
  /** Functions that were made directly in it, by their place in the script. */
  readonly made: Map<string, Function>;
}

/** Stands for a variable that has no value yet. */
export const PENDING = Symbol('pending');

/** The present value of a variable. */
export function read({ object }: Scope, name: string): unknown {
  try {
    return object[name];
  } catch {
    return PENDING;
  }
}

export class ScopeTree {
  readonly #scripts = new Map<string, ScopeNode>();

  /** The scope nodes of a function, in the order of its scopes: innermost first. */
  nodes(fn: Function, { scopes, scriptId, line, column }: Inspected): ScopeNode[] {
    const place = `${line}:${column}`;
    let node = this.#scripts.get(scriptId);
    if (node === undefined) this.#scripts.set(scriptId, (node = newNode(undefined, undefined)));
    const nodes: ScopeNode[] = [];
    [...scopes].reverse().forEach((scope, depth) => {
      const isInnermost = depth === scopes.length - 1;
      const above = node as ScopeNode;
      node = above.children.find((child) => {
        // Of the outermost scope of a script there is one; a function made twice was made in two scopes.
        if (isGlobal(above.scope)) return true;
        const other = isInnermost ? child.made.get(place) : undefined;
        return isSameScope(child.scope as Scope, scope) && (other === undefined || other === fn);
      });
      if (node === undefined) above.children.push((node = newNode(above, scope)));
      if (isInnermost) node.made.set(place, fn);
      nodes.unshift(node);
    });
    return nodes;
  }
}

function newNode(parent: ScopeNode | undefined, scope: Scope | undefined): ScopeNode {
  return { parent, scope, children: [], made: new Map() };
}

function isGlobal(scope: Scope | undefined): boolean {
  return scope === undefined || /^(?:Global|Script)/.test(scope.description);
}

function isSameScope(a: Scope, b: Scope): boolean {
  if (a.description !== b.description) return false;
  const names = Object.keys(a.object);
  return names.length === Object.keys(b.object).length && names.every((name) => Object.is(read(a, name), read(b, name)));
}
