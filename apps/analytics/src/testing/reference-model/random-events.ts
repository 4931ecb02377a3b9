import type { Delivery } from '../../../../../test/reference-model/intake.js';
import type { IdentityCall } from '../../../../../test/reference-model/persons.js';
import type { SentEvent } from '../../../../../test/reference-model/read-event.js';
import type { Draw } from './draw.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

export const USERS: readonly string[] = Array.from({ length: 14 }, (_, index) => `u${index}`);
/** Ids of visitors; one of them is the id of a user as well. */
export const DEVICES: readonly string[] = ['d0', 'd1', 'd2', 'd3', 'd4', 'u3'];
export const SPORTS: readonly string[] = ['football', 'tennis', 'golf', "o'neill", 'é', '', 'Football', '100%'];
export const PAGES: readonly string[] = ['/', '/live', '/results', ''];
const SESSIONS: readonly string[] = ['s1', 's2', 's3', ''];

/** A world's time: the night that it is built around, and when its events arrive. */
export interface Around {
  readonly night: number;
  readonly now: number;
}

/** When the events of a night arrive: long after the newest of them. */
export function arrivalOf(night: number): number {
  return Math.floor(night / DAY) * DAY + 45 * DAY;
}

/**
 * Requests with events around a night: with events that come late and out of order, that come again with the same time,
 * another time or other values, that do not fit their contracts, and repairs of these; with visitors who sign in, and
 * identify calls before or afterwards.
 */
export function randomDeliveries(
  draw: Draw,
  around: Around,
  { requests, events }: { requests: number; events: number },
): Delivery[] {
  const sent: SentEvent[] = [];
  const deliveries: Delivery[] = [];
  for (let request = 0; request < requests; request += 1) {
    const receivedAt = around.now + request * 7_000;
    const batch = draw.many(Math.ceil(events / requests), (index) => {
      const repeated = sent.length > 0 && draw.chance(0.1);
      const event = repeated
        ? again(draw, draw.pick(sent), around)
        : randomEvent(draw, `e${request}-${index}`, around, receivedAt);
      return draw.chance(0.05) ? spoiled(draw, event) : event;
    });
    sent.push(...batch);
    deliveries.push({ kind: 'events', receivedAt, events: batch });
    if (draw.chance(0.4)) deliveries.push(randomRepair(draw, receivedAt + 3_000));
    if (draw.chance(0.5)) {
      const calls = draw.many(draw.integer(1, 3), () => randomCall(draw, around));
      deliveries.push({ kind: 'calls', receivedAt: receivedAt + 5_000, calls });
    }
  }
  return deliveries;
}

function randomEvent(draw: Draw, id: string, around: Around, receivedAt: number): SentEvent {
  const event = draw.pick(['bet', 'bet', 'bet', 'visit', 'visit', 'join']);
  // A sender whose clock is minutes off says so; its times are corrected.
  const skew = draw.chance(0.03) ? draw.integer(-90, 90) * MINUTE : 0;
  const common = {
    event,
    id,
    at: written(draw, randomTime(draw, around) - skew),
    ...(skew === 0 ? {} : { sent_at: new Date(receivedAt - skew).toISOString() }),
    ...draw.maybe('user', 0.93, () => draw.pick([...USERS, '', null])),
    ...draw.maybe('session', 0.7, () => draw.pick(SESSIONS)),
    ...draw.maybe('sport', 0.9, () => draw.pick([...SPORTS, null])),
  };
  // Few visitors sign in: otherwise all ids of a small world would be joined soon.
  const visitor = draw.maybe('device', 0.5, () => draw.pick([...DEVICES, '', null]));
  if (event !== 'bet' && visitor.device !== undefined && draw.chance(0.8)) Object.assign(common, { user: undefined });
  if (event === 'visit')
    return {
      ...common,
      ...visitor,
      ...draw.maybe('page', 0.9, () => draw.pick(PAGES)),
      ...draw.maybe('seconds', 0.9, () => randomNumber(draw)),
    };
  if (event === 'join') return { ...common, ...visitor, ...draw.maybe('plan', 0.8, () => draw.pick(['free', 'gold'])) };
  return { ...common, ...randomBet(draw, around) };
}

/** A call as an SDK makes it; one in ten lacks an id. */
function randomCall(draw: Draw, around: Around): IdentityCall {
  const id = (ids: readonly string[]): string => (draw.chance(0.1) ? '' : draw.pick(ids));
  const at = draw.maybe('at', 0.8, () => written(draw, randomTime(draw, around)));
  if (draw.chance(0.6)) return { call: 'identify', user: id(USERS), anonymous: id(DEVICES), ...at };
  return { call: 'alias', user: id(USERS), previous: id(draw.pick([USERS, USERS, DEVICES])), ...at };
}

