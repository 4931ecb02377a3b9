import { v7 as uuidv7 } from 'uuid';
import { MAX_RECORD_BYTES } from '@paddock/eventlog';
import { type Chunk, encodeChunk } from '../log/chunk.js';
import { QUARANTINE_COLUMNS, refusedRow } from '../store/quarantine-rows.js';
import { rowLine } from '../store/row-lines.js';
import { type Minute, WINDOW_MS } from '../store/store.js';
import { type IdentityLink, LINK_COLUMNS, linkRow, MAX_ID_LENGTH } from '../identity/link.js';
import {
  callLinks,
  type ClaimedIdentity,
  claimedLinks,
  type IdentityCall,
  identityProblem,
} from './claimed-identity.js';
import { clockSkewMs } from './clock-skew.js';
import { CompiledContract, type CompiledContracts } from './compiled-contract.js';
import { faultOf } from './depth.js';
import { readTime } from './event-time.js';
import { type EventBody, isEventBody } from './field-writer.js';
import { type Mistake, type Rejection, reject, rejectAll, textOfRejection } from './rejection.js';

/** One event of a request, as it came: parsed where that was possible. */
export interface Received {
  parsed: unknown;
  /** Gives the text that is kept when the event is refused. */
  original: () => string;
  /** Set where the event could not be parsed. */
  fault?: Rejection;
  /** The format of `original`, where it is not an event of this API. */
  format?: 'event' | 'segment';
  /**
   * The event's envelope. With an envelope, the event's own `version` and `sent_at` are ordinary fields. Without one
   * they are the contract version and the sender's clock.
   */
  envelope?: Envelope;
  /** Mistakes found in the envelope. */
  mistakes?: readonly Mistake[];
  /** The ids of its sender, where they stand beside the event; otherwise those of the contract's fields. */
  identity?: ClaimedIdentity | IdentityCall;
  /** Facts of the first receipt, for an event that is ingested again. */
  before?: { producer: string; skewMs: number; bot: boolean; receivedAt: number };
}

/** The envelope of an event: metadata that its sender states outside its fields. */
export interface Envelope {
  version?: string;
  /** When the sender says that it sent this event; otherwise what the request says holds. */
  sentAt?: unknown;
  /** The event's time is the time of receipt, by our clock. */
  timedHere?: boolean;
}

/** What holds for all events of a request. */
export interface RequestContext {
  receivedAt: number;
  producer: string;
  bot: boolean;
  /** When the sender says that it sent, in milliseconds, or why that cannot be read. */
  sentAt?: number | Rejection;
  /**
   * Events are ingested again. Those that are refused again stay in quarantine; final windows reopen for the others.
   */
  again?: boolean;
}

/** How far behind the watermark a window may lie that a repair reopens: any distance. */
const ANY_LATENESS_MS = 100 * 365 * 86_400_000;

export interface RejectedEvent extends Rejection {
  /** Its place among the events of the request, from 0. */
  index: number;
}

/** The outcome of a request: records for the log, and the result of each event for the sender. */
export interface Collected {
  accepted: number;
  rejected: RejectedEvent[];
  records: { key: string; value: Buffer }[];
}

const MAX_ORIGINAL = 64 * 1024;
/** The most seconds that the column can hold. */
const MAX_SKEW_MS = 2 ** 31 * 1_000;
/** Leaves room for the header. */
const MAX_ROWS_BYTES = MAX_RECORD_BYTES - 64 * 1024;
/** A minute in the head of a chunk: eight digits and a comma. */
const MINUTE_BYTES = 9;
const FIRST_BUFFER = 4 * 1024;
const NEWLINE = 10;

/** Checks events against their contracts and turns them into records for the log. Pure but for the ids of refused events. */
export function collect(contracts: CompiledContracts, events: readonly Received[], context: RequestContext): Collected {
  const collection = new Collection(contracts, context);
  for (const event of events) collection.add(event);
  return collection.finish();
}

