/**
 * What a kernel takes and answers, as types that can be asked: a kernel's own signature has overloads and
 * type parameters, which TypeScript can call but not compute with. Each family describes itself by one
 * interface; the methods of Pool ask it.
 */

/** `takes` and `answer` may depend on the types of the arguments that are `given`. */
export interface Signature {
  readonly given: unknown;
  readonly takes: readonly unknown[];
  readonly answer: unknown;
}

declare const signature: unique symbol;

/** What kernels of a family extend; nothing is there at run time. */
export interface Signed<S extends Signature> {
  readonly [signature]?: S;
}

// biome-ignore lint/suspicious/noExplicitAny: matches kernels of every kind
export type AnyKernel = ((...args: any[]) => unknown) & { readonly kernelName: string };

type Asked<K, A> = K extends { readonly [signature]?: infer S } ? (S extends Signature ? S & { readonly given: A } : never) : never;

/** The arguments that K takes where A is given. A kernel without a family takes what it is declared with. */
export type Takes<K extends AnyKernel, A> = [Asked<K, A>] extends [never] ? Parameters<K> : Asked<K, A>['takes'];

/** What K answers to arguments of type A. */
export type Answer<K extends AnyKernel, A> = [Asked<K, A>] extends [never] ? ReturnType<K> : Asked<K, A>['answer'];

/** The type of one argument of those that are given. */
export type Given<A, I extends number> = A extends readonly unknown[] ? A[I] : unknown;
