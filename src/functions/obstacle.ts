/** Why a value or function cannot travel; ship.ts makes the user's error of it. */
export class Obstacle extends Error {
  /** What it is about, from the function down: `helper`, `db.socket`, `table[3]`. */
  readonly path: readonly string[];

  constructor(reason: string, path: readonly string[] = [], options?: ErrorOptions) {
    super(reason, options);
    this.path = path;
  }

  /** The same obstacle, seen from further up. */
  at(path: readonly string[]): Obstacle {
    return this.path.length > 0 ? this : new Obstacle(this.message, path, { cause: this.cause });
  }
}
