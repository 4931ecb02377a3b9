import { instantLiteral, textLiteral } from '@paddock/metrics';
import type { Collector } from '../collector/collector.js';
import type { Received } from '../collector/collect.js';
import { textOfRejection } from '../collector/rejection.js';
import type { Definitions } from '../definitions/definitions.js';
import { InvalidQuery, type QueryProblem, QueryReader } from '../queries/query-problems.js';
import type { Engine, Row } from '../store/engine.js';
import { QUARANTINE_COLUMNS } from '../store/quarantine-rows.js';
import { eventOf, type KeptEvent } from './event-of.js';
import { applyMapping, mappingProblems, type RepairStep } from './mapping.js';

export const QUARANTINE_STATES = ['OPEN', 'REPAIRED'] as const;
export type QuarantineState = (typeof QUARANTINE_STATES)[number];

/** Selects refused events; all given conditions must hold. */
export interface QuarantineFilter {
  ids?: readonly string[] | null | undefined;
  event?: string | null | undefined;
  /** Version of the contract, as the event said. */
  contract?: string | null | undefined;
  code?: string | null | undefined;
  producer?: string | null | undefined;
  /** When it was received, RFC 3339. */
  from?: string | null | undefined;
  to?: string | null | undefined;
  state?: QuarantineState | null | undefined;
}

/** A refused event. */
export interface QuarantinedEvent {
  id: string;
  receivedAt: number;
  producer: string;
  event: string;
  contract: string;
  code: string;
  message: string;
  original: string;
  format: string;
  state: QuarantineState;
  changedAt: number;
  skewMs: number;
  bot: boolean;
}

export interface QuarantineCount {
  event: string;
  code: string;
  producer: string;
  count: number;
}

/** The result of a repair or of its dry run. */
export interface RepairOutcome {
  /** Selected refused events; at most `limit` of them were processed. */
  matched: number;
  repaired: number;
  stillRefused: number;
  examples: { id: string; before: string; after: string | null; problem: string | null }[];
}

const MAX_IDS = 1_000;
export const MAX_REPAIRED = 10_000;
const MAX_EXAMPLES = 20;
const MARKED_AT_ONCE = 1_000;

/** Refused events, kept as received, for inspection, repair in bulk and another ingestion. */
export class Quarantine {
  constructor(
    private readonly engine: Engine,
    private readonly collector: Collector,
    private readonly definitions: () => Definitions,
    private readonly clock: () => number = Date.now,
  ) {}

  /** How many refused events were not repaired. */
  async openCount(): Promise<number> {
    const [row] = await this.engine.select("SELECT count() AS n FROM quarantine FINAL WHERE state = 'OPEN'");
    return Number(row?.['n'] ?? 0);
  }

  /** The newest first. @throws InvalidQuery */
  async browse(
    filter: QuarantineFilter,
    { first, after }: { first: number; after?: string | null | undefined },
  ): Promise<{ events: QuarantinedEvent[]; next: string | null }> {
    const position = after ? decodeCursor(after) : undefined;
    const behind = position
      ? ` AND (received, id) < (${instantLiteral(position.receivedAt)}, ${textLiteral(position.id)})`
      : '';
    const rows = await this.engine.select(
      `${SELECT} WHERE ${this.condition(filter)}${behind} ORDER BY received DESC, id DESC LIMIT ${first + 1}`,
    );
    const events = rows.slice(0, first).map(toEvent);
    const last = events.at(-1);
    return { events, next: rows.length > first && last ? encodeCursor(last) : null };
  }

  /** How many there are of each event, reason and producer. @throws InvalidQuery */
  async counts(filter: QuarantineFilter): Promise<QuarantineCount[]> {
    const rows = await this.engine.select(
      `SELECT event, code, producer, count() AS n FROM quarantine FINAL WHERE ${this.condition(filter)} GROUP BY event, code, producer ORDER BY n DESC, event, code, producer LIMIT 1000`,
    );
    return rows.map(({ event, code, producer, n }) => ({
      event: String(event),
      code: String(code),
      producer: String(producer),
      count: Number(n),
    }));
  }

