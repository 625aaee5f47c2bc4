/** Values of the library keep their class on every transport: images, matrices, stacks of them, and pipelines. */
import type { Step } from '../pipeline/data';
import { Refusal } from './refusal';
import type { HandleKind } from './value-tags';

/** A class, and the names of its fields in the order of its constructor. */
interface Known {
  /** Its static method that knows instances, those of other copies of the library too. */
  readonly test: string;
  readonly fields: readonly string[];
  /** Required where the first one arrives: a program without them loads none of it. */
  load(): new (...fields: never[]) => object;
}

const classes: Readonly<Record<string, Known>> = {
  Image: {
    test: 'isImage',
    fields: ['data', 'width', 'height', 'channels', 'stride'],
    load: () => (require('../image/image') as typeof import('../image/image')).Image,
  },
  Matrix: {
    test: 'isMatrix',
    fields: ['data', 'rows', 'cols', 'offset', 'rowStride', 'colStride'],
    load: () => (require('../matrix/matrix') as typeof import('../matrix/matrix')).Matrix,
  },
  MatrixStack: {
    test: 'isStack',
    fields: ['data', 'count', 'rows', 'cols', 'offset', 'stride', 'rowStride', 'colStride'],
    load: () => (require('../matrix/stack') as typeof import('../matrix/stack')).MatrixStack,
  },
};

function kindOfClass([name, { test, fields, load }]: [string, Known]): HandleKind {
  return {
    name,
    is(value) {
      // Two classes may have one name: the class is asked, too.
      const made: unknown = value.constructor;
      if (typeof made !== 'function' || made.name !== name) return false;
      const knows = (made as unknown as Record<string, unknown>)[test];
      return typeof knows === 'function' && knows.call(made, value) === true;
    },
    pack: (value) => fields.map((field) => (value as Record<string, unknown>)[field]),
    unpack: (packed) => new (load())(...(packed as never[])),
  };
}

function hasFunctions(steps: readonly Step[]): boolean {
  return steps.some((step) =>
    'tee' in step
      ? Object.values(step.tee).some((branch) => hasFunctions(branch.steps))
      : Object.values(step).some((each) => typeof each === 'function'),
  );
}

type Pipelines = typeof import('../pipeline/pipeline');

/** Its steps travel as any values do, so there must be no functions among them. */
const pipelines: HandleKind = {
  name: 'Pipeline',
  is: (value) => typeof value === 'function' && (value as { kernelName?: unknown }).kernelName === 'pipeline' && 'steps' in value,
  pack: (value) => {
    const { options, steps } = value as unknown as { options: unknown; steps: readonly Step[] };
    if (hasFunctions(steps))
      throw new Refusal(value, 'is a pipeline with a function among its steps (custom, toFile), and functions do not travel as values');
    return { options, steps };
  },
  unpack: (packed) => (require('../pipeline/pipeline') as Pipelines).remade(packed as Parameters<Pipelines['remade']>[0]),
};

export const libraryValues: readonly HandleKind[] = [...Object.entries(classes).map(kindOfClass), pipelines];
