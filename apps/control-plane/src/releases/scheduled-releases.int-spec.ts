import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { createLogger } from '@paddock/runtime';
import { until } from '@paddock/testing';
import { GrantRow } from '../access/access.entity.js';
import { Editor, type Release } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';
import { Landing } from './landing.js';
import { FreezeWindowRow, ReleaseRow } from './release.entity.js';
import { Scheduler } from './scheduler.js';

const logger = createLogger('test', 'silent');
const SOON_MS = 2_000;

describe('scheduled releases', () => {
  let world: World;
  let publisher: SignedInClient;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('production');
    publisher = await world.signedIn('PUBLISHER');
    editor = new Editor(publisher);
  });
  afterAll(() => world.close());

  const scheduler = () => world.app.get(Scheduler, { strict: false });
  const soon = () => new Date(Date.now() + SOON_MS);
  const create = async (documents: string[], title = 'Later') =>
    expectOk(await editor.createRelease(documents, { title }), 'Release') as unknown as Release;

  /** Runs the scheduler until a release leaves the state SCHEDULED. */
  const fired = (id: string) =>
    until(
      async () => {
        await scheduler().fireDue(logger);
        const release = await editor.release(id);
        return release.state === 'SCHEDULED' ? undefined : release;
      },
      { what: `the firing of release ${id}` },
    );

  it('land at their time and not before, as who scheduled them', async () => {
    const release = await create([await editor.promo('timed')]);
    const at = soon();
    expect(expectOk(await editor.schedule(release.id, at), 'Release')).toMatchObject({
      state: 'SCHEDULED',
      scheduledAt: at.toISOString(),
    });
    await scheduler().fireDue(logger);
    const row = await world.db.manager.findOneByOrFail(ReleaseRow, { id: release.id });
    if (row.landedAt) expect(row.landedAt.getTime()).toBeGreaterThanOrEqual(at.getTime());

    expect(await fired(release.id)).toMatchObject({ state: 'LANDED', seq: expect.any(Number) });
    const landed = await world.db.manager.findOneByOrFail(ReleaseRow, { id: release.id });
    expect(landed.landedAt?.getTime()).toBeGreaterThanOrEqual(at.getTime());
    expect(landed.landedBy).toBe(publisher.actor.id);
  });

  it('land once, however many workers look', async () => {
    const release = await create([await editor.promo('once')]);
    expectOk(await editor.schedule(release.id, soon()));
    await until(async () => {
      await Promise.all(Array.from({ length: 6 }, () => scheduler().fireDue(logger)));
      return (await editor.release(release.id)).state === 'LANDED';
    });
    const rows: { n: string }[] = await world.db.manager.query(
      "SELECT COUNT(*) AS n FROM audit_entry WHERE target_id = ? AND action = 'release.published'",
      [release.id],
    );
    expect(Number(rows[0]?.n)).toBe(1);
  });

  it('pause whole and say why, when a gate is closed at their time', async () => {
    const promo = await editor.promo('will-go');
    const other = await editor.promo('comes-along');
    await editor.land([promo]);
    const layout = await editor.layout('needs', {
      page: 'needs',
      slots: [{ name: 'a', items: [{ promo: 'will-go' }] }],
    });
    const release = await create([layout, other]);
    expectOk(await editor.schedule(release.id, soon()), 'Release');
    await editor.land([], { remove: [promo] });
    const paused = await fired(release.id);
    expect(paused).toMatchObject({ state: 'PAUSED', seq: null, pausedBecause: expect.stringContaining('will-go') });
    expect(await editor.live()).not.toHaveProperty('promo/acme-uk/comes-along');
    // Once corrected, it may be scheduled again.
    await editor.land([promo]);
    expectOk(await editor.schedule(release.id, soon()), 'Release');
    expect(await fired(release.id)).toMatchObject({ state: 'LANDED' });
  });

  it('stay scheduled when an operator sets another time while the old one fails', async () => {
    const layout = await editor.layout('moved', {
      page: 'moved',
      slots: [{ name: 'a', items: [{ promo: 'never-published' }] }],
    });
    const blocked = await create([layout]);
    const [first, second] = [soon(), new Date(Date.now() + 3_600_000)];
    expectOk(await editor.schedule(blocked.id, first), 'Release');
    const landing = world.app.get(Landing, { strict: false });
    const land = landing.land.bind(landing);
    const spy = vi
      .spyOn(landing, 'land')
      .mockImplementationOnce((request) =>
        land(request).finally(async () => expectOk(await editor.schedule(blocked.id, second), 'Release')),
      );
    await until(async () => {
      await scheduler().fireDue(logger);
      return spy.mock.calls.length > 0;
    });
    spy.mockRestore();
    expect(await editor.release(blocked.id)).toMatchObject({ state: 'SCHEDULED', pausedBecause: null });
    const row = await world.db.manager.findOneByOrFail(ReleaseRow, { id: blocked.id });
    expect(row.scheduledAt).toEqual(second);
  });

  it('pause when their scheduler lost the permission since', async () => {
    const leaver = await world.signedIn('PUBLISHER');
    const release = await create([await editor.promo('orphaned')]);
    expectOk(await new Editor(leaver).schedule(release.id, soon()), 'Release');
    await world.db.manager.delete(GrantRow, { holderId: leaver.actor.id });
    expect(await fired(release.id)).toMatchObject({
      state: 'PAUSED',
      pausedBecause: expect.stringContaining('release:publish'),
    });
  });

  it('do not land once cancelled', async () => {
    const release = await create([await editor.promo('cancelled')]);
    const at = soon();
    expectOk(await editor.schedule(release.id, at), 'Release');
    const cancelled = await publisher.send(
      'mutation ($input: CancelScheduleInput!) { cancelSchedule(input: $input) { ... on Release { state scheduledAt } ... on Problem { code message } } }',
      { input: { id: release.id } },
    );
    expect(expectOk(cancelled)).toEqual({ state: 'DRAFT', scheduledAt: null });
    await until(() => Date.now() > at.getTime() + 100);
    await scheduler().fireDue(logger);
    expect(await editor.release(release.id)).toMatchObject({ state: 'DRAFT', seq: null });
  });

  it('warn a publisher who would turn them stale, and let a later pin follow', async () => {
    const promo = await editor.promo('campaign', { title: 'start' });
    const start = await create([promo], 'Campaign start');
    await editor.promo('campaign', { title: 'end' });
    const end = await create([promo], 'Campaign end');
    expectOk(await editor.schedule(start.id, new Date(Date.now() + 3_600_000)), 'Release');
    expectOk(await editor.schedule(end.id, new Date(Date.now() + 7_200_000)), 'Release');
    expect((await editor.release(start.id)).plan).toMatchObject({ gates: [], overlaps: [{ releaseId: end.id }] });
    expect((await editor.release(end.id)).plan?.gates).toMatchObject([
      { code: 'SCHEDULED_OVERLAP', message: expect.stringContaining('Campaign start') },
    ]);
  });

  it('may not be set for a time that is past, frozen, or in no zone', async () => {
    const release = await create([await editor.promo('refused')]);
    const past = expectProblem(
      await editor.schedule(release.id, new Date(Date.now() - 1_000), 'Mars/Olympus'),
      'VALIDATION',
    );
    expect(past.fields).toMatchObject([
      { path: 'at', code: 'NOT_IN_FUTURE' },
      { path: 'timeZone', code: 'UNKNOWN_TIME_ZONE' },
    ]);
    const [startsAt, endsAt] = [new Date(Date.now() + 86_400_000), new Date(Date.now() + 2 * 86_400_000)];
    await world.db.manager.insert(FreezeWindowRow, {
      id: uuidv7(),
      environment: 'production',
      startsAt,
      endsAt,
      reason: 'cup final',
    });
    const frozen = expectProblem(await editor.schedule(release.id, new Date(startsAt.getTime() + 1_000)), 'BLOCKED');
    expect(frozen.gates).toMatchObject([{ code: 'FREEZE_WINDOW', message: expect.stringContaining('cup final') }]);
    expect((await editor.release(release.id)).state).toBe('DRAFT');
  });
});
