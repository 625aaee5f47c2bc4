/**
 * A call: one run of one kernel with everything settled - which memory, which parameters, how it may
 * be cut. Families make calls from arguments; planner and executors work on calls and know no kernel.
 * The C++ side of the same words is native/core/kernel.h.
 */

/** Typed arrays that a kernel can read and write. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Where numbers lie: a typed array with a shape over it. Offsets and strides count elements. */
export interface View {
  readonly data: TypedArray;
  readonly offset: number;
  /** At most three axes: a vector is [n], a matrix [rows, columns], an image [height, width, channels]. */
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/** A stretch of a call that may be cut into ranges; the next phase begins when all its ranges are done. */
export interface Phase {
  /** How many units there are to do: elements, rows, tiles - what the family says. */
  readonly units: number;
  /** Ranges begin at multiples of this many units. */
  readonly grain: number;
  /** Nanoseconds that one unit takes on one thread, roughly: what the planner weighs. */
  readonly cost: number;
  /** Set where every unit builds on the one before: ranges then come one after the other, on one thread. */
  readonly inOrder?: boolean;
  /** Set where units wait for ones before them while those run: every unit is a range of its own, and they are begun in order. */
  readonly chained?: boolean;
}

/**
 * Band b of the first view's rows, `rows` high, is what units b · `units` and following read, besides `around` rows
 * above and below it; they write band b of the last view.
 */
export interface Bands {
  readonly rows: number;
  readonly units: number;
  readonly around: number;
}

/** Unit u of the second phase reads rows `needs[2 u]` up to `needs[2 u + 1]` of the shared memory; neither number goes back. */
export interface Rolling {
  /** Bytes of such a row, of which unit u of the first phase writes number u. */
  readonly rowBytes: number;
  readonly needs: Int32Array;
}

export interface Call<R = unknown> {
  /** Name of the native kernel, by which both sides find it. */
  readonly kernel: string;
  /** Inputs first, then outputs. The dtype of the first one selects the native kernel. */
  readonly views: readonly View[];
  readonly params: readonly number[];
  /** Empty when there is nothing to run (numbers, empty arrays): `finish` alone has the answer. */
  readonly phases: readonly Phase[];
  /** Bytes of memory that all ranges of the call share, for what one phase leaves to the next. */
  readonly sharedBytes?: number;
  /** Bytes of memory that each thread needs for itself. */
  readonly scratchBytes?: number;
  /**
   * Set when unit u of the first phase reads row `rowsFrom + u` of the first view and no other: then the rows
   * may come one strip after the other, as a decoder makes them, and the whole image need never be held. Where
   * that is the only phase and an image the answer, in the last view, unit u writes its row u and no other.
   */
  readonly rowsFrom?: number;
  /** Said instead where units are not rows. */
  readonly bands?: Bands;
  /**
   * Said besides `rowsFrom` where a second phase, the last one, makes row u of an image, in the last view, from rows
   * that the first has left in the shared memory, and from nothing else: then those rows need not all be held either.
   */
  rolling?(): Rolling;
  /** The TypeScript kernel over the same views: the meaning, and what runs where no binary loads. */
  reference(): void;
  /** The answer, once every phase has run. */
  finish(): R;
}
