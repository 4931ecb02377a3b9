import type { Contract } from './definitions.js';
import type { StoredEvent } from './events.js';
import { readEvent, type RefusalCode, type SentEvent, skewOf } from './read-event.js';
import { mend, type RepairStep } from './repair.js';

/** What happened to the collector, in order: a request with events, or a repair of events that were refused before. */
export type Delivery =
  | { readonly kind: 'events'; readonly receivedAt: number; readonly events: readonly SentEvent[] }
  | {
      readonly kind: 'repair';
      readonly receivedAt: number;
      readonly event: string;
      readonly code: RefusalCode;
      readonly mapping: readonly RepairStep[];
    };

/** What became of all deliveries. */
export interface Intake {
  /** The events that count, in the order in which they were accepted. */
  readonly stored: readonly StoredEvent[];
  /** By delivery: the places of the events that the sender is told are refused. */
  readonly refusedAt: readonly (readonly number[])[];
}

interface Refused {
  readonly sent: SentEvent;
  readonly code: RefusalCode;
  /** How far the sender's clock was off when the event came first. */
  readonly skewMs: number;
}

type Judged = { readonly read: StoredEvent } | { readonly refused: Refused };

const MINUTE_MS = 60_000;

/**
 * Takes deliveries in. An event counts once per contract and id, whatever time it claims: the first occurrence that was
 * accepted holds. An event whose minute is final is kept apart with those that were refused, and comes in by a repair
 * only. The events of one delivery are judged by the watermark before it; no source is ever idle here.
 */
export function takeIn(contracts: Readonly<Record<string, Contract>>, deliveries: readonly Delivery[]): Intake {
  const stored = new Map<string, StoredEvent>();
  const refusedAt: number[][] = [];
  let quarantine: Refused[] = [];
  let watermarks: ReadonlyMap<string, number> = new Map();

  const judge = (sent: SentEvent, receivedAt: number, skewMs: number): Judged => {
    const read = readEvent(contracts, sent, receivedAt, skewMs);
    return typeof read === 'string' ? { refused: { sent, code: read, skewMs } } : { read };
  };
  const take = (accepted: readonly StoredEvent[], receivedAt: number): void => {
    for (const event of accepted) {
      const key = JSON.stringify([event.event, event.id]);
      if (!stored.has(key)) stored.set(key, event);
    }
    watermarks = advanced(watermarks, contracts, accepted, receivedAt);
  };

  for (const delivery of deliveries) {
    const { receivedAt } = delivery;
    if (delivery.kind === 'events') {
      const judged = delivery.events.map((sent) => judge(sent, receivedAt, skewOf(sent, receivedAt)));
      refusedAt.push(judged.flatMap((one, index) => ('refused' in one ? [index] : [])));
      const late = judged.flatMap((one, index): Refused[] => {
        const sent = delivery.events[index];
        if ('refused' in one || !sent || !isFinal(one.read, contracts, watermarks)) return [];
        return [{ sent, code: 'TOO_LATE', skewMs: skewOf(sent, receivedAt) }];
      });
      const onTime = judged.flatMap((one) =>
        'read' in one && !isFinal(one.read, contracts, watermarks) ? [one.read] : [],
      );
      quarantine.push(...judged.flatMap((one) => ('refused' in one ? [one.refused] : [])), ...late);
      take(onTime, receivedAt);
    } else {
      const meant = quarantine.filter(({ sent, code }) => sent['event'] === delivery.event && code === delivery.code);
      const mended = meant.map((one) => ({
        one,
        judged: judge(mend(one.sent, delivery.mapping), receivedAt, one.skewMs),
      }));
      const taken = new Set(mended.flatMap(({ one, judged }) => ('read' in judged ? [one] : [])));
      quarantine = quarantine.filter((one) => !taken.has(one));
      refusedAt.push([]);
      take(
        mended.flatMap(({ judged }) => ('read' in judged ? [judged.read] : [])),
        receivedAt,
      );
    }
  }
  return { stored: [...stored.values()], refusedAt };
}

/** Whether the minute of an event ended so long before the watermark that its numbers are final. */
function isFinal(
  { event, time }: StoredEvent,
  contracts: Readonly<Record<string, Contract>>,
  watermarks: ReadonlyMap<string, number>,
): boolean {
  const minuteEnd = (Math.floor(time / MINUTE_MS) + 1) * MINUTE_MS;
  return minuteEnd + (contracts[event]?.allowedLatenessMs ?? 0) <= (watermarks.get(event) ?? -Infinity);
}

/** The watermarks after some events were accepted: they follow the newest event time, and never go back. */
function advanced(
  watermarks: ReadonlyMap<string, number>,
  contracts: Readonly<Record<string, Contract>>,
  accepted: readonly StoredEvent[],
  receivedAt: number,
): ReadonlyMap<string, number> {
  const found = new Map(watermarks);
  for (const { event, time } of accepted) {
    const reached = Math.min(time, receivedAt) - (contracts[event]?.outOfOrderMs ?? 0);
    found.set(event, Math.max(found.get(event) ?? -Infinity, reached));
  }
  return found;
}
