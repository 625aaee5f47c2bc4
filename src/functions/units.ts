/** Puts captured functions into texts to compile, at the lines and columns that they have in the user's files. */
import { findSourceMap, type SourceMapping } from 'node:module';
import type { Captured, Variable } from './capture';
import { fileOf } from './references';
import type { ScopeNode } from './scope-tree';
import type { Entry, FunctionEntry, Unit } from './types';

interface Position {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
}

/** Functions that share variables, in the scopes that hold these: each scope becomes a function around its users. */
interface Frame {
  readonly shared: Map<string, Variable>;
  readonly functions: Captured[];
  readonly frames: Frame[];
}

/** The names by which a unit takes values, and gives its setters and makers. */
const GIVEN = '__everycore';
const SETTERS = '__everycoreSetters';
const MAKERS = '__everycoreMakers';

/** Makes the units, and writes into the functions' entries where they are in them. */
export function makeUnits(functions: readonly Captured[], entries: Entry[]): Unit[] {
  const shared = sharedVariables(functions);
  return groups(functions, shared).map((group, unit) => {
    const text = new UnitText(group);
    const values: number[][] = [];
    const emit = (frame: Frame): void => {
      const variables = [...frame.shared.values()];
      text.open(variables.map(({ name }) => name));
      values.push(variables.map(({ entry }) => entry));
      for (const captured of frame.functions) {
        const own = captured.variables.filter((variable) => !shared.get(variable.scope)?.has(variable.name));
        const index = text.add(
          captured,
          own.map(({ name }) => name),
        );
        const entry = entries[captured.entry] as FunctionEntry;
        entries[captured.entry] = { ...entry, unit, index, own: own.map((variable) => variable.entry) };
      }
      frame.frames.forEach(emit);
      text.close();
    };
    emit(framesOf(group, shared));
    if (values.some((frame) => frame.length > 0)) {
      entries[group[0].entry] = { ...(entries[group[0].entry] as FunctionEntry), shared: values };
    }
    return text.unit();
  });
}

type Shared = Map<ScopeNode | undefined, Set<string>>;

/** Variables of one scope that several functions use and one of them may assign to. */
function sharedVariables(functions: readonly Captured[]): Shared {
  const uses = new Map<ScopeNode, Map<string, { users: number; assigned: boolean }>>();
  for (const { variables, source } of functions) {
    for (const { name, scope } of variables) {
      if (scope === undefined) continue;
      const names = uses.get(scope) ?? new Map<string, { users: number; assigned: boolean }>();
      uses.set(scope, names);
      const use = names.get(name) ?? { users: 0, assigned: false };
      names.set(name, { users: use.users + 1, assigned: use.assigned || source.assigned.has(name) });
    }
  }
  const shared: Shared = new Map();
  for (const [scope, names] of uses) {
    const chosen = [...names].filter(([, { users, assigned }]) => users > 1 && assigned).map(([name]) => name);
    if (chosen.length > 0) shared.set(scope, new Set(chosen));
  }
  return shared;
}

/** Functions that share variables belong together, all others are on their own. */
function groups(functions: readonly Captured[], shared: Shared): Captured[][] {
  const groupOf = new Map<Captured, Captured[]>(functions.map((captured) => [captured, [captured]]));
  const first = new Map<ScopeNode, Captured>();
  for (const captured of functions) {
    for (const { name, scope } of captured.variables) {
      if (scope === undefined || !shared.get(scope)?.has(name)) continue;
      const other = first.get(scope) ?? captured;
      first.set(scope, other);
      const merged = new Set([...(groupOf.get(other) as Captured[]), ...(groupOf.get(captured) as Captured[])]);
      for (const member of merged) groupOf.set(member, [...merged]);
    }
  }
  const distinct = new Map([...groupOf.values()].map((group) => [group[0], group]));
  return [...distinct.values()].map((group) => [...group].sort((a, b) => a.line - b.line || a.column - b.column));
}

