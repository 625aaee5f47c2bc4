/** What the workers of a pool have still to do. */
import { type Chunk, type ChunkOwner, Fifo, type Source } from './chunks';

export class WorkQueue {
  readonly #sources = new Fifo<Source>();
  /** Chunks that came back from workers: they are the oldest. */
  readonly #again = new Fifo<Chunk>();

  get length(): number {
    return this.#sources.length + this.#again.length;
  }

  /** True when the next chunk is one that came back. */
  get hasOld(): boolean {
    return this.#again.length > 0;
  }

  push(source: Source): void {
    this.#sources.push(source);
  }

  /** Comes before all that is new. */
  again(chunk: Chunk): void {
    this.#again.push(chunk);
  }

  /** Come before all others. */
  againFirst(chunks: readonly Chunk[]): void {
    this.#again.unshift(chunks);
  }

  /** The next chunk that somebody still wants. */
  next(): Chunk | undefined {
    for (let chunk = this.#again.shift(); chunk !== undefined; chunk = this.#again.shift()) {
      if (!chunk.owner.stopped) return chunk;
      chunk.owner.ended(chunk);
    }
    for (let source = this.#sources.first; source !== undefined; source = this.#sources.first) {
      const chunk = source.owner.stopped ? undefined : source.next();
      if (chunk === undefined || source.exhausted) this.#sources.shift();
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  /** Empties it. @returns whose work it was */
  drain(): Set<ChunkOwner> {
    const owners = new Set<ChunkOwner>();
    for (const { owner } of this.#sources.drain()) owners.add(owner);
    for (const { owner } of this.#again.drain()) owners.add(owner);
    return owners;
  }
}
