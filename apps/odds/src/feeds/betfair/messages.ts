import { Ajv } from 'ajv';
import { parseBoundedJson } from '@paddock/runtime';

/** A level of a full-depth ladder: price and size; size 0 removes the price. */
export type PricePoint = [price: number, size: number];
/** A level of a best-offers ladder: position, price and size; size 0 empties the position. */
export type PositionPoint = [position: number, price: number, size: number];

/** Betfair's `RunnerChange`: what is new of a runner's ladders. */
export interface RunnerLadders {
  readonly id: number;
  readonly hc?: number | null;
  readonly ltp?: number | null;
  readonly tv?: number | null;
  readonly spn?: number | string | null;
  readonly spf?: number | string | null;
  readonly atb?: PricePoint[] | null;
  readonly atl?: PricePoint[] | null;
  readonly trd?: PricePoint[] | null;
  readonly spb?: PricePoint[] | null;
  readonly spl?: PricePoint[] | null;
  readonly batb?: PositionPoint[] | null;
  readonly batl?: PositionPoint[] | null;
  readonly bdatb?: PositionPoint[] | null;
  readonly bdatl?: PositionPoint[] | null;
}

/** Betfair's `RunnerDefinition`. */
export interface BetfairRunner {
  readonly id: number;
  readonly hc?: number | null;
  readonly status: 'ACTIVE' | 'WINNER' | 'LOSER' | 'REMOVED' | 'REMOVED_VACANT' | 'HIDDEN' | 'PLACED';
  readonly name?: string | null;
  readonly sortPriority?: number;
  readonly bsp?: number | string | null;
  readonly adjustmentFactor?: number | null;
  readonly removalDate?: string;
}

/** Betfair's `MarketDefinition`, as far as it is used. */
export interface BetfairDefinition {
  readonly status: 'INACTIVE' | 'OPEN' | 'SUSPENDED' | 'CLOSED';
  readonly inPlay: boolean;
  readonly eventId: string;
  readonly eventTypeId: string;
  readonly marketType?: string;
  readonly runners: readonly BetfairRunner[];
  readonly betDelay?: number;
  readonly numberOfWinners?: number;
  readonly marketTime?: string;
  readonly countryCode?: string;
  readonly venue?: string;
  readonly name?: string;
  readonly eventName?: string;
  readonly version?: number;
}

/** Betfair's `MarketChange`. */
export interface BetfairMarketChange {
  readonly id: string;
  readonly img?: boolean | null;
  /** Conflated: several changes in one. */
  readonly con?: boolean | null;
  readonly tv?: number | null;
  readonly marketDefinition?: BetfairDefinition | null;
  readonly rc?: readonly RunnerLadders[] | null;
}

/** Betfair's `MarketChangeMessage`. */
export interface MarketChangeMessage {
  readonly op: 'mcm';
  readonly id?: number;
  readonly ct?: 'SUB_IMAGE' | 'RESUB_DELTA' | 'HEARTBEAT' | null;
  readonly segmentType?: 'NONE' | 'SEG_START' | 'SEG' | 'SEG_END' | null;
  readonly clk?: string | null;
  readonly initialClk?: string | null;
  readonly pt?: number;
  readonly heartbeatMs?: number;
  readonly conflateMs?: number;
  /** 503: upstream of the stream is unhealthy, so data are late. */
  readonly status?: number | null;
  readonly mc?: readonly BetfairMarketChange[] | null;
}

export interface ConnectionMessage {
  readonly op: 'connection';
  readonly connectionId: string;
}

export interface StatusMessage {
  readonly op: 'status';
  readonly id?: number;
  readonly statusCode: 'SUCCESS' | 'FAILURE';
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly connectionClosed?: boolean;
}

export type BetfairMessage = MarketChangeMessage | ConnectionMessage | StatusMessage;

/** A message that the stream's specification does not allow. */
export class UnusableMessage extends Error {
  constructor(
    reason: string,
    /** Whether it may have been about markets: messages of another kind are not. */
    readonly aboutMarkets: boolean,
  ) {
    super(reason);
  }
}

const number = { type: 'number' };
const text = { type: 'string' };
const nullable = (type: string) => ({ type: [type, 'null'] });
const points = (items: number) => ({
  type: ['array', 'null'],
  items: { type: 'array', items: number, minItems: items, maxItems: items },
});
// Betfair writes NaN and Infinity as text where a starting price is not known.
const price = { type: ['number', 'string', 'null'] };

