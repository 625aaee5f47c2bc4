/** A subclass of Process with a run() of its own: in the child it is made again, with the fields that it has now. */
import { FunctionNotShippableError } from '../errors';

const sources = () => require('../functions/source') as typeof import('../functions/source');

type Class = new (...args: never[]) => object;

/** @throws FunctionNotShippableError for private fields, which nobody else can read */
export function runnerOf<P extends { run(): unknown }>(instance: P, base: Class, args: readonly unknown[]): () => unknown {
  const type = instance.constructor as Class;
  for (let up = type; up !== base && typeof up === 'function'; up = Object.getPrototypeOf(up) as Class) {
    if (sources().sourceOf(up).usesPrivate) {
      throw new FunctionNotShippableError(
        `${up.name || 'the class'} has private fields, which cannot be read to be sent to the process: give it ordinary ones`,
      );
    }
  }
  const fields = { ...instance };
  // Its constructor has run here, and doesn't run again there.
  return () => (Object.assign(Reflect.construct(base, args, type), fields) as P).run();
}