function framesOf(group: readonly Captured[], shared: Shared): Frame {
  const root: Frame = { shared: new Map(), functions: [], frames: [] };
  const frames = new Map<ScopeNode, Frame>();
  const isFrame = (node: ScopeNode): boolean => shared.has(node);
  for (const captured of group) {
    let frame = root;
    for (const node of [...captured.scopes].reverse().filter(isFrame)) {
      const within = frames.get(node) ?? { shared: new Map(), functions: [], frames: [] };
      if (!frames.has(node)) {
        frames.set(node, within);
        frame.frames.push(within);
      }
      frame = within;
    }
    frame.functions.push(captured);
    for (const variable of captured.variables) {
      const isShared = variable.scope !== undefined && shared.get(variable.scope)?.has(variable.name);
      if (isShared) frames.get(variable.scope as ScopeNode)?.shared.set(variable.name, variable);
    }
  }
  return root;
}

/** Writes a unit: blank lines and spaces put each function where it is in its file, as far as they do not overlap. */
class UnitText {
  #text = '';
  #line: number;
  #count = 0;
  readonly #first: Position;
  readonly #isSingle: boolean;
  #columnOffset = 0;

  constructor(group: readonly Captured[]) {
    this.#first = positionOf(group[0]);
    this.#isSingle = group.length === 1;
    this.#line = this.#isSingle ? this.#first.line : this.#first.line - 1;
    this.#text = `${group[0].strict ? '"use strict";' : ''}(function(${SETTERS},${MAKERS}){`;
  }

  open(names: readonly string[]): void {
    this.#text += `(function(){${declaration(names)}${SETTERS}.push(${setter(names)});`;
  }

  close(): void {
    this.#text += '})();';
  }

  /** Adds a function that answers [set its variables, make the function]; answers its index. */
  add(captured: Captured, own: readonly string[]): number {
    this.#text += `${MAKERS}.push(function(){${declaration(own)}return[${setter(own)},function(){return(`;
    const { line, column } = this.#isSingle ? this.#first : positionOf(captured);
    if (this.#isSingle) this.#columnOffset = column - this.#text.length;
    if (line > this.#line) {
      this.#text += '\n'.repeat(line - this.#line) + ' '.repeat(column > 0 && column < 1000 ? column : 0);
      this.#line = line;
    }
    const { expression } = captured.source;
    this.#text += `${expression}\n)}]});`;
    this.#line += expression.split('\n').length;
    return this.#count++;
  }

  unit(): Unit {
    const lineOffset = this.#isSingle ? this.#first.line : this.#first.line - 1;
    return { filename: this.#first.filename, lineOffset, columnOffset: this.#columnOffset, text: `${this.#text}})` };
  }
}

function declaration(names: readonly string[]): string {
  return names.length > 0 ? `var ${names.join()};` : '';
}

function setter(names: readonly string[]): string {
  return `function(${GIVEN}){${names.map((name, i) => `${name}=${GIVEN}[${i}]`).join(';')}}`;
}

/** Where the expression of a function begins, in the file that the user wrote. */
function positionOf({ fn, source, url, isModule, line, column }: Captured): Position {
  if (url === '') return { filename: 'everycore:function', line: 0, column: 0 };
  const head = Function.prototype.toString.call(fn).slice(0, source.headLength).split('\n');
  const start = { line: Math.max(0, line - head.length + 1), column: head.length === 1 ? column - source.headLength - source.prefix : 0 };
  const filename = isModule ? url : fileOf(url);
  return original(url, start) ?? { filename, ...start };
}

/** The position before a transpiler, when the process keeps its source maps. */
function original(url: string, { line, column }: { line: number; column: number }): Position | undefined {
  const map = findSourceMap(fileOf(url)) ?? findSourceMap(url);
  const found = map?.findEntry(line, Math.max(0, column)) as SourceMapping | Record<string, never> | undefined;
  if (found?.originalSource === undefined) return undefined;
  return { filename: fileOf(found.originalSource), line: found.originalLine, column: found.originalColumn };
}