const SCHEMA = {
  type: 'object',
  required: ['op'],
  discriminator: { propertyName: 'op' },
  oneOf: [
    { properties: { op: { const: 'connection' }, connectionId: text }, required: ['connectionId'] },
    {
      properties: {
        op: { const: 'status' },
        id: { type: 'integer' },
        statusCode: { enum: ['SUCCESS', 'FAILURE'] },
        errorCode: text,
        errorMessage: text,
      },
      required: ['statusCode'],
    },
    {
      properties: {
        op: { const: 'mcm' },
        id: { type: 'integer' },
        ct: { enum: ['SUB_IMAGE', 'RESUB_DELTA', 'HEARTBEAT', null] },
        segmentType: { enum: ['NONE', 'SEG_START', 'SEG', 'SEG_END', null] },
        clk: nullable('string'),
        initialClk: nullable('string'),
        pt: { type: 'integer', minimum: 0 },
        heartbeatMs: { type: 'integer', minimum: 0 },
        status: nullable('integer'),
        mc: { type: ['array', 'null'], items: { $ref: '#/$defs/market' } },
      },
    },
  ],
  $defs: {
    market: {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'string', minLength: 1, maxLength: 40 },
        img: nullable('boolean'),
        con: nullable('boolean'),
        tv: nullable('number'),
        marketDefinition: { oneOf: [{ type: 'null' }, { $ref: '#/$defs/definition' }] },
        rc: { type: ['array', 'null'], items: { $ref: '#/$defs/ladders' } },
      },
    },
    ladders: {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'integer' },
        hc: nullable('number'),
        ltp: nullable('number'),
        tv: nullable('number'),
        spn: price,
        spf: price,
        atb: points(2),
        atl: points(2),
        trd: points(2),
        spb: points(2),
        spl: points(2),
        batb: points(3),
        batl: points(3),
        bdatb: points(3),
        bdatl: points(3),
      },
    },
    definition: {
      type: 'object',
      required: ['status', 'inPlay', 'eventId', 'eventTypeId', 'runners'],
      properties: {
        status: { enum: ['INACTIVE', 'OPEN', 'SUSPENDED', 'CLOSED'] },
        inPlay: { type: 'boolean' },
        eventId: text,
        eventTypeId: text,
        marketType: text,
        betDelay: number,
        numberOfWinners: number,
        marketTime: text,
        countryCode: text,
        venue: text,
        name: text,
        eventName: text,
        version: number,
        runners: { type: 'array', items: { $ref: '#/$defs/runner' } },
      },
    },
    runner: {
      type: 'object',
      required: ['id', 'status'],
      properties: {
        id: { type: 'integer' },
        hc: nullable('number'),
        name: nullable('string'),
        bsp: price,
        sortPriority: number,
        status: { enum: ['ACTIVE', 'WINNER', 'LOSER', 'REMOVED', 'REMOVED_VACANT', 'HIDDEN', 'PLACED'] },
      },
    },
  },
};

const isMessage = new Ajv({ discriminator: true, strict: false, allowUnionTypes: true }).compile<BetfairMessage>(
  SCHEMA,
);

/** Images of many markets come in segments, each far below this. */
const LINE = { characters: 4 << 20, depth: 16, members: 200_000 };

/**
 * One line of the stream.
 * @throws UnusableMessage saying what is wrong and where
 */
export function parseMessage(line: string): BetfairMessage {
  let message: unknown;
  try {
    if (line.length > LINE.characters)
      throw new Error(`the message has ${line.length} characters, at most ${LINE.characters} are read`);
    message = parseBoundedJson(line, LINE);
  } catch (error) {
    throw new UnusableMessage(error instanceof Error ? error.message : String(error), true);
  }
  if (isMessage(message)) return message;
  const [problem] = isMessage.errors ?? [];
  throw new UnusableMessage(
    `${problem?.instancePath || 'the message'} ${problem?.message ?? 'is not valid'}`,
    !isOfAnotherKind(message),
  );
}

function isOfAnotherKind(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'op' in message &&
    typeof message.op === 'string' &&
    message.op !== 'mcm'
  );
}
