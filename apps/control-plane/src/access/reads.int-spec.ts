import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType, type GraphQLObjectType, isUnionType } from 'graphql';
import { v7 as uuidv7 } from 'uuid';
import { until } from '#testing';
import { Editor } from '../testing/editor.js';
import { type Canary, mayReadCanary } from '../testing/reads/canaries.js';
import { type CanaryWorld, ENVIRONMENTS, seedCanaries, type SeededDocument } from '../testing/reads/canary-world.js';
import { InProcess } from '../testing/reads/in-process.js';
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

/** Arguments of fields below the root. */
const FIELD_ARGUMENTS = {
  'Document.live': ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  'Document.revision': [1, 2, 3].map((number) => `(number: ${number})`),
  'Document.revisions': ['(first: 50)'],
};

/** Every query, with the arguments that it is asked with. A query that is added to the API has to be added here. */
const QUERIES: Readonly<Record<string, (seeded: CanaryWorld) => string[]>> = {
  adoptedTables: () => [''],
  adoptionRun: () => [`(id: "${uuidv7()}")`],
  apiTokens: () => [''],
  audit: () => ['(first: 100)'],
  consumers: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  document: ({ documents }) => documents.map(({ id }) => `(id: "${id}")`),
  documentByKey: ({ documents }) =>
    documents.map(({ kind, site, key }) => `(kind: ${kind.toUpperCase()}, site: "${site}", key: "${key}")`),
  documents: ({ documents }) => [
    '(first: 100)',
    '(first: 100, site: "acme-ie")',
    '(first: 100, kind: COMPONENT)',
    `(search: "${documents[0]?.key.slice(0, 7) ?? ''}")`,
  ],
  driftEvents: () => [''],
  environments: () => [''],
  me: () => [''],
  release: ({ documents }) => documents.flatMap(({ releases }) => releases.map(({ id }) => `(id: "${id}")`)),
  releases: () =>
    ENVIRONMENTS.flatMap((environment) => [
      `(environment: "${environment}", first: 100)`,
      `(environment: "${environment}", state: LANDED)`,
    ]),
  rollbackPlan: ({ documents }) =>
    documents.flatMap(({ id, releases: [landed] }) =>
      landed ? [`(id: "${landed.id}")`, `(id: "${landed.id}", keep: ["${id}"])`] : [],
    ),
  sites: () => [''],
  sources: () => [''],
  stateAt: () =>
    ENVIRONMENTS.flatMap((environment) => [
      `(environment: "${environment}", first: 100)`,
      `(environment: "${environment}", site: "acme-ie")`,
      `(environment: "${environment}", kind: COMPONENT)`,
      `(environment: "${environment}", seq: 2)`,
    ]),
  users: () => [''],
};

/** Every subscription, likewise. */
const SUBSCRIPTIONS: Readonly<Record<string, (seeded: CanaryWorld) => string[]>> = {
  adoptionProgress: () => [`(id: "${uuidv7()}")`],
  propagation: ({ documents }) => documents.flatMap(({ releases }) => releases.map(({ id }) => `(releaseId: "${id}")`)),
  releaseLanded: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
};

/** What a mutation is aimed at, and its input for a target of whatever id. */
interface Aim {
  at: (foreign: { document: SeededDocument; seeded: CanaryWorld }) => string;
  input: (id: string) => string;
}

const release = ({ document }: { document: SeededDocument }) => document.releases[0]?.id ?? '';
const pending = ({ document }: { document: SeededDocument }) => document.releases.at(-1)?.id ?? '';
const aDocument = ({ document }: { document: SeededDocument }) => document.id;
const site = ({ document }: { document: SeededDocument }) => document.site;
const aUser = ({ seeded }: { seeded: CanaryWorld }) => seeded.userId;
const CONNECTION = 'name: "n", host: "h.example", port: 3306, database: "d", user: "u", password: "p"';

