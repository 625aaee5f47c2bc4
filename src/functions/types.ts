/** What travels when a function is sent to a worker. Everything here survives a structured clone. */

/** Where the function will run: shared memory crosses to threads, not to processes. */
export type WorkerKind = 'process' | 'thread';

/**
 * A function on its way to a worker. `payload.code` is the same for every call and needs to be sent once per
 * worker and `id`; `payload.values` holds the captured variables of this call.
 */
export interface ShippedFunction {
  readonly id: string;
  readonly kind: 'module' | 'source';
  readonly name: string;
  readonly payload: { readonly code?: Code; readonly values?: Values };
}

export type Code = ModuleCode | SourceCode;

/** A function that the worker finds by importing its module. */
export interface ModuleCode {
  readonly url: string;
  readonly name: string;
}

/** Functions that the worker compiles. */
export interface SourceCode {
  readonly units: readonly Unit[];
}

/**
 * One text to compile. Functions that assign to a variable which others of them read are in one unit, so that they go on
 * sharing it; all others have a unit each.
 */
export interface Unit {
  /** File and position as the user's stack traces show them. */
  readonly filename: string;
  readonly lineOffset: number;
  readonly columnOffset: number;
  readonly text: string;
}

/** The graph of captured values: entry 0 is the function itself; numbers in entries point at other entries. */
export type Values = readonly Entry[];

export type Pairs = readonly (readonly [key: string, entry: number])[];

export type Entry =
  | { readonly t: 'value'; readonly v: unknown }
  | FunctionEntry
  | { readonly t: 'array'; readonly items: readonly number[]; readonly like?: number; readonly pairs?: Pairs }
  | { readonly t: 'object'; readonly pairs: Pairs; readonly proto?: number | null }
  | { readonly t: 'instance'; readonly of: number; readonly pairs: Pairs }
  | { readonly t: 'map'; readonly items: readonly (readonly [number, number])[]; readonly like?: number; readonly pairs?: Pairs }
  | { readonly t: 'set'; readonly items: readonly number[]; readonly like?: number; readonly pairs?: Pairs }
  | { readonly t: 'accessor'; readonly get?: number; readonly set?: number }
  | { readonly t: 'made'; readonly from?: string; readonly by: readonly string[]; readonly args: readonly unknown[] }
  | { readonly t: 'symbol'; readonly key: string }
  | { readonly t: 'reference'; readonly to: Reference };

/** A function or class to build from its source. */
export interface FunctionEntry {
  readonly t: 'function';
  readonly unit: number;
  /** Its place in the unit. */
  readonly index: number;
  readonly name: string;
  /** Entries of its own variables, in the order of the unit's text. */
  readonly own: readonly number[];
  /** Entries of the variables that functions of the unit share, scope by scope; its first function carries them. */
  readonly shared?: readonly (readonly number[])[];
  readonly isClass?: boolean;
  /** The class it extends, or the prototype's prototype of an old-style constructor. */
  readonly parent?: number;
  readonly pairs?: Pairs;
  readonly prototype?: Pairs;
}

/** Something that exists in the worker too and is looked up there. */
export type Reference =
  | { readonly in: 'global'; readonly path: readonly string[] }
  | { readonly in: 'builtin'; readonly module: string; readonly path: readonly string[]; readonly namespace?: boolean }
  | { readonly in: 'everycore'; readonly entry: string; readonly path: readonly string[] }
  | { readonly in: 'module'; readonly url: string; readonly path: readonly string[] }
  | { readonly in: 'commonjs'; readonly file: string; readonly path: readonly string[] }
  | { readonly in: 'task'; readonly url: string; readonly name: string }
  | { readonly in: 'file'; readonly what: 'meta' | 'import' | 'require' | 'module'; readonly file: string };
