import { EMPTY_STATE, formatRef, type LandedChange } from '@paddock/contracts';
import type { ConfigPosition, ConfigState } from './config-state.js';
import { describeRefusals, type Refusal, refusalOf, type Refusals } from './refused-documents.js';

/** What an instance refuses, which release brought it, and what the instance may therefore say that it applied. */
export class RefusalLedger {
  /** By `formatRef`. */
  refusals: Refusals = new Map();
  /** The newest position whose release brought no refused document: where heartbeats say that the instance stands. */
  proved: ConfigPosition | undefined;

  /** Continues from the state on disk. */
  restore(refusals: Refusals, proved: ConfigPosition | undefined): void {
    this.refusals = refusals;
    this.proved = proved;
  }

  /** Why a release is not applied here: documents that it brought are refused. */
  refusalsIn({ items }: Pick<LandedChange, 'items'>): string | undefined {
    return describeRefusals(items.flatMap((item) => refusalOf(this.refusals, item) ?? []));
  }

  /** What receipts and health checks say besides. */
  get remark(): string | undefined {
    const refused = describeRefusals(this.refusals.values());
    return refused === undefined ? undefined : `applied without ${refused}`;
  }

  /** The newest release with a refused document, where it is known. */
  get newest(): { seq: number; reason: string } | undefined {
    const [newest] = [...this.refusals.values()].toSorted((a, b) => (b.seq ?? 0) - (a.seq ?? 0));
    return newest?.seq === undefined ? undefined : { seq: newest.seq, reason: newest.reason };
  }

  /**
   * Records the refused documents of the state after the releases `brought`.
   * @returns releases that were rejected and whose documents are all in force by now
   */
  update(found: Refusals, brought: readonly LandedChange[], { documents, position }: ConfigState): number[] {
    const before = this.refusals;
    const seqOf = ({ document: { ref, sha256 } }: Refusal): number | undefined => {
      const name = formatRef(ref);
      const isThis = (item: LandedChange['items'][number]): boolean =>
        item.sha256 === sha256 && formatRef(item) === name;
      return brought.findLast(({ items }) => items.some(isThis))?.seq ?? refusalOf(before, { ...ref, sha256 })?.seq;
    };
    this.refusals = new Map(
      [...found].map(([name, refusal]) => {
        const seq = seqOf(refusal);
        return [name, { ...refusal, ...(seq === undefined ? {} : { seq }) }];
      }),
    );
    const open = new Set([...this.refusals.values()].map(({ seq }) => seq));
    const isLive = ({ document }: Refusal): boolean =>
      documents.get(formatRef(document.ref))?.sha256 === document.sha256;
    const inForce = [...before.values()].filter((refusal) => !open.has(refusal.seq) && isLive(refusal));
    const healed = new Set(inForce.flatMap(({ seq }) => seq ?? []));
    if (healed.has(position.seq)) this.proved = position;
    return [...healed];
  }

  /** Goes to the newest of the releases that led to a position and brought no refused document; to the position without any. */
  prove(position: ConfigPosition, changes: readonly LandedChange[]): void {
    const newest = changes.findLast((change) => this.refusalsIn(change) === undefined);
    if (changes.length === 0) this.proved = position;
    else if (newest) this.proved = { epoch: position.epoch, seq: newest.seq, stateHash: newest.stateHash };
    else if (this.proved?.epoch !== position.epoch)
      this.proved = { epoch: position.epoch, seq: 0, stateHash: EMPTY_STATE };
  }
}
