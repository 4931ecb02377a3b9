import { describe, expect, it } from 'vitest';
import { Reflector } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { buildSchema } from '../graphql/build-schema.js';
import { providersOf } from '../graphql/providers-of.js';
import { FreshSignInOf, PolicyOf } from './policy.js';

const ROOT_TYPES = ['Query', 'Mutation', 'Subscription'];
const PUBLIC = ['signIn'];
/** Arguments of a mutation besides its input: `dryRun` is a mode of the request, not a part of its content. */
const FURTHER: Readonly<Record<string, string>> = { adoptTable: 'dryRun: Boolean!' };

/** Removes rights. It must work at once, also for a program, and for a person without time to find a password. */
const TAKES_POWER_AWAY = ['deactivateUser'];
/** Manages no access, but its answer holds a secret that acts for its holder. */
const SHOWS_A_SECRET = ['createApiToken', 'createClientKey'];

/** Every method that answers a root field, with what it declares. */
function rootFields() {
  const reflector = new Reflector();
  return [...providersOf(AppModule)].flatMap((type) =>
    Object.entries(Object.getOwnPropertyDescriptors(type.prototype)).flatMap(([name, { value: method }]) => {
      if (typeof method !== 'function') return [];
      const root: unknown = Reflect.getMetadata('graphql:resolver_type', method);
      return typeof root === 'string' && ROOT_TYPES.includes(root)
        ? [
            {
              root,
              name,
              policy: reflector.get(PolicyOf, method),
              fresh: Boolean(reflector.get(FreshSignInOf, method)),
            },
          ]
        : [];
    }),
  );
}

describe('every root field', () => {
  it('is seen by this test', async () => {
    const schema = await buildSchema();
    const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const inSchema = types.flatMap((type) => Object.keys(type?.getFields() ?? {}));
    expect(rootFields()).toHaveLength(inSchema.length);
  });

  it.each(rootFields())('$root.$name declares who may ask', ({ policy }) => {
    expect(policy).toBeDefined();
  });

  it('is closed to callers who are not signed in, except for signing in', () => {
    const open = rootFields().filter(({ policy }) => policy === 'PUBLIC');
    expect(open.map(({ name }) => name)).toEqual(PUBLIC);
  });
});

describe('every mutation that gives power', () => {
  const mutations = rootFields().filter(({ root }) => root === 'Mutation');
  const giving = mutations.filter(({ name, policy }) => policy === 'access:manage' && !TAKES_POWER_AWAY.includes(name));

  it('needs a fresh sign-in, and no other does', () => {
    const expected = [...giving.map(({ name }) => name), ...SHOWS_A_SECRET].sort();
    expect(
      mutations
        .filter(({ fresh }) => fresh)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(expected);
    expect(expected).toContain('resetPassword');
  });

  it('is one of those whose answer shows a secret', async () => {
    const withSecrets = Object.values((await buildSchema()).getMutationType()?.getFields() ?? {}).filter(({ type }) => {
      const members = 'ofType' in type && 'getTypes' in type.ofType ? type.ofType.getTypes() : [];
      return members.some((member) =>
        Object.values(member.getFields()).some(({ description }) => description?.includes('shown here only')),
      );
    });
    expect(withSecrets.map(({ name }) => name).sort()).toEqual([...SHOWS_A_SECRET, 'signIn'].sort());
  });

  it('can answer that a fresh sign-in is required, and no other can', async () => {
    const fields = Object.values((await buildSchema()).getMutationType()?.getFields() ?? {});
    const answering = fields.filter(
      ({ type }) =>
        'ofType' in type &&
        'getTypes' in type.ofType &&
        type.ofType.getTypes().some(({ name }) => name === 'FreshSignInRequiredProblem'),
    );
    expect(answering.map(({ name }) => name).sort()).toEqual(
      mutations
        .filter(({ fresh }) => fresh)
        .map(({ name }) => name)
        .sort(),
    );
  });
});

describe('every mutation', () => {
  it('answers mistakes and missing grants as members of its result', async () => {
    const mutations = Object.values((await buildSchema()).getMutationType()?.getFields() ?? {});
    const incomplete = mutations.flatMap(({ name, type }) => {
      const members =
        'ofType' in type && 'getTypes' in type.ofType ? type.ofType.getTypes().map((member) => member.name) : [];
      const expected = PUBLIC.includes(name) ? ['ValidationProblem'] : ['ValidationProblem', 'ForbiddenProblem'];
      return expected.filter((member) => !members.includes(member)).map((member) => `${name} lacks ${member}`);
    });
    expect(incomplete).toEqual([]);
    expect(mutations.length).toBeGreaterThan(10);
  });

  it('takes one argument, input, of a type named after it', async () => {
    const mutations = Object.values((await buildSchema()).getMutationType()?.getFields() ?? {}).filter(
      ({ args }) => args.length > 0,
    );
    const names = mutations.map(({ name, args }) => [
      name,
      ...args.map((argument) => `${argument.name}: ${String(argument.type)}`),
    ]);
    const expected = mutations.map(({ name }) => [
      name,
      `input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!`,
      ...(name in FURTHER ? [FURTHER[name]] : []),
    ]);
    expect(names).toEqual(expected);
  });
});
