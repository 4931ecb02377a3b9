import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getNamedType, type GraphQLObjectType, isUnionType } from 'graphql';
import { v7 as uuidv7 } from 'uuid';
import { until } from '@paddock/testing';
import { Editor } from '../testing/editor.js';
import { type Canary, mayReadCanary } from '../testing/reads/canaries.js';
import { type CanaryWorld, ENVIRONMENTS, seedCanaries } from '../testing/reads/canary-world.js';
import { InProcess } from '../testing/reads/in-process.js';
import { FIELD_ARGUMENTS, MUTATIONS, OF_ONESELF, QUERIES, SUBSCRIPTIONS } from '../testing/reads/root-fields.js';
import { WholeSelection } from '../testing/reads/whole-selection.js';
import { testWorld, type World } from '../testing/world.js';
import { ROLES } from './access.entity.js';
import type { Actor, Grant } from './actor.js';

const SCOPES: Partial<Grant>[] = [
  {},
  { site: 'acme-uk' },
  { site: 'acme-ie' },
  { kind: 'promo' },
  { kind: 'component' },
  { environment: 'production' },
  { environment: 'staging' },
  { kind: 'promo', site: 'acme-uk', environment: 'staging' },
];

describe('what an actor reads', () => {
  let world: World;
  let seeded: CanaryWorld;
  let api: InProcess;
  let absent: ReadonlySet<string>;
  const actors: { name: string; actor: Actor | undefined }[] = [];

  beforeAll(async () => {
    // As many connections as the subscriptions of all actors ask for at once.
    world = await testWorld({ DATABASE_POOL_SIZE: '40' });
    seeded = await seedCanaries(world);
    api = new InProcess(world);
    const bodies = api.schema.getType('DocumentBody');
    const kinds = isUnionType(bodies) ? bodies.getTypes().map(({ name }) => name) : [];
    // Of other kinds there are no documents.
    absent = new Set(kinds.filter((name) => !['Promo', 'Component'].includes(name)));
    actors.push({ name: 'nobody', actor: undefined });
    for (const role of ROLES) {
      // Reading is the same for every role; the least and the highest are tried everywhere.
      const scopes = role === 'VIEWER' || role === 'ADMIN' ? SCOPES : SCOPES.filter((_, index) => index % 2 === 1);
      for (const where of scopes) {
        const { actor } = await world.signedIn(role, where);
        actors.push({ name: `${role} of ${JSON.stringify(where)}`, actor });
        // Each of them has an address that only they and administrators see.
        seeded.canaries.push({
          text: actor.name,
          kind: '*',
          site: '*',
          environment: '*',
          role: 'ADMIN',
          owner: actor.id,
        });
      }
    }
  });
  afterAll(() => world.close());

  /** All operations on a root type: with every argument that a field is asked with, all that it can answer. */
  function operations(
    type: GraphQLObjectType | null | undefined,
    entries: Readonly<Record<string, (seeded: CanaryWorld) => string[]>>,
  ) {
    const fields = Object.values(type?.getFields() ?? {});
    expect(Object.keys(entries).sort()).toEqual(fields.map(({ name }) => name).sort());
    const selection = new WholeSelection(api.schema, FIELD_ARGUMENTS, absent);
    const sources = fields.flatMap(({ name, type: answer }) =>
      (entries[name]?.(seeded) ?? []).map((given) => `{ ${name}${given} ${selection.of(getNamedType(answer))} }`),
    );
    return { sources, selected: selection.selected };
  }

  function leaked(grants: readonly Grant[], reader: string | undefined, bytes: string): string[] {
    return seeded.canaries
      .filter((canary) => bytes.includes(canary.text) && !mayReadCanary(grants, canary, reader))
      .map(({ text }) => text);
  }

  it('covers every path to what a document holds', () => {
    const { selected } = operations(api.schema.getQueryType(), QUERIES);
    const holders = [
      'Document',
      'Draft',
      'Revision',
      'LiveRevision',
      'StateEntry',
      'Release',
      'ReleaseItem',
      'ReleasePlan',
      'DocumentDiff',
      'Change',
      'Gate',
      'Impact',
      'Overlap',
      'Propagation',
      'PropagationReceipt',
      'AuditEntry',
      'Author',
      'ClientKey',
      'Promo',
      'Component',
    ];
    const missing = holders.flatMap((name) => {
      const type = api.schema.getType(name);
      const fields = type && 'getFields' in type ? Object.keys(type.getFields()) : [];
      expect(fields).not.toEqual([]);
      return fields.map((field) => `${name}.${field}`).filter((path) => !selected.has(path));
    });
    expect(missing).toEqual([]);
  });

  it('holds nothing that their grants do not reach, and everything that they do', async () => {
    const { sources } = operations(api.schema.getQueryType(), QUERIES);
    // `environments` with keys is refused as a whole to who manages none.
    sources.push('{ environments { name freezeWindows { reason } } }');
    const wrong: object[] = [];
    for (const { name, actor } of actors) {
      let all = '';
      for (const source of sources) {
        const bytes = await api.send(actor, source);
        const texts = leaked(actor?.grants ?? [], actor?.id, bytes);
        if (texts.length > 0) wrong.push({ name, leaked: texts, by: source.slice(0, 120) });
        all += bytes;
      }
      const readable = seeded.canaries.filter(
        (canary) => mayReadCanary(actor?.grants ?? [], canary, actor?.id) && !isBystander(canary, actor),
      );
      const missing = readable.filter(({ text }) => !all.includes(text)).map(({ text }) => text);
      if (missing.length > 0) wrong.push({ name, missing });
    }
    expect(wrong).toEqual([]);
  }, 240_000);

  /** Addresses of users who made nothing are shown by the list of users alone, which is a page. */
  function isBystander({ owner }: Canary, actor: Actor | undefined): boolean {
    return owner !== undefined && owner !== actor?.id && actors.some((other) => other.actor?.id === owner);
  }

  it('says how many items a release has only to who may read them all', async () => {
    const [uk, all] = ['acme-uk', undefined].map(
      (where) =>
        actors.find(
          ({ actor }) =>
            actor?.grants[0]?.role === 'VIEWER' &&
            actor.grants[0].site === (where ?? '*') &&
            actor.grants[0].kind === '*' &&
            actor.grants[0].environment === '*',
        )?.actor,
    );
    const source =
      '{ releases(environment: "production", first: 100) { nodes { title hasHiddenItems items { document { site } } } } }';
    const mixed = async (actor: Actor | undefined) =>
      JSON.parse(await api.send(actor, source)).data.releases.nodes.filter(({ title }: { title: string }) =>
        title.includes('mixed-title'),
      );
    expect(await mixed(uk)).toMatchObject([{ hasHiddenItems: true, items: [{ document: { site: 'acme-uk' } }] }]);
    expect(await mixed(all)).toMatchObject([{ hasHiddenItems: false, items: [{}, {}] }]);
  });

  it.each(['stateAt(environment: "production"', 'releases(environment: "production"', 'documents('])(
    'comes in full pages: %s',
    async (field) => {
      const { actor } = await world.signedIn('VIEWER', { site: 'acme-ie' });
      const separator = field.endsWith('(') ? '' : ', ';
      const whole = JSON.parse(await api.send(actor, `{ page: ${field}${separator}first: 100) { edges { cursor } } }`))
        .data.page.edges;
      const pages: unknown[] = [];
      for (let after: string | null = null; pages.length <= whole.length;) {
        const {
          edges,
          pageInfo,
        }: { edges: { cursor: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = JSON.parse(
          await api.send(
            actor,
            `{ page: ${field}${separator}first: 1${after === null ? '' : `, after: "${after}"`}) { edges { cursor } pageInfo { hasNextPage endCursor } } }`,
          ),
        ).data.page;
        expect(edges).toHaveLength(1);
        pages.push(...edges);
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor;
      }
      expect(whole.length).toBeGreaterThan(1);
      expect(pages).toEqual(whole);
    },
  );

  describe('by mutations', () => {
    /** Who may do everything, but not there. */
    const ELSEWHERE: Partial<Grant>[] = [{ site: 'acme-uk' }, { kind: 'component' }, { environment: 'staging' }];

    it('every mutation is aimed, or is of oneself', () => {
      const fields = Object.keys(api.schema.getMutationType()?.getFields() ?? {});
      expect([...Object.keys(MUTATIONS), ...OF_ONESELF].sort()).toEqual(fields.sort());
    });

    it.each(
      Object.entries(MUTATIONS).flatMap(([name, aims]) =>
        aims.flatMap((aim) => ELSEWHERE.map((where) => ({ name, aim, where }))),
      ),
    )(
      '$name answers alike for unreadable and missing objects, for an administrator of $where',
      async ({ name, aim, where }) => {
        const document = seeded.documents.find(({ kind, site: its }) => kind === 'promo' && its === 'acme-ie');
        if (!document) throw new Error('no document');
        const { actor } = await world.signedIn('ADMIN', where);
        const field = api.schema.getMutationType()?.getFields()[name];
        if (!field) throw new Error(`no mutation ${name}`);
        const id = aim.at({ document, seeded });
        // Who manages one environment may see that there are sites, and the other way round: then it is no secret.
        const unknown = /^[0-9a-f-]{36}$/.test(id) ? uuidv7() : 'unknown';
        const below = new WholeSelection(api.schema, FIELD_ARGUMENTS, absent).of(getNamedType(field.type));
        const answers: string[] = [];
        const statements: number[] = [];
        for (const target of [id, unknown]) {
          const input =
            name === 'adoptTable' ? `input: { ${aim.input(target)} }, dryRun: true` : `input: { ${aim.input(target)} }`;
          statements.push(
            await api.statements(async () => {
              const bytes = await api.send(actor, `mutation { ${name}(${input}) ${below} }`);
              expect(leaked(actor.grants, actor.id, bytes.replaceAll(target, ''))).toEqual([]);
              answers.push(bytes.replaceAll(target, '<target>'));
            }),
          );
        }
        if (readableTarget(name, where)) return;
        expect(answers[0]).toBe(answers[1]);
        expect(statements[0]).toBe(statements[1]);
      },
    );

    /** Targets that this administrator reads, so that saying what they are is right. */
    function readableTarget(name: string, where: Partial<Grant>): boolean {
      const ofDocument = [
        'adoptTable',
        'createRelease',
        'discardDraft',
        'duplicateDocument',
        'restoreRevision',
        'rollbackDocument',
        'saveDraft',
        'resolveDrift',
      ];
      // A document and its draft have no environment.
      if (where.environment !== undefined && ofDocument.includes(name)) return true;
      if (where.site !== undefined && ['removeFreezeWindow'].includes(name)) return true;
      return where.kind !== undefined && ['removeFreezeWindow'].includes(name);
    }
  });

  it('by subscriptions, is what they may read at the moment of the event', async () => {
    const { sources } = operations(api.schema.getSubscriptionType(), SUBSCRIPTIONS);
    const watching = await Promise.all(
      actors.map(async ({ name, actor }) => ({
        name,
        actor,
        streams: await Promise.all(sources.map((source) => api.subscribe(actor, `subscription ${source}`))),
      })),
    );
    const publisher = new Editor(await world.signedIn('PUBLISHER'));
    for (const environment of ENVIRONMENTS) {
      for (const document of seeded.documents) {
        const { kind, site: where } = document;
        const title = `canary-landed-${kind}-${where}-${environment}-yranac`;
        seeded.canaries.push({ text: title, kind, site: where, environment });
        await publisher.land([document.id], { environment, title });
      }
    }
    const landed = seeded.canaries.filter(({ text }) => text.startsWith('canary-landed-'));
    const heard = ({ streams }: (typeof watching)[number]) => streams.flatMap(({ events }) => events).join('\n');
    const missing = () =>
      watching.flatMap((one) =>
        landed
          .filter(
            (canary) => mayReadCanary(one.actor?.grants ?? [], canary, undefined) && !heard(one).includes(canary.text),
          )
          .map(({ text }) => `${one.name}: ${text}`),
      );
    await until(() => missing().length === 0, { what: 'the events that each may read', timeoutMs: 60_000 }).catch(() =>
      expect(missing()).toEqual([]),
    );
    const wrong = watching.flatMap((one) =>
      leaked(one.actor?.grants ?? [], one.actor?.id, heard(one)).map((text) => `${one.name}: ${text}`),
    );
    expect(wrong).toEqual([]);
    await Promise.all(watching.flatMap(({ streams }) => streams.map(({ stop }) => stop())));
  }, 240_000);
});