/** Collects the events of one request step by step, so that the caller can yield to other requests in between. */
export class Collection {
  private readonly chunks = new Map<string, EventRows>();
  private readonly rejected: RejectedEvent[] = [];
  private readonly refused = new Rows();
  private readonly links = new Links();
  private readonly records: Collected['records'] = [];
  private count = 0;

  constructor(
    private readonly contracts: CompiledContracts,
    private readonly context: RequestContext,
  ) {}

  add(received: Received): void {
    const index = this.count;
    this.count += 1;
    const found = place(this.contracts, received, this.context);
    if ('links' in found) this.links.add(found.links);
    else if ('code' in found) this.refuse(index, received, found);
    else this.accept(received, found);
  }

  finish(): Collected {
    for (const rows of this.chunks.values()) this.records.push(rows.record(this.context));
    this.records.push(...this.links.records(this.context.receivedAt));
    if (this.refused.count > 0) this.records.push(refusedRecord(this.refused.take(), this.context.receivedAt));
    return { accepted: this.count - this.rejected.length, rejected: this.rejected, records: this.records };
  }

  private refuse(index: number, received: Received, found: Rejection): void {
    this.rejected.push({ index, ...found });
    if (this.context.again) return;
    this.refused.add(refusedLine(received, found, this.contracts, this.context));
    if (this.refused.bytes > MAX_ROWS_BYTES)
      this.records.push(refusedRecord(this.refused.take(), this.context.receivedAt));
  }

  private accept(received: Received, { contract, row, time, identity }: PlacedEvent): void {
    const key = contract.contract.event;
    let rows = this.chunks.get(key);
    if (rows && !rows.fits(contract, row)) {
      this.records.push(rows.record(this.context));
      rows = undefined;
    }
    if (!rows) this.chunks.set(key, (rows = new EventRows(contract)));
    rows.add(row, time, received.before?.receivedAt);
    this.links.add(claimedLinks(identity, time));
  }
}

/** An event that fits its contract, or what a call says of identities by itself. */
type Placed = PlacedEvent | { links: IdentityLink[] };

interface PlacedEvent {
  contract: CompiledContract;
  row: string;
  time: number;
  identity: ClaimedIdentity;
}

function place(contracts: CompiledContracts, received: Received, context: RequestContext): Placed | Rejection {
  const { parsed, fault } = received;
  if (fault) return fault;
  const unfit = faultOf(parsed);
  if (unfit) return unfit;
  if (!isEventBody(parsed)) return reject('NOT_AN_OBJECT', 'an event must be a JSON object');
  const placed = placeBody(contracts, parsed, received, context);
  return 'code' in placed ? rejectAll(placed, mistakesOf(contracts, parsed, received, context)) : placed;
}

/** @returns the first mistake where there is one */
function placeBody(
  contracts: CompiledContracts,
  parsed: EventBody,
  { before, envelope, identity, mistakes }: Received,
  context: RequestContext,
): Placed | Mistake {
  if (mistakes?.[0]) return mistakes[0];
  const { event } = parsed;
  const { version, sent } = saidOf(parsed, envelope);
  if (typeof event !== 'string') return reject('EVENT_NAME_MISSING', 'must be a text', 'event');
  if (version !== undefined && typeof version !== 'string')
    return reject('UNKNOWN_VERSION', 'must be a text', 'version');
  const skewMs = before ? before.skewMs : skewOf(sent, envelope, context);
  if (typeof skewMs !== 'number') return skewMs;
  const contract = contracts.find(event, version);
  if (!(contract instanceof CompiledContract))
    return identity && 'call' in identity && contract.code === 'UNKNOWN_EVENT'
      ? linksAlone(identity, context.receivedAt, skewMs)
      : contract;
  const problem = identity && identityProblem(identity);
  if (problem) return problem;
  const { producer, bot } = before ?? context;
  const written = contract.accept(parsed, {
    receivedAt: context.receivedAt,
    producer,
    bot,
    skewMs,
    enveloped: envelope !== undefined,
  });
  if ('code' in written) return written;
  // Bytes are at most three times as many as UTF-16 units.
  if (written.row.length > MAX_ROWS_BYTES / 3)
    return reject(
      'EVENT_TOO_LARGE',
      `has ${written.row.length} characters, at most ${Math.floor(MAX_ROWS_BYTES / 3)} are allowed`,
    );
  return { contract, ...written, identity: identity ?? written.identity };
}

