/** The kernel `where(mask, a, b)`: a where the mask is not 0, else b. */
import { typeError } from '../errors';
import type { Matrix } from '../matrix/matrix';
import type { TypedArray } from './call';
import { dtypeOf, dtypes, isTypedArray } from './dtype';
import { elementwiseCall } from './elementwise-call';
import { checkOptions, type Declaration, kernel, register } from './kernel';
import { type Operand, operand } from './operands';
import type { Given, Signature, Signed } from './signature';
import type { BesideOf, Leader, OperandOf, OutOption, ResultFor } from './types';

/** What a mask can be: the answer of a comparison. */
export type Mask = boolean | number | readonly (boolean | number)[] | Uint8Array | Matrix<Uint8Array>;

interface WhereSignature extends Signature {
  readonly takes: readonly [mask: Mask, a: OperandOf<TypedArray>, b: BesideOf<Given<this['given'], 1>>];
  readonly answer: Given<this['given'], 0> extends readonly unknown[] ? number[] : ResultFor<Leader<Given<this['given'], 1 | 2>>, 'same'>;
}

export interface WhereKernel extends Signed<WhereSignature> {
  (mask: boolean | number, a: number, b: number): number;
  (mask: readonly (boolean | number)[], a: number | readonly number[], b: number | readonly number[]): number[];
  <A extends OperandOf<TypedArray>, B extends BesideOf<A>>(
    mask: Mask,
    a: A,
    b: B,
    options?: OutOption<ResultFor<Leader<A | B>, 'same'>>,
  ): ResultFor<Leader<A | B>, 'same'>;
  readonly kernelName: string;
  readonly family: 'ternary';
}

const declaration: Declaration = {
  name: 'where',
  entry: 'math',
  family: 'ternary',
  dtypes,
  summary: 'a where the mask is not 0, else b',
  elementwise: false,
  call: (args, out) => {
    checkOptions('where', args[3], []);
    const operands = [operand(args[1], 'the second argument of where'), operand(args[2], 'the third argument of where')];
    return elementwiseCall(rule, operands, out, [maskOperand(args[0])]);
  },
};

const rule = {
  name: 'where',
  dtypes,
  resultDtype: (dtype: Declaration['dtypes'][number]) => dtype,
  scalar: () => (a: unknown, b: unknown, mask: unknown) => (mask ? a : b),
};

function maskOperand(mask: unknown): Operand {
  if (typeof mask === 'boolean') return { kind: 'number', value: Number(mask) };
  if (Array.isArray(mask)) {
    const bytes = Uint8Array.from(mask, (value: unknown, i) => {
      if (typeof value === 'boolean' || typeof value === 'number') return value ? 1 : 0;
      throw typeError(`the mask of where must hold booleans or numbers, item ${i} is not: it`, value);
    });
    return { ...operand(bytes, 'the mask of where'), kind: 'list' } as Operand;
  }
  const found = operand(mask, 'the mask of where');
  if (found.kind === 'number') return { kind: 'number', value: found.value ? 1 : 0 };
  if (found.dtype !== 'u8' || (found.kind === 'array' && isTypedArray(mask) && dtypeOf(mask) !== 'u8'))
    throw typeError('the mask of where must be a Uint8Array, as comparisons answer', mask);
  return found;
}

register(declaration);
export const where = kernel<WhereKernel & (() => never)>(declaration, 3) as unknown as WhereKernel;
