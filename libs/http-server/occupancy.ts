/** How many places of something each key has, such as connections per address; only keys that have one are kept. */
export class Occupancy {
  private readonly taken = new Map<string, number>();

  constructor(private readonly max: number) {}

  of(key: string): number {
    return this.taken.get(key) ?? 0;
  }

  /** @returns what gives the place back, once; `undefined` where the key has as many as it may */
  enter(key: string): (() => void) | undefined {
    const before = this.of(key);
    if (before >= this.max) return undefined;
    this.taken.set(key, before + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = this.of(key) - 1;
      if (now > 0) this.taken.set(key, now);
      else this.taken.delete(key);
    };
  }
}
