/** Puts captured functions into texts to compile, at the lines and columns that they have in the user's files. */
import { findSourceMap, type SourceMapping } from 'node:module';
import type { Captured, Variable } from './capture';
import { fileOf } from './references';
import type { Entry, FunctionEntry, Unit } from './types';

interface Position {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
}

/** Name of the parameter by which a unit gets its values. */
const GIVEN = '__everycore';

/** Makes the units, and writes into the functions' entries where they are in them. */
export function makeUnits(functions: readonly Captured[], entries: Entry[]): Unit[] {
  return groups(functions).map((group, unit) => {
    const shared = sharedVariables(group);
    const names = new Set(shared.map(({ name }) => name));
    group.forEach((captured, index) => {
      const own = captured.variables.filter((variable) => !(variable.ofFile && names.has(variable.name)));
      const entry = entries[captured.entry] as FunctionEntry;
      entries[captured.entry] = {
        ...entry,
        unit,
        index: index + 1,
        own: own.map((variable) => variable.entry),
        ...(index === 0 && shared.length > 0 && { shared: shared.map((variable) => variable.entry) }),
      };
    });
    const makers = group.map((captured) => maker(captured, captured.variables.filter((v) => !(v.ofFile && names.has(v.name)))));
    return makers.length === 1 ? single(makers[0]) : several(makers, shared);
  });
}

/**
 * Functions that use one variable of their file, which one of them may assign to, belong together. (Of variables further in,
 * V8 does not tell whether two functions have the same one; each gets its own.)
 */
function groups(functions: readonly Captured[]): Captured[][] {
  const groupOf = new Map<Captured, Captured[]>(functions.map((captured) => [captured, [captured]]));
  const users = new Map<string, { all: Captured[]; assigned: boolean }>();
  for (const captured of functions) {
    for (const { name, ofFile } of captured.variables) {
      if (!ofFile) continue;
      const key = `${captured.scriptId}:${captured.strict}:${name}`;
      const use = users.get(key) ?? { all: [], assigned: false };
      users.set(key, use);
      use.all.push(captured);
      use.assigned ||= captured.source.assigned.has(name);
    }
  }
  for (const { all, assigned } of users.values()) {
    if (!assigned || all.length < 2) continue;
    const merged = [...new Set(all.flatMap((captured) => groupOf.get(captured) as Captured[]))];
    for (const captured of merged) groupOf.set(captured, merged);
  }
  return [...new Set(groupOf.values())].map((group) => [...group].sort((a, b) => a.line - b.line || a.column - b.column));
}

function sharedVariables(group: readonly Captured[]): Variable[] {
  if (group.length === 1) return [];
  const all = group.flatMap((captured) => captured.variables.filter((variable) => variable.ofFile));
  return [...new Map(all.map((variable) => [variable.name, variable])).values()];
}

interface Maker {
  readonly before: string;
  readonly expression: string;
  readonly strict: boolean;
  readonly position: Position;
}

const AFTER = ')}]}';

/** A function that answers [set its variables, make the function]. */
function maker({ source, ...captured }: Captured, own: readonly Variable[]): Maker {
  const names = own.map(({ name }) => name);
  const declared = names.length > 0 ? `var ${names.join()};` : '';
  return {
    before: `function(){${declared}return[${setter(names)},function(){return(`,
    expression: source.expression,
    strict: captured.strict,
    position: positionOf({ source, ...captured }),
  };
}

function setter(names: readonly string[]): string {
  return `function(${GIVEN}){${names.map((name, i) => `${name}=${GIVEN}[${i}]`).join(';')}}`;
}

function opening(strict: boolean, shared: readonly string[]): string {
  const declared = shared.length > 0 ? `var ${shared.join()};` : '';
  return `${strict ? '"use strict";' : ''}(function(){${declared}return[${setter(shared)},`;
}

function single({ before, expression, strict, position }: Maker): Unit {
  const head = opening(strict, []) + before;
  return {
    filename: position.filename,
    lineOffset: position.line,
    columnOffset: position.column - head.length,
    text: `${head}${expression}\n${AFTER}]})`,
  };
}

/** Blank lines and spaces put each function where it is in its file, as far as they do not overlap. */
function several(makers: readonly Maker[], shared: readonly Variable[]): Unit {
  const first = makers[0].position;
  let text = opening(makers[0].strict, shared.map(({ name }) => name));
  let line = first.line - 1;
  for (const { before, expression, position } of makers) {
    text += before;
    if (position.line > line) {
      text += '\n'.repeat(position.line - line) + (position.column < 1000 ? ' '.repeat(Math.max(0, position.column)) : '');
      line = position.line;
    }
    text += `${expression}\n${AFTER},`;
    line += expression.split('\n').length;
  }
  return { filename: first.filename, lineOffset: first.line - 1, columnOffset: 0, text: `${text}]})` };
}

/** Where the expression of a function begins, in the file that the user wrote. */
function positionOf({ fn, source, url, isModule, line, column }: Pick<Captured, 'fn' | 'source' | 'url' | 'isModule' | 'line' | 'column'>): Position {
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
