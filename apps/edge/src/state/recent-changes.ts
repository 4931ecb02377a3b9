import { CHANGES_KEPT, type LandedChange } from '@paddock/contracts';

/** An applied release and the pages, as `site/page` of concrete sites, that it may have changed. */
export interface AppliedChange {
  change: LandedChange;
  pages: readonly string[];
}

/** Roughly what one change keeps in memory beside its items. */
const CHANGE_WEIGHT = 10;
const MAX_WEIGHT = 100_000;

/** The newest applied releases, for readers that resume: bounded in number and, because releases may be large, in items. */
export class RecentChanges {
  private changes: AppliedChange[] = [];
  private weight = 0;
  private distrusted = -1;

  push(applied: AppliedChange): void {
    this.changes.push(applied);
    this.weight += weightOf(applied);
    let drop = 0;
    while (this.changes.length - drop > 1 && (this.changes.length - drop > CHANGES_KEPT || this.weight > MAX_WEIGHT)) {
      const oldest = this.changes[drop];
      if (oldest) this.weight -= weightOf(oldest);
      drop += 1;
    }
    if (drop > 0) this.changes.splice(0, drop);
  }

  /** Every release after `seq` up to `current`, or `undefined` where some of them are no longer known. */
  after(seq: number, current: number): AppliedChange[] | undefined {
    if (seq === current) return [];
    const first = this.changes[0];
    if (!first || seq > current || seq + 1 < first.change.seq) return undefined;
    return this.changes.slice(seq + 1 - first.change.seq);
  }

  clear(): void {
    this.changes = [];
    this.weight = 0;
  }

  /** A reader who names a seq up to this one may have it from a history that the database lost: it meant another release there. */
  distrust(seq: number): void {
    this.distrusted = Math.max(this.distrusted, seq);
  }

  isDistrusted(seq: number): boolean {
    return seq <= this.distrusted;
  }
}

function weightOf({ change, pages }: AppliedChange): number {
  return CHANGE_WEIGHT + change.items.length + pages.length;
}