/** Every mutation that is aimed at something. One that is added to the API has to be added here, or below. */
const MUTATIONS: Readonly<Record<string, Aim[]>> = {
  activateUser: [{ at: aUser, input: (id) => `userId: "${id}"` }],
  adoptTable: [{ at: aDocument, input: (id) => `mapping: "${id}"` }],
  cancelSchedule: [{ at: pending, input: (id) => `id: "${id}"` }],
  createApiToken: [
    {
      at: site,
      input: (id) => `name: "t", expiresAt: "2027-01-01T00:00:00Z", grants: [{ role: VIEWER, site: "${id}" }]`,
    },
  ],
  createClientKey: [
    { at: site, input: (id) => `environment: "production", consumer: "web", scopes: [READ], site: "${id}"` },
  ],
  createEnvironment: [{ at: () => 'production', input: (id) => `name: "${id}"` }],
  createFreezeWindow: [
    {
      at: () => 'production',
      input: (id) =>
        `environment: "${id}", reason: "r", startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z"`,
    },
  ],
  createRelease: [
    { at: aDocument, input: (id) => `environment: "production", title: "t", documents: ["${id}"]` },
    { at: aDocument, input: (id) => `environment: "production", title: "t", documents: [], remove: ["${id}"]` },
  ],
  createSite: [{ at: site, input: (id) => `key: "${id}", name: "n", jurisdiction: "GB", locale: "en-GB"` }],
  createUser: [
    {
      at: site,
      input: (id) =>
        `email: "n@example.com", name: "n", password: "a long enough password", grants: [{ role: VIEWER, site: "${id}" }]`,
    },
  ],
  deactivateUser: [{ at: aUser, input: (id) => `userId: "${id}"` }],
  inspectSource: [{ at: () => 'source', input: (id) => `source: "${id}", timeZone: "Europe/London"` }],
  promoteRelease: [{ at: release, input: (id) => `id: "${id}", to: "staging"` }],
  publishRelease: [{ at: pending, input: (id) => `id: "${id}", planHash: "h", idempotencyKey: "k"` }],
  removeFreezeWindow: [{ at: ({ seeded }) => seeded.freezeWindows['production'] ?? '', input: (id) => `id: "${id}"` }],
  removeSource: [{ at: () => 'source', input: (id) => `key: "${id}"` }],
  resetPassword: [{ at: aUser, input: (id) => `userId: "${id}", newPassword: "a long enough password"` }],
  resolveDrift: [{ at: aDocument, input: (id) => `id: "${id}", take: THEIRS` }],
  restoreRevision: [{ at: aDocument, input: (id) => `documentId: "${id}", revision: 1, lockVersion: 1` }],
  revokeApiToken: [{ at: ({ seeded }) => seeded.apiTokenId, input: (id) => `id: "${id}"` }],
  revokeClientKey: [
    { at: ({ document, seeded }) => seeded.clientKeys[document.site] ?? '', input: (id) => `id: "${id}"` },
  ],
  rollbackDocument: [
    {
      at: aDocument,
      input: (id) => `environment: "production", documentId: "${id}", toRevision: 1, reason: "r", idempotencyKey: "k"`,
    },
  ],
  rollbackRelease: [{ at: release, input: (id) => `id: "${id}", reason: "r", idempotencyKey: "k"` }],
  saveDraft: [
    {
      at: ({ document }) => document.key,
      input: (id) => `key: "${id}", site: "acme-ie", body: { promo: { title: "t" } }`,
    },
  ],
  saveSource: [{ at: () => 'source', input: (id) => `key: "${id}", ${CONNECTION}` }],
  scheduleRelease: [
    { at: pending, input: (id) => `id: "${id}", at: "2027-01-01T00:00:00Z", timeZone: "Europe/London"` },
  ],
  setEnvironmentPolicy: [{ at: () => 'production', input: (id) => `environment: "${id}", anonymousReads: true` }],
  setGrants: [{ at: aUser, input: (id) => `userId: "${id}", grants: []` }],
  updateSite: [{ at: site, input: (id) => `key: "${id}", name: "n", jurisdiction: "GB", locale: "en-GB"` }],
};
/** Mutations of oneself. */
const OF_ONESELF = ['changePassword', 'signIn', 'signOut'];

describe('what an actor reads', () => {
  let world: World;
  let seeded: CanaryWorld;
  let api: InProcess;
  let absent: ReadonlySet<string>;
  const actors: { name: string; actor: Actor | undefined }[] = [];

  beforeAll(async () => {
    world = await testWorld();
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
      '$name of what may not be read is as of what does not exist, for an administrator of $where',
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