function randomBet(draw: Draw, around: Around): SentEvent {
  const version = draw.pick([undefined, '1.0.0', '1.0.0', '1.10.0', '2.1.0']);
  const bet = {
    ...(version === undefined ? {} : { version }),
    ...draw.maybe('amount', 0.92, () => randomNumber(draw)),
    ...draw.maybe('live', 0.9, () => draw.chance(0.5)),
    ...draw.maybe('market', 0.9, () => draw.pick([0, 1, 2, 7, -3, 9_007_199_254_740_991])),
  };
  if (version === '1.0.0') return bet;
  return {
    ...bet,
    ...draw.maybe('odds', 0.9, () => draw.integer(101, 2_500) / 100),
    ...draw.maybe('placed', 0.8, () => new Date(randomTime(draw, around)).toISOString()),
    ...(version === '1.10.0' ? {} : draw.maybe('note', 0.5, () => draw.pick(['', ' ', 'vip']))),
  };
}

/** At most 15 digits, up to nine of them after the point: a JSON number keeps these exactly. */
export function randomNumber(draw: Draw): number {
  const places = draw.pick([0, 0, 1, 2, 2, 4, 6, 7, 8, 9]);
  const size = draw.integer(0, 10 ** draw.pick([1, 2, 3, Math.max(1, Math.min(9, 14 - places))]));
  const fraction = String(draw.integer(0, 10 ** places - 1)).padStart(places, '0');
  return Number(`${draw.chance(0.15) ? '-' : ''}${size}.${places === 0 ? '0' : fraction}`);
}

/** Near the night, a day, a week or a month beside it, or anywhere in five months; often at the edge of a bucket. */
export function randomTime(draw: Draw, { night }: Around): number {
  const beside = draw.pick([0, 0, 0, 0, -DAY, DAY, -7 * DAY, 7 * DAY, 30 * DAY, -30 * DAY, -31 * DAY]);
  const time = draw.chance(0.65)
    ? night + beside + draw.integer(-30 * HOUR, 30 * HOUR)
    : night + draw.integer(-130 * DAY, 40 * DAY);
  const edge = draw.pick([1, 1, 1, 1_000, MINUTE, 15 * MINUTE, HOUR, HOUR, DAY]);
  return Math.floor(time / edge) * edge - (edge > 1 && draw.chance(0.2) ? 1 : 0);
}

/** An instant as RFC 3339 writes it, in some offset, with some digits. */
function written(draw: Draw, instant: number): string {
  const offset = draw.pick([0, 0, 0, 60, -180, 345, 825, -570]);
  const [date = '', rest = ''] = new Date(instant + offset * MINUTE).toISOString().split(/(?=\.\d{3}Z$)/);
  const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
  const fraction = rest === '.000Z' && draw.chance(0.5) ? '' : rest.slice(0, 4);
  return `${date}${fraction}${offset === 0 ? 'Z' : zone}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

/** The same event again: as it was, at another time, or with other values. The first one that is accepted counts. */
function again(draw: Draw, event: SentEvent, around: Around): SentEvent {
  const { sent_at: _, ...same } = event;
  switch (draw.pick(['same', 'same', 'time', 'values', 'both'])) {
    case 'same':
      return event;
    case 'time':
      return { ...same, at: written(draw, randomTime(draw, around)) };
    case 'values':
      return { ...event, sport: draw.pick(SPORTS), user: draw.pick(USERS) };
    default:
      return { ...same, at: written(draw, randomTime(draw, around)), user: draw.pick(USERS) };
  }
}

/** An event that its contract refuses. */
function spoiled(draw: Draw, event: SentEvent): SentEvent {
  const { id: _, ...nameless } = event;
  return draw.pick<SentEvent>([
    event['event'] === 'bet' ? { ...event, amount: '12.5' } : { ...event, sport: 7 },
    event['event'] === 'bet' ? { ...event, amount: '1,5' } : { ...event, sport: true },
    { ...event, at: 'yesterday' },
    nameless,
    { ...event, id: '' },
    { ...event, version: '9.9.9' },
    { ...event, event: 'unknown' },
    ...(event['event'] === 'bet'
      ? [
          { ...event, amount: 1e12 },
          { ...event, amount: 0.123_456_789_1 },
        ]
      : []),
  ]);
}

function randomRepair(draw: Draw, receivedAt: number): Delivery {
  const [event, mapping] = draw.pick([
    ['bet', [{ convert: { field: 'amount', to: 'NUMBER' as const } }]],
    ['visit', [{ convert: { field: 'sport', to: 'TEXT' as const } }]],
    ['join', [{ drop: { field: 'sport' } }]],
    ['join', [{ rename: { from: 'sport', to: 'other' } }, { set: { field: 'sport', value: 'golf' } }]],
    ['visit', []],
  ] as const);
  return { kind: 'repair', receivedAt, event, code: mapping.length === 0 ? 'TOO_LATE' : 'CONTRACT_VIOLATION', mapping };
}
