import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Editor } from '../../testing/editor.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import type { GraphqlClient } from '../../testing/graphql-client.js';
import { testWorld, type World } from '../../testing/world.js';

const GATES = 'gates { code severity documentId resolution { mutation hint } override { permission } }';

describe('gates in the API say how to resolve them', () => {
  let world: World;
  let client: GraphqlClient;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('production');
    client = await world.signedIn('PUBLISHER');
    editor = new Editor(client);
  });
  afterAll(() => world.close());

  const layoutOf = (promo: string) =>
    editor.layout(`shows-${promo}`, { page: `page-${promo}`, slots: [{ name: 'main', items: [{ promo }] }] });
  const planOf = async (id: string) =>
    expectOk(await client.send(`query ($id: ID!) { release(id: $id) { plan { planHash ${GATES} } } }`, { id }))
      .plan as { planHash: string; gates: object[] };

  test('in a plan and in the refusal of its publish', async () => {
    const layout = await layoutOf('missing');
    const id = String(expectOk(await editor.createRelease([layout]), 'Release').id);
    const { planHash, gates } = await planOf(id);
    expect(gates).toEqual([
      {
        ...{ code: 'BROKEN_REFERENCE', severity: 'ERROR', documentId: layout, override: null },
        resolution: { mutation: 'updateRelease', hint: expect.stringContaining('Add the missing document') },
      },
    ]);
    const refused = await client.send(
      `mutation ($input: PublishReleaseInput!) { publishRelease(input: $input) { __typename ... on Problem { code message } ... on BlockedProblem { ${GATES} } } }`,
      { input: { id, planHash, idempotencyKey: randomUUID() } },
    );
    expect(expectProblem(refused, 'BLOCKED').gates).toEqual(gates);
  });

  test('in a rollback, whose release no one can edit', async () => {
    const promo = await editor.promo('shown');
    const landed = await editor.land([promo]);
    await editor.land([await layoutOf('shown')]);
    const plan = expectOk(
      await client.send(`query ($id: ID!) { rollbackPlan(id: $id) { ${GATES} } }`, { id: landed.id }),
    );
    expect(plan.gates).toMatchObject([
      { code: 'BROKEN_REFERENCE', resolution: { mutation: 'rollbackRelease', hint: expect.stringContaining('keep') } },
    ]);
  });

  test('where nothing resolves them, with null', async () => {
    const promo = await editor.promo('twice');
    await editor.land([promo]);
    await editor.promo('twice', { title: 'again' });
    const landed = await editor.land([promo]);
    expectOk(await editor.rollback(landed.id));
    const plan = expectOk(
      await client.send(`query ($id: ID!) { rollbackPlan(id: $id) { ${GATES} } }`, { id: landed.id }),
    );
    expect(plan.gates).toEqual([
      { code: 'NOTHING_TO_ROLL_BACK', severity: 'ERROR', documentId: null, resolution: null, override: null },
    ]);
  });
});