/** A call without a contract is kept for the identities that it links. */
function linksAlone(identity: IdentityCall, receivedAt: number, skewMs: number): Placed | Mistake {
  const links = callLinks(identity, { receivedAt, skewMs });
  return Array.isArray(links) ? { links } : links;
}

/** Every mistake of a refused event. Checks that depend on a faulty field are left out. */
function mistakesOf(
  contracts: CompiledContracts,
  parsed: EventBody,
  { before, envelope, identity, mistakes = [] }: Received,
  context: RequestContext,
): Mistake[] {
  const { version, sent } = saidOf(parsed, envelope);
  const skewMs = before ? before.skewMs : skewOf(sent, envelope, context);
  const ids = identity && identityProblem(identity);
  const found = [...mistakes, ...(typeof skewMs === 'number' ? [] : [skewMs]), ...(ids ? [ids] : [])];
  // A value that the envelope lacks, the event lacks too.
  if (mistakes.length > 0 || typeof parsed['event'] !== 'string') return found;
  if (version !== undefined && typeof version !== 'string') return found;
  const contract = contracts.find(parsed['event'], version);
  if (!(contract instanceof CompiledContract)) return found;
  const { receivedAt } = context;
  const { producer, bot } = before ?? context;
  const reception = { receivedAt, producer, bot, skewMs: typeof skewMs === 'number' ? skewMs : 0 };
  const own = contract.mistakes(parsed, reception);
  return [...found, ...(typeof skewMs === 'number' ? own : own.filter(({ code }) => code !== 'TOO_FAR_IN_FUTURE'))];
}

/** What an event's sender says about its contract and clock. */
function saidOf(event: EventBody, envelope: Received['envelope']): { version: unknown; sent: unknown } {
  return envelope
    ? { version: envelope.version, sent: envelope.sentAt }
    : { version: event['version'], sent: event['sent_at'] };
}

/** By how much a sender's clock is behind, from when the event or else the request says that it was sent. */
function skewOf(
  sent: unknown,
  envelope: Envelope | undefined,
  { sentAt, receivedAt }: RequestContext,
): number | Mistake {
  if (envelope?.timedHere) return 0;
  const claimed = sent === undefined || sent === null ? sentAt : readTime(sent, envelope ? 'sentAt' : 'sent_at');
  return typeof claimed === 'object' ? claimed : clockSkewMs(claimed, receivedAt);
}

function refusedLine(
  { parsed, original, format = 'event', envelope }: Received,
  rejection: Rejection,
  contracts: CompiledContracts,
  context: RequestContext,
): string {
  const { receivedAt, producer, bot } = context;
  const said = isEventBody(parsed) ? saidOf(parsed, envelope) : undefined;
  const found = skewOf(said?.sent, envelope, context);
  const skewMs = typeof found === 'number' ? found : 0;
  const event = isEventBody(parsed) && typeof parsed['event'] === 'string' ? contracts.eventOf(parsed['event']) : '';
  const contract = typeof said?.version === 'string' ? said.version.slice(0, 40).toWellFormed() : '';
  return rowLine(
    refusedRow({
      id: uuidv7(),
      receivedAt,
      producer,
      event,
      contract,
      code: rejection.code,
      message: textOfRejection(rejection),
      original: original().slice(0, MAX_ORIGINAL).toWellFormed(),
      format,
      skewMs: Math.abs(skewMs) < MAX_SKEW_MS ? skewMs : 0,
      bot,
    }),
  );
}

