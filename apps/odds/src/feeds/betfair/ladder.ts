import type { PositionPoint, PricePoint } from './messages.js';

/** Which end of a ladder is best for the bettor: backers want the highest price, layers the lowest. */
export type Side = 'back' | 'lay' | 'unordered';

/** Price → size, full depth. */
export class PriceLadder {
  private readonly levels = new Map<number, number>();

  constructor(private readonly side: Side) {}

  update(points: readonly PricePoint[] | null | undefined): void {
    for (const [price, size] of points ?? []) {
      if (size === 0) this.levels.delete(price);
      else this.levels.set(price, size);
    }
  }

  get depth(): number {
    return this.levels.size;
  }

  get best(): { readonly price: number; readonly size: number } | undefined {
    let best: number | undefined;
    for (const price of this.levels.keys()) {
      if (best === undefined || (this.side === 'back' ? price > best : price < best)) best = price;
    }
    return best === undefined ? undefined : { price: best, size: this.levels.get(best) ?? 0 };
  }
}

/** Position → price and size, the best few. */
export class PositionLadder {
  private readonly levels = new Map<number, { readonly price: number; readonly size: number }>();

  update(points: readonly PositionPoint[] | null | undefined): void {
    for (const [position, price, size] of points ?? []) {
      if (size === 0) this.levels.delete(position);
      else this.levels.set(position, { price, size });
    }
  }

  get depth(): number {
    return this.levels.size;
  }

  get best(): { readonly price: number; readonly size: number } | undefined {
    return this.levels.get(Math.min(...this.levels.keys()));
  }
}