  /**
   * Repairs refused events by a mapping and ingests them again like all other events. Events that their contract still
   * refuses stay as they are. Repeating a repair does no harm, because an event keeps its id. The windows of these
   * events are recomputed, final ones too.
   * @throws InvalidQuery
   */
  async repair({
    where,
    mapping,
    dryRun,
    limit,
  }: {
    where: QuarantineFilter;
    mapping: readonly RepairStep[];
    dryRun: boolean;
    limit: number;
  }): Promise<RepairOutcome> {
    const problems = mappingProblems(mapping);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_REPAIRED)
      problems.push({
        path: 'limit',
        code: 'OUT_OF_RANGE',
        message: `must be a whole number from 1 to ${MAX_REPAIRED}`,
      });
    if (problems.length > 0) throw new InvalidQuery(problems);
    const condition = this.condition({ ...where, state: 'OPEN' }, 'where.');
    const [counted] = await this.engine.select(`SELECT count() AS n FROM quarantine FINAL WHERE ${condition}`);
    const kept = (await this.engine.select(`${SELECT} WHERE ${condition} ORDER BY received, id LIMIT ${limit}`)).map(
      toEvent,
    );
    const repaired = kept.map((one) => ({ one, ...this.repaired(one, mapping) }));
    const given = repaired.flatMap(({ one, event, envelope, identity, mistakes }): (Received & { id: string })[] =>
      event === undefined
        ? []
        : [
            {
              id: one.id,
              parsed: event,
              original: () => one.original,
              before: one,
              ...(envelope ? { envelope } : {}),
              ...(identity ? { identity } : {}),
              ...(mistakes ? { mistakes } : {}),
            },
          ],
    );
    const { rejected } = await this.collector.takeAgain(given, { dryRun });
    const refused = new Map(rejected.map((rejection) => [given[rejection.index]?.id, textOfRejection(rejection)]));
    const taken = given.filter(({ id }) => !refused.has(id));
    if (!dryRun) await this.mark(taken.map(({ id }) => id));
    return {
      matched: Number(counted?.['n'] ?? 0),
      repaired: taken.length,
      stillRefused: kept.length - taken.length,
      examples: repaired.slice(0, MAX_EXAMPLES).map(({ one, event }) => ({
        id: one.id,
        before: one.original,
        after: event === undefined ? null : JSON.stringify(event),
        problem: event === undefined ? 'what was kept is no JSON object' : (refused.get(one.id) ?? null),
      })),
    };
  }

  private repaired(one: QuarantinedEvent, mapping: readonly RepairStep[]): Partial<KeptEvent> {
    const found = eventOf(one, this.collector.contracts, this.definitions().event(one.event));
    return found ? { ...found, event: applyMapping(found.event, mapping) } : {};
  }

  private async mark(ids: readonly string[]): Promise<void> {
    const columns = QUARANTINE_COLUMNS.join(', ');
    const marked = QUARANTINE_COLUMNS.map((column) =>
      column === 'state'
        ? "'REPAIRED' AS state"
        : column === 'changed'
          ? `greatest(k.changed + 1, toUInt64(${this.clock()})) AS changed`
          : column,
    ).join(', ');
    for (let from = 0; from < ids.length; from += MARKED_AT_ONCE) {
      const some = ids
        .slice(from, from + MARKED_AT_ONCE)
        .map(textLiteral)
        .join(', ');
      await this.engine.run(
        `INSERT INTO quarantine (${columns}) SELECT ${marked} FROM (SELECT ${columns} FROM quarantine FINAL WHERE id IN (${some})) AS k`,
      );
    }
  }

  private condition({ ids, event, contract, code, producer, from, to, state }: QuarantineFilter, path = ''): string {
    const reader = new QueryReader(this.definitions());
    const conditions: string[] = [];
    if (ids && ids.length > MAX_IDS) reader.problem(`${path}ids`, 'TOO_MANY', `at most ${MAX_IDS} ids can be given`);
    if (ids) conditions.push(ids.length === 0 ? '0' : `id IN (${ids.slice(0, MAX_IDS).map(textLiteral).join(', ')})`);
    for (const [column, value] of Object.entries({ event, contract, code, producer, state }))
      if (value !== undefined && value !== null) conditions.push(`${column} = ${textLiteral(value)}`);
    const [since, until] = [
      from ? reader.instant(`${path}from`, from) : undefined,
      to ? reader.instant(`${path}to`, to) : undefined,
    ];
    if (since !== undefined) conditions.push(`received >= ${instantLiteral(since)}`);
    if (until !== undefined) conditions.push(`received < ${instantLiteral(until)}`);
    reader.done();
    return conditions.length === 0 ? '1' : conditions.join(' AND ');
  }
}

const SELECT = `SELECT id, toUnixTimestamp64Milli(received) AS receivedMs, producer, event, contract, code, message, original, format, state, changed, skew, bot FROM quarantine FINAL`;

function toEvent(row: Row): QuarantinedEvent {
  const text = (name: string): string => String(row[name]);
  return {
    id: text('id'),
    receivedAt: Number(row['receivedMs']),
    producer: text('producer'),
    event: text('event'),
    contract: text('contract'),
    code: text('code'),
    message: text('message'),
    original: text('original'),
    format: text('format'),
    state: row['state'] === 'REPAIRED' ? 'REPAIRED' : 'OPEN',
    changedAt: Number(row['changed']),
    skewMs: Number(row['skew']) * 1_000,
    bot: row['bot'] === true,
  };
}

function encodeCursor({ receivedAt, id }: QuarantinedEvent): string {
  return Buffer.from(`${receivedAt} ${id}`).toString('base64url');
}

function decodeCursor(cursor: string): { receivedAt: number; id: string } {
  const [at = '', ...id] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const receivedAt = Number(at);
  if (at === '' || !Number.isSafeInteger(receivedAt))
    throw new InvalidQuery([
      { path: 'after', code: 'INVALID_CURSOR', message: 'is no cursor of this list' } satisfies QueryProblem,
    ]);
  return { receivedAt, id: id.join(' ') };
}
