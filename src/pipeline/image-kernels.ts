/** The image kernels by name, so that a new one is a method of every pipeline without anybody's doing. */
import { typeError } from '../errors';
import { type Declaration, declarationOf, type Kernel, registeredKernels } from '../kernels/kernel';
import type { Step } from './data';

type Factory = (...args: unknown[]) => Kernel<never[], unknown>;

/** Kernels over two images have no place in a pipeline, through which one goes. */
const overTwoImages: readonly string[] = ['absdiff', 'psnr', 'ssim'];

let factories: ReadonlyMap<string, Factory> | undefined;

/** What makes each kernel, by the kernel's name. */
export function imageKernels(): ReadonlyMap<string, Factory> {
  // Required here: the entry point exports pipelines too.
  const exported = require('../image') as Record<string, unknown>;
  factories ??= new Map(
    registeredKernels()
      .filter(({ entry, name }) => entry === 'image' && typeof exported[name] === 'function' && !overTwoImages.includes(name))
      .map(({ name }) => [name, exported[name] as Factory]),
  );
  return factories;
}

const declarations = new WeakMap<Step, Declaration>();

/** The kernel of a step. @throws what the kernel says of wrong options. */
export function declarationOfStep(step: Extract<Step, { kernel: string }>): Declaration {
  let declaration = declarations.get(step);
  if (declaration === undefined) {
    declaration = makeKernel(step.kernel, step.options);
    declarations.set(step, declaration);
  }
  return declaration;
}

export function makeKernel(name: string, options: unknown): Declaration {
  const factory = imageKernels().get(name);
  const made = factory && declarationOf(options === undefined ? factory() : factory(options));
  if (made === undefined) throw typeError(`a step must be one of the image kernels ${[...imageKernels().keys()].join(', ')}`, name);
  return made;
}
