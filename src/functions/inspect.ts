/**
 * Reads what V8 knows of a function object through the inspector, in this process and without a debugger: the variables
 * it closes over, its script and its position.
 */
import type { Session } from 'node:inspector';

/** One level of a function's scope chain. */
export interface Scope {
  /** As V8 describes it: `Closure (makeAdder)`, `Block`, `Module`, `Script`, `Global` … */
  readonly description: string;
  /** A copy of its variables, made now. */
  readonly object: Record<string, unknown>;
}

export interface Inspected {
  /** Innermost first. */
  readonly scopes: readonly Scope[];
  readonly scriptId: string;
  /** Of the parameter list, from 0. */
  readonly line: number;
  readonly column: number;
}

interface Handles {
  fn: unknown;
  scopes: readonly Scope[];
}

interface Inspector {
  /** Runs a command; answers at once, as commands of a session in its own thread do. */
  // biome-ignore lint/suspicious/noExplicitAny: each command answers something else
  post(method: string, params?: object): any;
  readonly handles: Handles;
  readonly handlesId: string;
}

const GROUP = 'everycore';
let inspector: Inspector | null | undefined;

/** What V8 knows of the function; null where the platform cannot tell (another engine, `--permission`). */
export function inspectFunction(fn: Function): Inspected | null {
  inspector ??= open();
  if (inspector === null) return null;
  const { post, handles, handlesId } = inspector;
  handles.fn = fn;
  try {
    let objectId = objectIds.get(fn);
    if (objectId === undefined) {
      const held = post('Runtime.callFunctionOn', { objectId: handlesId, functionDeclaration: 'function () { return this.fn }', objectGroup: GROUP });
      objectIds.set(fn, (objectId = held.result.objectId as string));
    }
    const { internalProperties = [] } = post('Runtime.getProperties', { objectId, ownProperties: true });
    const internal = (name: string) => internalProperties.find((property: { name: string }) => property.name === name)?.value;
    const scopes = internal('[[Scopes]]');
    if (scopes === undefined) return null;
    post('Runtime.callFunctionOn', {
      objectId: handlesId,
      functionDeclaration: 'function (scopes) { this.scopes = scopes }',
      arguments: [{ objectId: scopes.objectId }],
      objectGroup: GROUP,
    });
    const location = internal('[[FunctionLocation]]')?.value ?? { scriptId: '', lineNumber: 0, columnNumber: 0 };
    return { scopes: Array.from(handles.scopes), scriptId: location.scriptId, line: location.lineNumber, column: location.columnNumber };
  } finally {
    handles.fn = undefined;
    handles.scopes = [];
    releaseSoon();
  }
}

/** Objects that V8 holds for us are let go together: it takes as long for one as for many. */
const HELD_LIMIT = 256;
let held = 0;

/** The functions among them: who is asked about again in the same turn of the event loop is there already. */
const objectIds = new Map<Function, string>();

function releaseSoon(): void {
  if (++held === 1) setImmediate(release);
  else if (held % HELD_LIMIT === 0) letGo();
}

function release(): void {
  held = 0;
  letGo();
}

function letGo(): void {
  objectIds.clear();
  inspector?.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
}

let urls = new Map<string, string>();

/** The file URL (or `node:` name) of a script; an empty string for code made from strings. */
export function scriptUrl(scriptId: string): string {
  const known = urls.get(scriptId);
  if (known !== undefined) return known;
  inspector ??= open();
  try {
    // The cheapest command that lists scripts; it counts nothing anew and resets nothing.
    const coverage = inspector?.post('Profiler.getBestEffortCoverage').result ?? [];
    urls = new Map(coverage.map((script: { scriptId: string; url: string }) => [script.scriptId, script.url]));
  } catch {
    // Then files are not named; nothing else depends on it.
  }
  if (!urls.has(scriptId)) urls.set(scriptId, '');
  return urls.get(scriptId) as string;
}

function open(): Inspector | null {
  try {
    const { Session: Connection } = require('node:inspector') as typeof import('node:inspector');
    const session: Session = new Connection();
    session.connect();
    const post: Inspector['post'] = (method, params) => {
      let failure: Error | null | undefined;
      let answer: unknown;
      session.post(method, params, (error, value) => {
        failure = error;
        answer = value;
      });
      if (failure || answer === undefined) throw new Error(`${method}: ${failure?.message ?? 'no answer'}`);
      return answer;
    };
    const handles: Handles = { fn: undefined, scopes: [] };
    const name = '__everycoreHandles';
    Object.defineProperty(globalThis, name, { value: handles, configurable: true });
    try {
      const { result } = post('Runtime.evaluate', { expression: `globalThis.${name}` });
      return result.objectId === undefined ? null : { post, handles, handlesId: result.objectId };
    } finally {
      delete (globalThis as Record<string, unknown>)[name];
    }
  } catch {
    return null;
  }
}
