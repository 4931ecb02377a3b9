import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESERVED_CONSUMERS, sha256Hex } from '@paddock/contracts';
import { OutboxRow } from '../publishing/publishing.entity.js';
import { expectError, expectOk, expectProblem } from '../testing/expect-result.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';
import { EnvironmentSettingsSource } from './environment-settings.js';

const mutation = (name: string, fields: string) => `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
  ${name}(input: $input) { __typename ${fields} ... on ValidationProblem { fields { path code } } ... on Problem { code message } }
}`;
const CREATE_SITE = mutation('createSite', '... on Site { key jurisdiction }');
const UPDATE_SITE = mutation('updateSite', '... on Site { key name jurisdiction }');
const CREATE_KEY = mutation(
  'createClientKey',
  '... on ClientKeyCreated { key clientKey { id consumer site jurisdiction scopes revokedAt } }',
);
const REVOKE_KEY = mutation('revokeClientKey', '... on ClientKey { id revokedAt }');
const SET_POLICY = mutation('setEnvironmentPolicy', '... on Environment { anonymousReads settingsVersion }');
const CREATE_ENVIRONMENT = mutation(
  'createEnvironment',
  '... on Environment { name headSeq settingsVersion anonymousReads }',
);
const CREATE_FREEZE = mutation('createFreezeWindow', '... on FreezeWindow { id }');
const REMOVE_FREEZE = mutation('removeFreezeWindow', '... on FreezeWindow { id }');

