import type { Random } from '@paddock/testing';

/** The random source of worlds. */
export class Draw {
  constructor(readonly random: Random) {}

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  integer(min: number, max: number): number {
    return this.random.integer(min, max);
  }

  pick<const T>(options: readonly T[]): T {
    const place = this.integer(0, options.length - 1);
    for (const [index, option] of options.entries()) if (index === place) return option;
    throw new RangeError('there is nothing to pick from');
  }

  /** Some of the options, in their order. */
  some<T>(options: readonly T[], most: number): T[] {
    const wanted = this.integer(0, Math.min(most, options.length));
    const left = [...options];
    while (left.length > wanted) left.splice(this.integer(0, left.length - 1), 1);
    return left;
  }

  many<T>(count: number, draw: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => draw(index));
  }

  /** `{ [name]: … }` with the given probability, `{}` otherwise: for members that may be absent. */
  maybe<const N extends string, const T>(name: N, probability: number, draw: () => T): { [name in N]?: T } {
    const found: { [name in N]?: T } = {};
    if (this.chance(probability)) found[name] = draw();
    return found;
  }
}
