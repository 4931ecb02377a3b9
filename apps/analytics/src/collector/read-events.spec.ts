import { describe, expect, it, test } from 'vitest';
import { fc } from '@paddock/testing';
import { CompiledContracts } from './compiled-contract.js';
import { readBody, UnreadableBody } from './read-body.js';
import { readEvents, readSegment } from './read-events.js';
import { splitList } from './split-json.js';

const MAX_EVENTS = 20_000;
const contracts = new CompiledContracts([]);
/** Makes a body large without changing its meaning. */
const PADDING = ' '.repeat(300_000);

async function summary(
  reading: Promise<{ events: readonly { parsed: unknown; fault?: { code: string } }[]; sentAt?: unknown }>,
): Promise<unknown> {
  try {
    const { events, sentAt } = await reading;
    return { events: events.map(({ parsed, fault }) => fault?.code ?? parsed), sentAt };
  } catch (error) {
    if (!(error instanceof UnreadableBody)) throw error;
    return error.code;
  }
}

describe('a large body says the same as a small one', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const event = fc.dictionary(fc.constantFrom('event', 'a', '"', '\\x', '[', ',{'), value);

  it.each<[string, fc.Arbitrary<string>]>([
    ['a list', fc.array(fc.oneof(event, value), { maxLength: 8 }).map((events) => JSON.stringify(events))],
    [
      'an envelope',
      fc
        .record(
          { sent_at: value, events: fc.array(event, { maxLength: 8 }), more: value },
          { requiredKeys: ['events'] },
        )
        .map((body) => JSON.stringify(body)),
    ],
    ['one event', event.map((one) => JSON.stringify(one))],
    [
      'lines',
      fc
        .array(
          fc.oneof(
            event.map((one) => JSON.stringify(one)),
            fc.constantFrom('', ' ', '{', '[]', 'x'),
          ),
          { minLength: 2, maxLength: 8 },
        )
        .map((lines) => `{}\n${lines.join('\n')}`),
    ],
    [
      'anything',
      fc
        .array(fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '1', '"events"', ' ', '{}', 'null'), {
          maxLength: 12,
        })
        .map((parts) => parts.join('')),
    ],
  ])('%s', async (_, bodies) => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const small = await summary(Promise.resolve().then(() => readBody(Buffer.from(body), MAX_EVENTS)));
        // After the first value, so that the first NDJSON line stays first.
        expect(await summary(readEvents(Buffer.from(`${body}${PADDING}`), MAX_EVENTS))).toEqual(small);
      }),
      { numRuns: 60 },
    );
  });
});

describe('too large bodies and events are refused before they are parsed', () => {
  const wide = `{${Array.from({ length: 40_000 }, (_, at) => `"member${at}":${at}`).join(',')}}`;

  it.each([
    ['an event of very many members', wide, { events: ['EVENT_TOO_LARGE'], sentAt: undefined }],
    [
      'one in a list, and not its neighbours',
      `[{"a":1},${wide},{"b":2}]`,
      { events: [{ a: 1 }, 'EVENT_TOO_LARGE', { b: 2 }], sentAt: undefined },
    ],
    [
      'one among lines',
      `{"a":1}\n${wide}\n{"b":2}`,
      { events: [{ a: 1 }, 'EVENT_TOO_LARGE', { b: 2 }], sentAt: undefined },
    ],
    [
      'an event of very many characters',
      `{"a":"${'x'.repeat(600_000)}"}`,
      { events: ['EVENT_TOO_LARGE'], sentAt: undefined },
    ],
    ['very many events in a list', `[${'{},'.repeat(299_999)}{}]`, 'TOO_MANY_EVENTS'],
    ['very many lines', '{}\n'.repeat(300_000), 'TOO_MANY_EVENTS'],
    ['levels that are never closed', `[${'['.repeat(400_000)}`, 'INVALID_JSON'],
    ['a list that is never closed', `[${'{},'.repeat(100_000)}`, 'INVALID_JSON'],
  ])('%s', async (_, body, expected) => {
    expect(await summary(readEvents(Buffer.from(body), MAX_EVENTS))).toEqual(expected);
  });

  it.each([
    [
      'a message of very many members',
      `{"batch":[{"type":"page"},${wide}]}`,
      { events: [{ event: 'page' }, 'EVENT_TOO_LARGE'], sentAt: undefined },
    ],
    ['no batch', `{"items":[${'{},'.repeat(100_000)}{}]}`, 'INVALID_BATCH'],
    ['a batch that breaks off', `{"batch":[${'{},'.repeat(100_000)}`, 'INVALID_BATCH'],
  ])('a batch of Segment: %s', async (_, body, expected) => {
    expect(await summary(readSegment(Buffer.from(body), contracts, MAX_EVENTS))).toEqual(expected);
  });
});

test('a list is divided where its own commas are', () => {
  expect(splitList(' {"a": [1], "events" : [ {"b":[1,2]} ,"],", 3] , "c":{"events":[4]}} ', 'events')).toEqual({
    members: [' {"b":[1,2]} ', '"],"', ' 3'],
    rest: ' {"a": [1], "events" : [] , "c":{"events":[4]}} ',
  });
  expect(splitList('{"events":[1],"events":[2]}', 'events')).toBeUndefined();
  expect(splitList('[ ]', 'events')).toEqual({ members: [], rest: '[]' });
});
