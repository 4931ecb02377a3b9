import type { Contract } from './definitions.js';
import type { StoredEvent, Value } from './events.js';
import { readEvent, type RefusalCode, type SentEvent, skewOf } from './read-event.js';
import { type IdentityCall, type Link, linksOfCall, personOf } from './persons.js';
import { repair, type RepairStep } from './repair.js';

/**
 * The collector's input, in order: requests with events or with calls that identify visitors, and repairs of refused
 * events.
 */
export type Delivery =
  | { readonly kind: 'events'; readonly receivedAt: number; readonly events: readonly SentEvent[] }
  | { readonly kind: 'calls'; readonly receivedAt: number; readonly calls: readonly IdentityCall[] }
  | {
      readonly kind: 'repair';
      readonly receivedAt: number;
      readonly event: string;
      readonly code: RefusalCode;
      readonly mapping: readonly RepairStep[];
    };

/** The outcome of all deliveries. */
export interface Intake {
  /** The events that count, in the order in which they were accepted. */
  readonly stored: readonly StoredEvent[];
  /** By delivery: the indexes of the events that the answer to the sender lists as refused. */
  readonly refusedAt: readonly (readonly number[])[];
}

interface Refused {
  readonly sent: SentEvent;
  readonly code: RefusalCode;
  /** How far the sender's clock was off when the event came first. */
  readonly skewMs: number;
}

type Contracts = Readonly<Record<string, Contract>>;

const MINUTE_MS = 60_000;

/**
 * Ingests deliveries. An event counts once per contract and id, whatever time it claims: the first accepted occurrence
 * counts. An event whose minute is final is kept with the refused events, and is ingested by a repair only. The events
 * of one delivery are judged by the watermark before it; no source is ever idle here. An accepted event links its ids
 * even when it is repeated or too late.
 */
export function takeIn(contracts: Contracts, deliveries: readonly Delivery[]): Intake {
  const collector = new Collector(contracts);
  const refusedAt = deliveries.map((delivery) => collector.take(delivery));
  return { stored: aboutPersons(contracts, [...collector.stored.values()], collector.links), refusedAt };
}

/** The events with the persons behind their ids, by all links that there are. */
function aboutPersons(contracts: Contracts, stored: readonly StoredEvent[], links: readonly Link[]): StoredEvent[] {
  const persons = new Map<Value, string>();
  const behind = (id: Value): string => {
    const person = persons.get(id) ?? personOf(String(id), links);
    persons.set(id, person);
    return person;
  };
  return stored.map((event) => {
    const who = event.values.get('$user');
    const userField = contracts[event.event]?.userField;
    if (who === undefined || userField === undefined) return event;
    return { ...event, values: new Map(event.values).set('$user', behind(who)).set(userField, behind(who)) };
  });
}

class Collector {
  /** By contract and id. */
  readonly stored = new Map<string, StoredEvent>();
  readonly links: Link[] = [];
  private quarantine: Refused[] = [];
  private watermarks: ReadonlyMap<string, number> = new Map();

  constructor(private readonly contracts: Contracts) {}

  /** Says at which places of the request something was refused. */
  take(delivery: Delivery): number[] {
    switch (delivery.kind) {
      case 'events':
        return this.takeEvents(delivery);
      case 'calls':
        return this.takeCalls(delivery);
      case 'repair':
        return this.repair(delivery);
    }
  }

  private takeCalls({ calls, receivedAt }: Extract<Delivery, { kind: 'calls' }>): number[] {
    const said = calls.map((call) => linksOfCall(call, receivedAt));
    this.links.push(...said.flatMap((links) => links ?? []));
    return said.flatMap((links, index) => (links ? [] : [index]));
  }

  private takeEvents({ events, receivedAt }: Extract<Delivery, { kind: 'events' }>): number[] {
    const refusedAt: number[] = [];
    const onTime: StoredEvent[] = [];
    for (const [index, sent] of events.entries()) {
      const skewMs = skewOf(sent, receivedAt);
      const read = readEvent(this.contracts, sent, receivedAt, skewMs);
      if (typeof read === 'string') {
        refusedAt.push(index);
        this.quarantine.push({ sent, code: read, skewMs });
        continue;
      }
      if (read.link) this.links.push(read.link);
      if (isFinal(read, this.contracts, this.watermarks)) {
        // The sender's answer does not show this, because the final minute is noticed later.
        this.quarantine.push({ sent, code: 'TOO_LATE', skewMs });
      } else {
        onTime.push(read);
      }
    }
    this.store(onTime, receivedAt);
    return refusedAt;
  }

  /** Repairs refused events. Those that their contract still refuses stay where they are. */
  private repair({ event, code, mapping, receivedAt }: Extract<Delivery, { kind: 'repair' }>): number[] {
    const left: Refused[] = [];
    const repaired: StoredEvent[] = [];
    for (const one of this.quarantine) {
      const isMeant = one.sent['event'] === event && one.code === code;
      const read = isMeant ? readEvent(this.contracts, repair(one.sent, mapping), receivedAt, one.skewMs) : undefined;
      if (read === undefined || typeof read === 'string') {
        left.push(one);
        continue;
      }
      repaired.push(read);
      if (read.link) this.links.push(read.link);
    }
    this.quarantine = left;
    this.store(repaired, receivedAt);
    return [];
  }

  private store(accepted: readonly StoredEvent[], receivedAt: number): void {
    for (const event of accepted) {
      const key = JSON.stringify([event.event, event.id]);
      if (!this.stored.has(key)) this.stored.set(key, event);
    }
    this.watermarks = advanced(this.watermarks, this.contracts, accepted, receivedAt);
  }
}

/** Whether the minute of an event ended so long before the watermark that its numbers are final. */
function isFinal({ event, time }: StoredEvent, contracts: Contracts, watermarks: ReadonlyMap<string, number>): boolean {
  const minuteEnd = (Math.floor(time / MINUTE_MS) + 1) * MINUTE_MS;
  return minuteEnd + (contracts[event]?.allowedLatenessMs ?? 0) <= (watermarks.get(event) ?? -Infinity);
}

/** The watermarks after some events were accepted: they follow the newest event time, and never go back. */
function advanced(
  watermarks: ReadonlyMap<string, number>,
  contracts: Contracts,
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
