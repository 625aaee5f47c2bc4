/** Types of products.mjs. */
import type { Matrix } from 'everycore/matrix';
export function matrixOf(rows: number, cols: number, kind: string): Matrix<Float64Array>;
export function matrixOf(rows: number, cols: number, kind: string, dtype: string): Matrix<any>;
export function distance(a: Matrix<any>, b: Matrix<any>, c: Matrix<any>, options?: { alpha?: number; beta?: number; old?: Matrix<any> }): number;
