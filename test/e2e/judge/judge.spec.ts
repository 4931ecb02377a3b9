import { describe, expect, test } from 'vitest';
import { sha256Hex } from '@paddock/contracts';
import type { Facts } from './facts.js';
import type { Attempt, EdgeEvent, History, Read } from './history.js';
import { describeViolations, judge, type JudgeOptions } from './judge.js';

const BODY = '{"title":"two"}';
const DOCUMENT = { sha256: sha256Hex(BODY), body: BODY };
const READY: EdgeEvent = { edge: 0, at: 0, pid: 1, what: 'ready' };

const read = (from: number, seq: number, title = seq === 1 ? 'one' : 'two', more: Partial<Read> = {}): Read => {
  const titles = [title, title];
  return { edge: 0, from, to: from + 2, answer: { status: 200, seq, titles, body: JSON.stringify(titles) }, ...more };
};
const failed = (from: number, to = from + 2): Read => ({ edge: 0, from, to, answer: undefined, failure: 'ECONNRESET' });
const answered = (from: number, status: number): Read => ({
  edge: 0,
  from,
  to: from + 2,
  answer: { status, seq: Number.NaN, titles: [], body: 'no state' },
});
const event = (at: number, what: EdgeEvent['what'], signal?: NodeJS.Signals): EdgeEvent => ({
  edge: 0,
  at,
  pid: 1,
  what,
  ...(signal ? { signal } : {}),
});
const attempt = (marker: string, seq: number): Attempt => ({
  key: `key-${seq}`,
  marker,
  from: seq,
  unknown: [],
  settled: { releaseId: `id-${seq}`, seq },
});

const FAULTLESS: History = {
  reads: [read(10, 1), read(20, 2)],
  edgeEvents: [READY],
  droppedReads: 0,
  attempts: [attempt('one', 1), { ...attempt('two', 2), unknown: ['503 UNAVAILABLE'] }],
};
const FACTS: Facts = {
  environments: [
    {
      name: 'production',
      headSeq: 2,
      stateHash: 'h',
      stateHashOfHistory: 'h',
      landed: [
        { id: 'id-1', seq: 1, title: 'one', audited: 1 },
        { id: 'id-2', seq: 2, title: 'two', audited: 1 },
      ],
    },
  ],
  keys: [
    { key: 'key-1', releaseId: 'id-1', seq: 1, title: 'one' },
    { key: 'key-2', releaseId: 'id-2', seq: 2, title: 'two' },
  ],
  brokenAudit: undefined,
  live: { 'promo/acme-uk/twins-a': DOCUMENT },
  edges: [{ edge: 0, documents: { 'promo/acme-uk/twins-a': DOCUMENT } }],
  titlesAt: new Map([
    [1, ['one', 'one']],
    [2, ['two', 'two']],
  ]),
  failedJobs: [],
};

const found = (history: Partial<History>, facts: Partial<Facts> = {}, options: JudgeOptions = {}): string[] =>
  judge({ ...FAULTLESS, ...history }, { ...FACTS, ...facts }, options).map(({ invariant }) => invariant);
const environment = (more: Partial<Facts['environments'][number]>): Partial<Facts> => ({
  environments: FACTS.environments.map((one) => ({ ...one, ...more })),
});

