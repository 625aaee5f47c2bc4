/** A function made ready to be sent to a worker. */
import { basename } from 'node:path';
import { FunctionNotShippableError, typeError } from '../errors';
import { Capture } from './capture';
import { Obstacle } from './obstacle';
import { fileOf } from './references';
import { isNativeFunction } from './source';
import { taskOf } from './task';
import type { FunctionEntry, ModuleCode, ShippedFunction, SourceCode, Unit, Values, WorkerKind } from './types';
import { makeUnits } from './units';

const ids = new Map<string, { id: string; code: SourceCode }>();

/** Functions that use nothing from outside are the same at every call, and so are tasks. */
const constant = new WeakMap<Function | ModuleCode, ShippedFunction>();

/** The same by their code: a function that is made anew for every call is sent, compiled and kept by the workers once. */
const constantCode = new Map<string, ShippedFunction>();

/**
 * Makes a function ready to be sent: a task as the place where the worker finds it, any other function as its source and a
 * snapshot of the variables it closes over, taken now.
 * @throws FunctionNotShippableError, which names what cannot travel; TypeError when it is not a function
 */
export function shipFunction(fn: unknown, mode: WorkerKind): ShippedFunction {
  if (typeof fn !== 'function') throw typeError('the function to run in a worker must be a function', fn);
  const task = taskOf(fn);
  const known = constant.get(task ?? fn);
  if (known !== undefined) return known;
  if (task !== undefined) {
    const shipped: ShippedFunction = { id: `${task.url}#${task.name}`, kind: 'module', name: task.name, payload: { code: task } };
    constant.set(task, shipped);
    return shipped;
  }
  if (isNativeFunction(fn)) throw notShippable(fn, new Obstacle(nativeReason(fn)));

  const capture = new Capture(mode);
  try {
    capture.root(fn);
  } catch (error) {
    if (error instanceof Obstacle) throw notShippable(fn, error, capture);
    throw error;
  }
  const { id, code } = codeOf(makeUnits(capture.functions, capture.entries));
  const values: Values = capture.entries;
  const shipped: ShippedFunction = { id, kind: 'source', name: fn.name, payload: { code, values } };
  const [{ pairs, prototype }] = values as [FunctionEntry];
  if (values.length > 1 || pairs !== undefined || prototype !== undefined) return shipped;
  const key = `${id} ${fn.name}`;
  const same = constantCode.get(key) ?? shipped;
  constantCode.set(key, same);
  constant.set(fn, same);
  return same;
}

/** The same code has the same id, whichever call it is for. */
function codeOf(units: readonly Unit[]): { id: string; code: SourceCode } {
  const key = units.map(({ filename, lineOffset, columnOffset, text }) => `${filename}:${lineOffset}:${columnOffset}:${text}`).join('\0');
  let known = ids.get(key);
  if (known === undefined) ids.set(key, (known = { id: `source-${ids.size + 1}`, code: { units } }));
  return known;
}

function nativeReason(fn: Function): string {
  if (fn.name.startsWith('bound ')) return 'is a bound function: pass (x) => f(x) instead';
  return 'is a native function, which has no source text: pass (x) => f(x) instead';
}

function notShippable(fn: Function, obstacle: Obstacle, capture?: Capture): FunctionNotShippableError {
  const root = capture?.functions[0];
  const where = root !== undefined && root.url !== '' ? ` (${basename(fileOf(root.url))}:${root.line + 1})` : '';
  const name = fn.name === '' ? 'this function' : `\`${fn.name}\``;
  if (obstacle.path.length === 0) return new FunctionNotShippableError(`${name}${where} ${obstacle.message}`, { cause: obstacle.cause });
  const path = obstacle.path.reduce((text, part) => (/^[[(]/.test(part) ? `${text}${part}` : text === '' ? part : `${text}.${part}`), '');
  const isSyntax = /(?:^|\.)(?:this|super|arguments)$/.test(path);
  const advice = isSyntax ? '' : '; pass it as an argument, make it in the worker, or use task(import.meta.url, …)';
  return new FunctionNotShippableError(`${name}${where} uses \`${path}\`, which ${obstacle.message}${advice}`, { cause: obstacle.cause });
}
