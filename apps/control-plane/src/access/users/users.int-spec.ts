import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError, expectOk, expectProblem } from '../../testing/expect-result.js';
import { GraphqlClient, type GraphqlResult } from '../../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';

const CREATE = `mutation ($input: CreateUserInput!) {
  createUser(input: $input) {
    __typename
    ... on User { id email active roles grants { role kind environment site } }
    ... on ValidationProblem { fields { path code } }
    ... on Problem { code message }
  }
}`;
const SET_GRANTS = `mutation ($input: SetGrantsInput!) {
  setGrants(input: $input) {
    __typename ... on User { grants { role kind environment site } } ... on ValidationProblem { fields { path code } } ... on Problem { code message }
  }
}`;
const DEACTIVATE = `mutation ($input: DeactivateUserInput!) {
  deactivateUser(input: $input) { __typename ... on User { active } ... on ValidationProblem { fields { path code } } ... on Problem { code message } }
}`;
const ACTIVATE =
  'mutation ($input: ActivateUserInput!) { activateUser(input: $input) { __typename ... on User { active } ... on Problem { code message } } }';
const CHANGE_PASSWORD = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ... on Problem { code message } } }`;
const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on Session { token } ... on Problem { code message } } }';
const PASSWORD = 'correct horse battery';

describe('users', () => {
  let world: World;
  let admin: SignedInClient;
  beforeAll(async () => {
    world = await testWorld();
    await world.seed().environment('staging').site('acme-uk');
    admin = await world.signedIn('ADMIN');
  });
  afterAll(() => world.close());

  let people = 0;
  async function person(grants: object[] = [{ role: 'EDITOR' }]) {
    people += 1;
    const email = `person-${people}@example.com`;
    const { id } = expectOk(
      await admin.send(CREATE, { input: { email, name: 'P', password: PASSWORD, grants } }),
      'User',
    );
    return { email, id: String(id) };
  }
  async function signIn(email: string, password = PASSWORD) {
    return new GraphqlClient(
      world.url,
      String(expectOk(await world.nobody.send(SIGN_IN, { input: { email, password } }), 'Session').token),
    );
  }

  it('are made with their grants', async () => {
    const grants = [
      { role: 'EDITOR', kind: 'PROMO', site: 'acme-uk' },
      { role: 'PUBLISHER', environment: 'staging' },
    ];
    const result = await admin.send(CREATE, {
      input: { email: 'Grace@Example.com', name: 'Grace', password: PASSWORD, grants },
    });
    expect(expectOk(result, 'User')).toMatchObject({
      email: 'grace@example.com',
      active: true,
      roles: ['EDITOR', 'PUBLISHER'],
      grants: [
        { role: 'EDITOR', kind: 'PROMO', environment: null, site: 'acme-uk' },
        { role: 'PUBLISHER', kind: null, environment: 'staging', site: null },
      ],
    });
    const again = await admin.send(CREATE, {
      input: { email: 'grace@example.com', name: 'G', password: PASSWORD, grants: [] },
    });
    expect(expectProblem(again, 'VALIDATION').fields).toEqual([{ path: 'email', code: 'TAKEN' }]);
  });

  it('get grants only where there is something', async () => {
    const grants = [
      { role: 'VIEWER', environment: 'nowhere' },
      { role: 'VIEWER', site: 'no-site' },
    ];
    const problem = expectProblem(
      await admin.send(CREATE, { input: { email: 'x@example.com', name: 'X', password: PASSWORD, grants } }),
      'VALIDATION',
    );
    expect(problem.fields).toEqual([
      { path: 'grants[0].environment', code: 'UNKNOWN_ENVIRONMENT' },
      { path: 'grants[1].site', code: 'UNKNOWN_SITE' },
    ]);
    expect(await world.db.manager.query("SELECT id FROM user WHERE email = 'x@example.com'")).toEqual([]);
  });

  it.each([
    ['eleven char', ['TOO_SHORT']],
    ['password1234', ['TOO_SHORT', 'COMMON_PASSWORD']],
    [' '.repeat(15), ['PREDICTABLE_PASSWORD']],
    ['refused@example.com', ['CONTEXT_PASSWORD']],
    ['acme-uk-acme-uk-1', ['CONTEXT_PASSWORD']],
  ])('cannot get the password %j, however it is set', async (password, codes) => {
    const created = await admin.send(CREATE, {
      input: { email: 'refused@example.com', name: 'S', password, grants: [] },
    });
    expect(expectProblem(created, 'VALIDATION').fields).toEqual(codes.map((code) => ({ path: 'password', code })));
    const { id, email } = await person();
    const refusal = (result: GraphqlResult) => Object(expectProblem(result, 'VALIDATION').fields);
    const reset =
      'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename ... on ValidationProblem { fields { path code } } ... on Problem { code message } } }';
    const expected = codes.map((code) => ({ path: 'newPassword', code }));
    expect(refusal(await admin.send(reset, { input: { userId: id, newPassword: password } }))).toEqual(expected);
    const change = CHANGE_PASSWORD.replace(
      '... on Problem',
      '... on ValidationProblem { fields { path code } } ... on Problem',
    );
    expect(
      refusal(
        await (await signIn(email)).send(change, { input: { currentPassword: PASSWORD, newPassword: password } }),
      ),
    ).toEqual(expected);
    await signIn(email);
  });

  it('sign in with the same letters in another of Unicode’s forms', async () => {
    const password = 'Grüße aus Ærøskøbing';
    expectOk(
      await admin.send(CREATE, {
        input: { email: 'unicode@example.com', name: 'U', password: password.normalize('NFC'), grants: [] },
      }),
      'User',
    );
    await signIn('unicode@example.com', password.normalize('NFD'));
    await signIn('unicode@example.com', password.replaceAll(' ', '\u00a0'));
  });

  it('have new grants from the next request on', async () => {
    const { email, id } = await person([]);
    const client = await signIn(email);
    expectError(await client.send('{ users { nodes { id } } }'), 'FORBIDDEN', 403);
    expectOk(
      await admin.send(SET_GRANTS, { input: { userId: id, grants: [{ role: 'ADMIN' }, { role: 'ADMIN' }] } }),
      'User',
    );
    expectOk(await client.send('{ users { nodes { id } } }'));
  });

  it('lose their sessions when they are deactivated, and can come back', async () => {
    const { email, id } = await person();
    const client = await signIn(email);
    expect(expectOk(await admin.send(DEACTIVATE, { input: { userId: id } }), 'User')).toMatchObject({ active: false });
    expectError(await client.send('{ me { id } }'), 'TOKEN_INVALID', 401);
    expectProblem(await world.nobody.send(SIGN_IN, { input: { email, password: PASSWORD } }), 'INVALID_CREDENTIALS');
    expectOk(await admin.send(ACTIVATE, { input: { userId: id } }), 'User');
    expectError(await client.send('{ me { id } }'), 'TOKEN_INVALID', 401);
    await signIn(email);
  });

  it('change their password with the old one, and lose every session', async () => {
    const { email } = await person();
    const [here, elsewhere] = [await signIn(email), await signIn(email)];
    const change = (currentPassword: string) =>
      here.send(CHANGE_PASSWORD, { input: { currentPassword, newPassword: 'a new and longer one' } });
    expectProblem(await change('wrong'), 'INVALID_CREDENTIALS');
    expectOk(await change(PASSWORD), 'PasswordChanged');
    for (const client of [here, elsewhere]) expectError(await client.send('{ me { id } }'), 'TOKEN_INVALID', 401);
    expectProblem(await world.nobody.send(SIGN_IN, { input: { email, password: PASSWORD } }), 'INVALID_CREDENTIALS');
    await signIn(email, 'a new and longer one');
  });

  it.each(['PUBLISHER', 'EDITOR', 'VIEWER'] as const)('are closed to a %s', async (role) => {
    const client = await world.signedIn(role);
    const { message } = expectProblem(
      await client.send(CREATE, { input: { email: 'e@example.com', name: 'E', password: PASSWORD, grants: [] } }),
      'FORBIDDEN',
    );
    expect(message).toMatch(/access:manage.*role ADMIN/);
  });

  it('are not managed by an administrator of one site, who could make themselves one of all', async () => {
    const local = await world.signedIn('ADMIN', { site: 'acme-uk' });
    const input = { userId: local.actor.id, grants: [{ role: 'ADMIN' }] };
    expect(expectProblem(await local.send(SET_GRANTS, { input }), 'FORBIDDEN').message).toMatch(/all sites/);
  });

  it.each([
    ['an unknown user', '01a1f9d5-0e2f-734f-befb-8d1162129284', 'NOT_FOUND'],
    ['no UUID', "1' OR '1'='1", 'VALIDATION'],
    ['nothing', '', 'VALIDATION'],
  ])('%s is refused by name', async (_, userId, code) => {
    expectProblem(await admin.send(DEACTIVATE, { input: { userId } }), code);
  });

  it('leave an audit row each time, and no password in it', async () => {
    const { id } = await person();
    await admin.send(SET_GRANTS, { input: { userId: id, grants: [{ role: 'VIEWER' }] } });
    await admin.send(DEACTIVATE, { input: { userId: id } });
    const rows: { action: string; actor: string; details: string }[] = await world.db.manager.query(
      "SELECT action, actor, details FROM audit_entry WHERE target_type = 'user' AND target_id = ? ORDER BY number",
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['user.created', 'user.grants-set', 'user.deactivated']);
    expect(rows.every(({ actor }) => actor === admin.actor.id)).toBe(true);
    expect(JSON.stringify(rows)).not.toContain(PASSWORD);
  });
});

describe('the last administrator', () => {
  let world: World;
  beforeAll(async () => {
    world = await testWorld();
  });
  afterAll(() => world.close());

  it('cannot be removed, also when two remove each other at once', async () => {
    const [one, two] = [await world.signedIn('ADMIN'), await world.signedIn('ADMIN')];
    const results = await Promise.all([
      one.send(DEACTIVATE, { input: { userId: two.actor.id } }),
      two.send(SET_GRANTS, { input: { userId: one.actor.id, grants: [{ role: 'VIEWER' }] } }),
    ]);
    const left: unknown[] = await world.db.manager.query(
      "SELECT u.id FROM user u JOIN access_grant g ON g.holder_id = u.id WHERE u.active AND g.role = 'ADMIN'",
    );
    expect(left).toHaveLength(1);
    const kinds = results.map(({ data, errors }) =>
      errors.length > 0 ? errors[0]?.extensions.code : Object(Object.values(data ?? {})[0]).__typename,
    );
    expect(kinds).toContain('User');
    expect(kinds.filter((kind) => kind !== 'User')).toHaveLength(1);
  });

  it('is named as the reason', async () => {
    const [{ id }] = await world.db.manager.query(
      "SELECT u.id FROM user u JOIN access_grant g ON g.holder_id = u.id WHERE u.active AND g.role = 'ADMIN'",
    );
    const temporary = await world.signedIn('ADMIN');
    await world.db.manager.query('DELETE FROM access_grant WHERE holder_id = ?', [id]);
    const result = await temporary.send(DEACTIVATE, { input: { userId: temporary.actor.id } });
    expect(expectProblem(result, 'VALIDATION').fields).toEqual([{ path: 'userId', code: 'LAST_ADMINISTRATOR' }]);
    expect((await temporary.send('{ me { active } }')).data).toEqual({ me: { active: true } });
  });
});