describe('the judge of a history', () => {
  test('finds nothing where nothing is wrong', () => {
    expect(found({})).toEqual([]);
  });

  test.each<[string, Partial<History>, Partial<Facts>, string[]]>([
    ['a lost publish', {}, { keys: FACTS.keys.slice(0, 1) }, ['what is acknowledged is stored once, under its seq']],
    [
      'a publish under another seq',
      {},
      { keys: FACTS.keys.map((row) => (row.seq === 2 ? { ...row, seq: 3 } : row)) },
      ['what is acknowledged is stored once, under its seq'],
    ],
    [
      'a publish that landed twice',
      {},
      { keys: [...FACTS.keys, { key: 'key-2', releaseId: 'id-3', seq: 3, title: 'two' }] },
      ['what is acknowledged is stored once, under its seq'],
    ],
    [
      'a seq acknowledged twice',
      { attempts: [attempt('one', 1), { ...attempt('one', 1) }] },
      {},
      ['a seq is acknowledged once'],
    ],
    [
      'a refused publish that landed',
      { attempts: [{ ...attempt('one', 1), settled: { refused: 'STALE' } }] },
      {},
      ['what is refused does not land'],
    ],
    [
      'a publish without an answer',
      { attempts: [{ ...attempt('three', 3), settled: undefined }] },
      {},
      ['a publish is answered in the end'],
    ],
    [
      'an internal error',
      { attempts: [{ ...attempt('one', 1), unknown: ['500 INTERNAL_SERVER_ERROR'] }] },
      {},
      ['a failed request says whether to try again'],
    ],
    ['a gap', {}, environment({ headSeq: 3 }), ['seqs have no gap and no double']],
    [
      'a landing without its audit row',
      {},
      environment({
        landed: [
          { id: 'id-1', seq: 1, title: 'one', audited: 0 },
          { id: 'id-2', seq: 2, title: 'two', audited: 1 },
        ],
      }),
      ['one audit row for each landing'],
    ],
    ['another state hash', {}, environment({ stateHash: 'other' }), ['the state hash is that of the history']],
    ['a broken audit chain', {}, { brokenAudit: 'entry 3 is missing' }, ['the audit chain verifies']],
    ['a failed job', {}, { failedJobs: [{ queue: 'deliveries', id: '1', reason: 'no' }] }, ['no job fails for good']],
    [
      'other bytes at an edge',
      {},
      { edges: [{ edge: 0, documents: { 'promo/acme-uk/twins-a': { ...DOCUMENT, body: '{}' } } }] },
      ['edges hold what MySQL says'],
    ],
    ['a document that an edge lacks', {}, { edges: [{ edge: 0, documents: {} }] }, ['edges hold what MySQL says']],
    ['a document that only an edge has', {}, { live: {} }, ['edges hold what MySQL says']],
    [
      'a torn page',
      { reads: [read(10, 1, 'one', { answer: { status: 200, seq: 1, titles: ['one', 'two'], body: 'x' } })] },
      {},
      ['no page mixes two releases or is empty'],
    ],
    [
      'an empty page',
      { reads: [read(10, 1, 'one', { answer: { status: 200, seq: 1, titles: [], body: 'x' } })] },
      {},
      ['no page mixes two releases or is empty'],
    ],
    [
      'a page that MySQL does not have',
      { reads: [read(10, 2, 'lost')] },
      {},
      ['pages are what MySQL has at their seq'],
    ],
    [
      'two pages under one seq',
      {
        reads: [
          read(10, 2),
          read(20, 2, 'two', { answer: { status: 200, seq: 2, titles: ['two', 'two'], body: 'x' } }),
        ],
      },
      {},
      ['one page under one seq'],
    ],
    ['a step back', { reads: [read(10, 2), read(20, 1)] }, {}, ['an edge never goes back']],
    ['an error page', { reads: [answered(10, 503)] }, {}, ['an edge serves no error']],
    ['a slow page', { reads: [read(10, 1, 'one', { to: 6_000 })] }, {}, ['an edge answers from memory']],
    ['load that was not offered', { droppedReads: 3 }, {}, ['the load is offered whole']],
  ])('finds %s', (_, history, facts, expected) => {
    expect(found(history, facts)).toEqual(expected);
  });

  test('lets answers overtake each other while both reads are under way', () => {
    expect(found({ reads: [read(10, 2, 'two', { to: 20 }), read(15, 1, 'one', { to: 30 })] })).toEqual([]);
  });

  test.each<[string, EdgeEvent[], Read, boolean]>([
    ['of an edge in service', [READY], failed(10), false],
    ['of an edge that runs no more', [READY, event(5, 'ended', 'SIGKILL')], failed(10), true],
    ['under way when the edge was killed', [READY, event(11, 'ended', 'SIGKILL')], failed(10), true],
    ['long before the edge was killed', [READY, event(5_000, 'ended', 'SIGKILL')], failed(10), false],
    [
      'under way when the edge was asked to end',
      [READY, event(11, 'asked to end'), event(14, 'ended')],
      failed(10),
      false,
    ],
    ['sent after the edge was asked to end', [READY, event(9, 'asked to end'), event(14, 'ended')], failed(10), true],
    ['of an edge that crashed', [READY, event(11, 'ended', 'SIGSEGV')], failed(10), false],
    ['of an edge that stood still', [READY, event(5, 'paused'), event(20_000, 'resumed')], failed(10, 15_010), true],
    ['after the edge was resumed', [READY, event(2, 'paused'), event(5, 'resumed')], failed(10), false],
    ['of an edge that has not started', [event(9, 'started')], failed(10), true],
  ])('a failed read %s', (_, edgeEvents, one, excused) => {
    expect(found({ reads: [one], edgeEvents })).toEqual(excused ? [] : ['an edge in service answers']);
  });

  test('lets an edge with an empty disk say 503 until it was ready, and no longer', () => {
    const edgeEvents = [event(0, 'started'), event(20, 'ready')];
    expect(found({ reads: [answered(10, 503)], edgeEvents }, {}, { emptyDisks: true })).toEqual([]);
    expect(found({ reads: [answered(10, 503)], edgeEvents })).toEqual(['an edge serves no error']);
    expect(found({ reads: [answered(30, 503)], edgeEvents }, {}, { emptyDisks: true })).toEqual([
      'an edge serves no error',
    ]);
  });

  test('lets an edge whose disk was damaged begin with an older release, once it has started', () => {
    const reads = [read(10, 2), read(30, 1)];
    expect(found({ reads, edgeEvents: [READY, event(20, 'started')] }, {}, { startsBack: true })).toEqual([]);
    expect(found({ reads, edgeEvents: [READY, event(5, 'started')] }, {}, { startsBack: true })).toEqual([
      'an edge never goes back',
    ]);
  });

  test('lets an edge without descriptors reset connections, but not keep them waiting', () => {
    expect(found({ reads: [failed(10)] }, {}, { resetsConnections: true })).toEqual([]);
    expect(found({ reads: [failed(10, 15_010)] }, {}, { resetsConnections: true })).toEqual([
      'an edge in service answers',
    ]);
  });

  test('shows the first violations of a kind and counts the others', () => {
    const shown = describeViolations(
      judge({ ...FAULTLESS, reads: [1, 2, 3, 4, 5].map((from) => failed(from)) }, FACTS),
    );
    expect(shown).toHaveLength(3);
    expect(shown[2]).toBe('an edge in service answers: 3 more');
  });

  test('excuses failed jobs where the fault consists of them', () => {
    expect(found({}, { failedJobs: [{ queue: 'deliveries', id: '1', reason: 'no' }] }, { poison: true })).toEqual([]);
  });

  test('shows the part of the history that proves it, and no more', () => {
    const [violation] = judge({ ...FAULTLESS, reads: [read(1, 1), read(10, 2), read(20, 1), read(30, 2)] }, FACTS);
    expect(violation?.evidence).toEqual([read(10, 2), read(20, 1)]);
    expect(describeViolations(violation ? [violation] : []).join()).toMatch(
      /^an edge never goes back: from seq 2 to 1\n {4}\{"edge":0,"from":10.*\n {4}\{"edge":0,"from":20/,
    );
  });
});