function refusedRecord(
  { rows, count }: { rows: Buffer; count: number },
  receivedAt: number,
): { key: string; value: Buffer } {
  const chunk: Chunk = {
    kind: 'refused',
    event: '',
    columns: QUARANTINE_COLUMNS,
    count,
    minutes: [],
    newest: 0,
    receivedAt,
    latenessMs: 0,
    rows,
  };
  return { key: 'refused', value: encodeChunk(chunk) };
}

/** Collects lines as bytes, because joining them as text would copy them twice. */
class Rows {
  count = 0;
  bytes = 0;
  private buffer = Buffer.allocUnsafe(FIRST_BUFFER);

  add(line: string): void {
    this.reserve(3 * line.length + 1);
    if (this.count > 0) this.buffer[this.bytes++] = NEWLINE;
    this.bytes += this.buffer.write(line, this.bytes);
    this.count += 1;
  }

  /** The lines; no more may be added. */
  take(): { rows: Buffer; count: number } {
    const taken = { rows: this.buffer.subarray(0, this.bytes), count: this.count };
    this.buffer = Buffer.allocUnsafe(FIRST_BUFFER);
    this.count = 0;
    this.bytes = 0;
    return taken;
  }

  private reserve(bytes: number): void {
    if (this.bytes + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.bytes + bytes));
    this.buffer.copy(larger, 0, 0, this.bytes);
    this.buffer = larger;
  }
}

/** Links of one request, each once with the earliest time. */
class Links {
  private readonly links = new Map<string, IdentityLink>();

  add(links: readonly IdentityLink[]): void {
    for (const link of links) {
      const key = JSON.stringify([link.from, link.user, link.alias]);
      if (link.at < (this.links.get(key)?.at ?? Infinity)) this.links.set(key, link);
    }
  }

  records(receivedAt: number): Collected['records'] {
    const records: Collected['records'] = [];
    const rows = new Rows();
    const emit = (): void => {
      const { rows: bytes, count } = rows.take();
      const chunk: Chunk = {
        kind: 'links',
        event: '',
        columns: LINK_COLUMNS,
        count,
        minutes: [],
        newest: 0,
        receivedAt,
        latenessMs: 0,
        rows: bytes,
      };
      records.push({ key: 'links', value: encodeChunk(chunk) });
    };
    for (const link of this.links.values()) {
      rows.add(rowLine(linkRow(link)));
      if (rows.bytes > MAX_ROWS_BYTES - 10 * MAX_ID_LENGTH) emit();
    }
    if (rows.count > 0) emit();
    return records;
  }
}

/** Rows of one event on their way into one record. */
class EventRows {
  private readonly rows = new Rows();
  private readonly minutes = new Set<Minute>();
  private newest = 0;
  private repairedSince = Infinity;

  constructor(private readonly contract: CompiledContract) {}

  fits(contract: CompiledContract, row: string): boolean {
    // Versions of a contract share its columns.
    return (
      contract.columns.length === this.contract.columns.length &&
      this.rows.bytes + 3 * row.length + MINUTE_BYTES * this.minutes.size < MAX_ROWS_BYTES
    );
  }

  add(row: string, time: number, refusedAt = Infinity): void {
    this.rows.add(row);
    this.minutes.add(Math.floor(time / WINDOW_MS));
    this.newest = Math.max(this.newest, time);
    this.repairedSince = Math.min(this.repairedSince, refusedAt);
  }

  record({ receivedAt, again }: RequestContext): { key: string; value: Buffer } {
    const { rows, count } = this.rows.take();
    const { contract, columns, policy } = this.contract;
    const chunk: Chunk = {
      kind: 'events',
      event: contract.event,
      columns,
      count,
      minutes: [...this.minutes],
      newest: this.newest,
      receivedAt,
      latenessMs: again ? ANY_LATENESS_MS : policy.latenessMs,
      ...(Number.isFinite(this.repairedSince) ? { repairedSince: this.repairedSince } : {}),
      rows,
    };
    return { key: contract.event, value: encodeChunk(chunk) };
  }
}
