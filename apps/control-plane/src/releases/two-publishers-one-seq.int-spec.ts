import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import type { GraphqlResult } from '../testing/graphql-client.js';
import { testWorld, type World } from '../testing/world.js';

const isRelease = (result: GraphqlResult) =>
  (Object.values(result.data ?? {})[0] as { __typename: string }).__typename === 'Release';

describe('races between publishers', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('production');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  const created = async (documents: string[], title = 'A release') =>
    expectOk(await editor.createRelease(documents, { title }), 'Release') as unknown as Release;
  const publish = (release: Release, key?: string) => editor.publish(release.id, release.plan?.planHash ?? '', key);
  const headSeq = async () =>
    (
      await world.db.manager.query<{ seq: number }[]>(
        "SELECT head_seq AS seq FROM environment WHERE name = 'production'",
      )
    )[0]?.seq;

  it('lets one of two publishers of one release win and tells the other what won', async () => {
    const release = await created([await editor.promo('one')]);
    const results = await Promise.all([publish(release), publish(release)]);
    const [winner] = results.filter(isRelease);
    const [loser] = results.filter((result) => !isRelease(result));
    expect(results.filter(isRelease)).toHaveLength(1);
    const stale = expectProblem(loser as GraphqlResult, 'STALE');
    expect(stale.wonBy).toMatchObject([{ id: release.id, seq: expectOk(winner as GraphqlResult).seq }]);
  });

  it('lets one of two releases of one document win and names it to the other', async () => {
    const promo = await editor.promo('two', { title: 'mine' });
    const mine = await created([promo], 'Mine');
    await editor.promo('two', { title: 'theirs' });
    const theirs = await created([promo], 'Theirs');
    const results = await Promise.all([publish(mine), publish(theirs)]);
    expect(results.filter(isRelease)).toHaveLength(1);
    const winner = isRelease(results[0]) ? mine : theirs;
    const [loser] = results.filter((result) => !isRelease(result));
    const stale = expectProblem(loser as GraphqlResult, 'STALE');
    expect(stale.wonBy).toMatchObject([{ id: winner.id, title: winner.title }]);
    expect(stale.message).toContain(winner.title);
  });

  it('lands many releases of different documents at once, without a gap', async () => {
    const before = Number(await headSeq());
    const releases: Release[] = [];
    for (let n = 0; n < 12; n += 1) releases.push(await created([await editor.promo(`many-${n}`)]));
    const landed = (await Promise.all(releases.map((release) => publish(release)))).map(
      (result) => expectOk(result, 'Release').seq,
    );
    expect(landed.sort((a, b) => Number(a) - Number(b))).toEqual(releases.map((_, n) => before + 1 + n));
    expect(Number(await headSeq())).toBe(before + 12);
  });

  it('lands one release for a key that is sent many times at once', async () => {
    const before = Number(await headSeq());
    const release = await created([await editor.promo('keyed')]);
    const key = randomUUID();
    const results = await Promise.all(Array.from({ length: 8 }, () => publish(release, key)));
    expect(new Set(results.map((result) => expectOk(result, 'Release').seq))).toEqual(new Set([before + 1]));
    expect(Number(await headSeq())).toBe(before + 1);
    expect(expectOk(await publish(release, key)).seq).toBe(before + 1);
  });

  it('refuses a key that the same publisher used for another request; others have keys of their own', async () => {
    const key = randomUUID();
    const [one, other] = [await created([await editor.promo('key-a')]), await created([await editor.promo('key-b')])];
    expectOk(await publish(one, key));
    expectProblem(await publish(other, key), 'IDEMPOTENCY_CONFLICT');
    const colleague = new Editor(await world.signedIn('PUBLISHER'));
    // What one publisher sends says nothing about the keys of others: this release has landed, and no key conflicts.
    expectProblem(await colleague.publish(one.id, one.plan?.planHash ?? '', key), 'STALE');
    expect((await editor.release(other.id)).state).toBe('DRAFT');
    expectOk(await colleague.publish(other.id, other.plan?.planHash ?? '', key), 'Release');
  });

  it('lets a refused request be corrected and sent again under its key', async () => {
    const key = randomUUID();
    const release = await created([await editor.promo('mended')]);
    expectProblem(await editor.publish(release.id, 'not-the-hash', key), 'STALE');
    expectOk(await publish(release, key), 'Release');
  });

  it('rolls back during a publish of the same document: both land or one is refused', async () => {
    const promo = await editor.promo('raced', { title: 'one' });
    await editor.land([promo]);
    await editor.promo('raced', { title: 'two' });
    const second = await editor.land([promo]);
    await editor.promo('raced', { title: 'three' });
    const third = await created([promo]);
    const [rollback, publication] = await Promise.all([editor.rollback(second.id), publish(third)]);
    const live = (await editor.live())['promo/acme-uk/raced'];
    if (isRelease(rollback)) {
      expectProblem(publication, 'STALE');
      expect(live).toBe('one');
    } else {
      expectProblem(rollback, 'BLOCKED');
      expectOk(publication, 'Release');
      expect(live).toBe('three');
    }
  });

  it('keeps the audit chain whole through all of it', async () => {
    const { verifyChain } = await import('../audit/verify/verify-chain.js');
    expect(await verifyChain(world.db.manager)).toMatchObject({ ok: true });
  });
});