describe('sites and environments', () => {
  let world: World;
  let admin: SignedInClient;
  beforeAll(async () => {
    world = await testWorld();
    await world.seed().environment('staging').environment('production').site('acme-uk');
    admin = await world.signedIn('ADMIN');
  });
  afterAll(() => world.close());

  const settings = (environment = 'production') =>
    world.app.get(EnvironmentSettingsSource, { strict: false }).read(world.db.manager, environment);
  const announced = (environment: string, version: number) =>
    world.db.manager.findBy(OutboxRow, { environment, topic: 'settings', version });
  const site = (key: string, change: object = {}) => ({
    input: { key, name: 'Acme', jurisdiction: 'GB', locale: 'en-GB', ...change },
  });
  const key = (change: object = {}) => ({
    input: { environment: 'production', consumer: 'web', scopes: ['READ'], ...change },
  });

  it('a new site is announced in every environment, once', async () => {
    const [staging, production] = [await settings('staging'), await settings('production')];
    expectOk(await admin.send(CREATE_SITE, site('acme-ie', { jurisdiction: 'IE', locale: 'en-IE' })), 'Site');
    for (const before of [staging, production]) {
      const after = await settings(before.environment);
      expect(after.version).toBe(before.version + 1);
      expect(after.sites).toContainEqual({ key: 'acme-ie', name: 'Acme', jurisdiction: 'IE', locale: 'en-IE' });
      expect(await announced(before.environment, after.version)).toHaveLength(1);
    }
  });

  it('a change of a site is, too; its key stays', async () => {
    const { version } = await settings();
    expectOk(await admin.send(UPDATE_SITE, site('acme-uk', { name: 'Acme UK', jurisdiction: 'US-NJ' })), 'Site');
    expect(await settings()).toMatchObject({ version: version + 1 });
    expectProblem(await admin.send(UPDATE_SITE, site('acme-xx')), 'NOT_FOUND');
    expect(await settings()).toMatchObject({ version: version + 1 });
  });

  it.each([
    [{ key: 'Acme UK' }, 'key', 'MATCHES'],
    [{ key: 'acme/uk' }, 'key', 'MATCHES'],
    [{ key: 'a'.repeat(101) }, 'key', 'MAX_LENGTH'],
    [{ jurisdiction: 'gb' }, 'jurisdiction', 'IS_JURISDICTION'],
    [{ jurisdiction: 'UK' }, 'jurisdiction', 'IS_JURISDICTION'],
    [{ jurisdiction: 'US-XX' }, 'jurisdiction', 'IS_JURISDICTION'],
    [{ locale: 'en-UK' }, 'locale', 'IS_LOCALE'],
    [{ locale: 'xx-YY' }, 'locale', 'IS_LOCALE'],
    [{ locale: 'en_GB' }, 'locale', 'IS_LOCALE'],
    [{ locale: 'EN-gb' }, 'locale', 'IS_LOCALE'],
    [{ name: '' }, 'name', 'IS_TEXT'],
    [{ name: 'lone \ud800 surrogate' }, 'name', 'IS_TEXT'],
    [{ name: 'nul \u0000' }, 'name', 'IS_TEXT'],
    [{ key: 'acme-uk' }, 'key', 'TAKEN'],
  ])('a site with %j is refused, and nothing is announced', async (change, path, code) => {
    const { version } = await settings();
    const problem = expectProblem(await admin.send(CREATE_SITE, site('acme-new', change)), 'VALIDATION');
    expect(problem.fields).toContainEqual({ path, code });
    expect((await settings()).version).toBe(version);
  });

  it('a client key is shown once and known by its hash', async () => {
    const { version } = await settings();
    const created = expectOk(
      await admin.send(CREATE_KEY, key({ site: 'acme-uk', jurisdiction: 'GB', scopes: ['READ', 'SYNC'] })),
      'ClientKeyCreated',
    );
    const { id } = Object(created.clientKey);
    expect(created.key).toMatch(/^pck_[A-Za-z0-9_-]{43}$/);
    const now = await settings();
    expect(now.version).toBe(version + 1);
    const expected = {
      id,
      sha256: sha256Hex(String(created.key)),
      consumer: 'web',
      site: 'acme-uk',
      jurisdiction: 'GB',
      scopes: ['read', 'sync'],
    };
    expect(now.clientKeys).toContainEqual(expected);
    const stored: unknown[] = [
      await world.db.manager.query('SELECT * FROM client_key'),
      await world.db.manager.query('SELECT * FROM audit_entry'),
    ];
    expect(JSON.stringify([...stored, world.log])).not.toContain(String(created.key).slice(4));
  });

  it('a revoked client key leaves the settings, once', async () => {
    const created = expectOk(await admin.send(CREATE_KEY, key()), 'ClientKeyCreated');
    const { id } = Object(created.clientKey);
    expectOk(await admin.send(REVOKE_KEY, { input: { id } }), 'ClientKey');
    const { version, clientKeys } = await settings();
    expect(clientKeys.map((known) => known.id)).not.toContain(id);
    expectOk(await admin.send(REVOKE_KEY, { input: { id } }), 'ClientKey');
    expect((await settings()).version).toBe(version);
  });

  it.each([
    [{ environment: 'nowhere' }, 'environment', 'UNKNOWN_ENVIRONMENT'],
    [{ site: 'no-site' }, 'site', 'UNKNOWN_SITE'],
    [{ consumer: 'Web App' }, 'consumer', 'MATCHES'],
    [{ site: 'acme-uk', scopes: ['READ', 'RECEIPTS'] }, 'scopes', 'NOT_ALLOWED'],
    ...RESERVED_CONSUMERS.map((consumer): [object, string, string] => [{ consumer }, 'consumer', 'RESERVED']),
    [{ scopes: [] }, 'scopes', 'ARRAY_MIN_SIZE'],
    [{ scopes: ['READ', 'READ'] }, 'scopes', 'ARRAY_UNIQUE'],
  ])('a client key with %j is refused', async (change, path, code) => {
    const problem = expectProblem(await admin.send(CREATE_KEY, key(change)), 'VALIDATION');
    expect(problem.fields).toEqual([{ path, code }]);
  });

  it('a policy concerns its environment alone', async () => {
    const [staging, production] = [await settings('staging'), await settings('production')];
    const set = await admin.send(SET_POLICY, { input: { environment: 'production', anonymousReads: false } });
    expect(expectOk(set, 'Environment')).toMatchObject({
      anonymousReads: false,
      settingsVersion: production.version + 1,
    });
    expect(await settings('staging')).toEqual(staging);
  });

  it('concurrent changes each get a version of their own', async () => {
    const { version } = await settings();
    const results = await Promise.all([
      ...Array.from({ length: 6 }, (_, n) => admin.send(CREATE_KEY, key({ consumer: `web-${n}` }))),
      ...Array.from({ length: 6 }, (_, n) => admin.send(CREATE_SITE, site(`acme-${n}`))),
    ]);
    for (const result of results) expectOk(result);
    const now = await settings();
    expect(now.version).toBe(version + 12);
    for (let announcedVersion = version + 1; announcedVersion <= now.version; announcedVersion += 1) {
      expect(await announced('production', announcedVersion)).toHaveLength(1);
    }
  });

  it('a new environment begins empty and announced', async () => {
    const created = expectOk(
      await admin.send(CREATE_ENVIRONMENT, { input: { name: 'qa', anonymousReads: true } }),
      'Environment',
    );
    expect(created).toEqual({
      __typename: 'Environment',
      name: 'qa',
      headSeq: 0,
      settingsVersion: 1,
      anonymousReads: true,
    });
    expect(await announced('qa', 1)).toHaveLength(1);
    expectProblem(await admin.send(CREATE_ENVIRONMENT, { input: { name: 'qa', anonymousReads: true } }), 'VALIDATION');
  });

  it('a freeze window is shown while it is open or to come, and announced to nobody', async () => {
    const { version } = await settings();
    const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();
    const window = { environment: 'production', startsAt: hours(-1), endsAt: hours(1), reason: 'Grand National' };
    const { id } = expectOk(await admin.send(CREATE_FREEZE, { input: window }), 'FreezeWindow');
    const query = '{ environments { name freezeWindows { id reason } } }';
    expect((await admin.send(query)).data?.environments).toContainEqual({
      name: 'production',
      freezeWindows: [{ id, reason: 'Grand National' }],
    });
    const backwards = await admin.send(CREATE_FREEZE, { input: { ...window, endsAt: hours(-2) } });
    expect(expectProblem(backwards, 'VALIDATION').fields).toEqual([{ path: 'endsAt', code: 'OUT_OF_RANGE' }]);
    expectOk(await admin.send(REMOVE_FREEZE, { input: { id } }), 'FreezeWindow');
    expect((await admin.send(query)).data?.environments).toContainEqual({ name: 'production', freezeWindows: [] });
    expect((await settings()).version).toBe(version);
  });

  it('are managed by administrators, each within their grant', async () => {
    const publisher = await world.signedIn('PUBLISHER');
    expectProblem(await publisher.send(CREATE_SITE, site('acme-de')), 'FORBIDDEN');
    const stagingAdmin = await world.signedIn('ADMIN', { environment: 'staging' });
    expectOk(await stagingAdmin.send(CREATE_KEY, key({ environment: 'staging' })), 'ClientKeyCreated');
    expectProblem(await stagingAdmin.send(CREATE_KEY, key()), 'FORBIDDEN');
    // A site is the same everywhere, so it takes all environments.
    expectProblem(await stagingAdmin.send(CREATE_SITE, site('acme-de')), 'FORBIDDEN');
    const siteAdmin = await world.signedIn('ADMIN', { site: 'acme-uk' });
    expectOk(await siteAdmin.send(CREATE_KEY, key({ site: 'acme-uk' })), 'ClientKeyCreated');
    // A key for all sites reads more than that.
    expectProblem(await siteAdmin.send(CREATE_KEY, key()), 'FORBIDDEN');
  });

  it('keys of another’s environment are as unknown', async () => {
    const created = expectOk(await admin.send(CREATE_KEY, key()), 'ClientKeyCreated');
    const stagingAdmin = await world.signedIn('ADMIN', { environment: 'staging' });
    expectProblem(await stagingAdmin.send(REVOKE_KEY, { input: { id: Object(created.clientKey).id } }), 'NOT_FOUND');
  });

  it('are readable for everybody signed in, except for client keys', async () => {
    const viewer = await world.signedIn('VIEWER');
    expect((await viewer.send('{ sites { key } environments { name anonymousReads } }')).errors).toEqual([]);
    expectError(await viewer.send('{ environments { clientKeys { id } } }'), 'FORBIDDEN');
  });

  it('leave an audit row each', async () => {
    const rows: { action: string }[] = await world.db.manager.query(
      'SELECT DISTINCT action FROM audit_entry ORDER BY action',
    );
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'client-key.created',
        'client-key.revoked',
        'environment.created',
        'environment.policy-set',
        'freeze-window.created',
        'freeze-window.removed',
        'site.created',
        'site.updated',
      ]),
    );
  });
});
