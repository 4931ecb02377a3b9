import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import { sha256Hex } from '@paddock/contracts';
import { ApiKeys } from '../access/api-keys.js';
import { ProducerKeys } from '../collector/producer-keys.js';
import { createServer } from '../http/create-server.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5, 10);
const iso = (at: number): string => new Date(at).toISOString();
const bet = contract(
  'bet',
  { user: 'string', amount: 'number' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const PROBLEM = '... on ValidationProblem { fields { path code } }';
const RECONCILIATION =
  '... on Reconciliation { summary { state authority windows } windows { source start expected served delta cause } batches cutOvers { authority by reason } }';

describe('what operators do, over GraphQL and HTTP', () => {
  let now = START + 4 * HOUR;
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  beforeAll(async () => {
    test = await testAnalytics({ clock: () => now });
    await test.analytics.apply(
      definitions([bet], {
        bets: { simple: { event: 'bet', agg: 'count' } },
        again: {
          retention: { start: { event: 'bet' }, return: { event: 'bet' }, mode: 'bounded', period: 'day', periods: 1 },
        },
      }),
    );
    await test.analytics.processor.start();
    const keys = new ApiKeys(
      new Map([
        [sha256Hex('operator'), { name: 'ops', scopes: ['read', 'operate'] }],
        [sha256Hex('reader'), { name: 'board', scopes: ['read'] }],
      ]),
    );
    app = await createServer(test.analytics, new ProducerKeys(new Map(), true), pino({ level: 'fatal' }), undefined, {
      keys,
      production: true,
    });
    await app.listen(0);
    const event = (id: number, amount: unknown) => ({
      event: 'bet',
      id: `e${id}`,
      at: iso(START + (id % 2) * HOUR),
      user: 'u',
      amount,
    });
    await test.send([event(0, 1), event(1, 1), event(2, 'two'), event(3, 1)]);
    await test.stored(3);
    await test.until(() => test.analytics.processor.counts.refused === 1);
    now += 5 * 60_000;
    await test.settle();
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
  });

  async function ask(query: string, input: object, key = 'operator') {
    const { body } = await supertest(app.getHttpServer())
      .post('/graphql')
      .set('authorization', `Bearer ${key}`)
      .send({ query, variables: { input } });
    return body;
  }

  it('repair refused events, first as a dry run', async () => {
    const repair = `mutation ($input: RepairQuarantineInput!) { repairQuarantine(input: $input) { ... on QuarantineRepair { dryRun matched repaired stillRefused examples { after problem } } ${PROBLEM} } }`;
    const input = { where: { event: 'bet' }, mapping: [{ set: { field: 'amount', value: 2 } }] };
    expect((await ask(repair, input)).data.repairQuarantine).toMatchObject({
      dryRun: true,
      matched: 1,
      repaired: 1,
      examples: [{ problem: null, after: expect.stringContaining('"amount":2') }],
    });
    expect((await ask(repair, { ...input, limit: 0 })).data.repairQuarantine.fields).toEqual([
      { path: 'limit', code: 'OUT_OF_RANGE' },
    ]);
    expect((await ask(repair, { ...input, dryRun: false })).data.repairQuarantine).toMatchObject({
      repaired: 1,
      stillRefused: 0,
    });
    await test.stored(4);
    const list = `query ($input: QuarantineFilterInput) { quarantine(where: $input) { ... on RefusedEvents { nodes { state event message original } endCursor } ${PROBLEM} } quarantineCounts(where: $input) { ... on RefusedCounts { groups { event code producer count } } } }`;
    const { data } = await ask(list, { event: 'bet' });
    expect(data).toMatchObject({
      quarantine: { nodes: [{ state: 'REPAIRED', message: 'amount must be number,null' }], endCursor: null },
      quarantineCounts: { groups: [{ code: 'CONTRACT_VIOLATION', producer: 'test', count: 1 }] },
    });
    now += 5 * 60_000;
    await test.settle();
  });

  it('compare on demand, import a batch by rows and by file, and cut over', async () => {
    const reconcile = `mutation ($input: ReconcileInput!) { reconcile(input: $input) { ${RECONCILIATION} ${PROBLEM} } }`;
    expect(
      (await ask(reconcile, { metric: 'bets', from: iso(START), to: iso(START + HOUR) })).data.reconcile,
    ).toMatchObject({
      summary: { state: 'EQUAL', windows: 1 },
      windows: [{ source: 'recomputation', expected: '2', served: '2', delta: '0', cause: 'NONE' }],
    });
    expect((await ask(reconcile, { metric: 'again', from: 'now', to: iso(START) })).data.reconcile.fields).toEqual([
      { path: 'metric', code: 'NOT_RECOMPUTABLE' },
      { path: 'from', code: 'INVALID_DATE' },
    ]);
    const post = () =>
      supertest(app.getHttpServer())
        .post('/v1/metrics/bets/batch-results')
        .set('paddock-client-key', 'operator')
        .type('text/csv')
        .query({ source: 'nightly', grain: 'hour', takenAt: iso(now) });
    expect((await post().send('start,value\n2026-01-05T10:00,3\n')).body).toEqual({
      windows: 1,
      different: [{ start: iso(START), expected: '3', served: '2', delta: '-1', cause: 'UNEXPLAINED' }],
    });
    const setAuthority = `mutation ($input: SetMetricAuthorityInput!) { setMetricAuthority(input: $input) { ... on CutOverBlockedProblem { code gates { code } } ${RECONCILIATION} ${PROBLEM} } }`;
    const step = { metric: 'bets', authority: 'AUTHORITATIVE', reason: 'equal for a week' };
    expect((await ask(setAuthority, step)).data.setMetricAuthority).toEqual({
      code: 'BLOCKED',
      gates: [{ code: 'BATCH_DIFFERS' }],
    });
    const importRows = `mutation ($input: ImportBatchResultInput!) { importBatchResult(input: $input) { ${RECONCILIATION} ${PROBLEM} } }`;
    const rows = [
      { start: '2026-01-05T10:00', value: '2' },
      { start: '2026-01-05T11:00', value: '2' },
    ];
    const imported = (
      await ask(importRows, { metric: 'bets', source: 'nightly', grain: 'HOUR', takenAt: iso(now), rows })
    ).data.importBatchResult;
    expect(imported.windows.map(({ cause }: { cause: string }) => cause)).toEqual(['NONE', 'NONE']);
    expect((await ask(setAuthority, step)).data.setMetricAuthority).toMatchObject({
      summary: { authority: 'AUTHORITATIVE' },
      batches: ['nightly'],
      cutOvers: [{ authority: 'AUTHORITATIVE', by: 'ops', reason: 'equal for a week' }],
    });
  });

  it('are the only ones who may; readers see the state', async () => {
    const denied = await ask(
      `mutation ($input: ReconcileInput!) { reconcile(input: $input) { ${PROBLEM} } }`,
      { metric: 'bets', from: iso(START), to: iso(START + HOUR) },
      'reader',
    );
    expect(denied.errors[0].extensions.code).toBe('FORBIDDEN');
    const { status, body } = await supertest(app.getHttpServer())
      .post('/v1/metrics/bets/batch-results')
      .set('paddock-client-key', 'reader')
      .type('text/csv')
      .send('start,value\n');
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
    const seen = await ask(
      `query ($input: ReconciliationInput!) { reconciliation(input: $input) { ${RECONCILIATION} } }`,
      { metric: 'bets' },
      'reader',
    );
    expect(seen.data.reconciliation.summary.state).toBe('EQUAL');
  });

  it('see every mistake in a file', async () => {
    const { status, body } = await supertest(app.getHttpServer())
      .post('/v1/metrics/bets/batch-results')
      .set('paddock-client-key', 'operator')
      .type('text/csv')
      .query({ source: 'x', grain: 'fortnight' })
      .send('a,b\n1,2\n');
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['grain', 'takenAt']);
  });
});
