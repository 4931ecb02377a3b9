import { v7 as uuidv7 } from 'uuid';
import { type CanaryWorld, ENVIRONMENTS, type SeededDocument } from './canary-world.js';

/** Arguments of fields below the root. */
export const FIELD_ARGUMENTS = {
  'Document.differsFromLive': ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  'Document.status': ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  'Draft.diff': ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  'Market.visibility': ['(environment: "production", site: "acme-uk", jurisdiction: "GB")'],
  'Document.live': ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  'Document.revision': [1, 2, 3].map((number) => `(number: ${number})`),
  'Document.revisions': ['(first: 50)'],
};

/** Every query, with the arguments that it is asked with. A query that is added to the API has to be added here. */
export const QUERIES: Readonly<Record<string, (seeded: CanaryWorld) => string[]>> = {
  adoptedTables: () => [''],
  adoptionRun: () => [`(id: "${uuidv7()}")`],
  apiTokens: () => [''],
  audit: ({ documents }) => [
    '(first: 100)',
    ...documents
      .slice(0, 2)
      .flatMap(({ id, releases }) => [
        `(document: "${id}", first: 100)`,
        ...releases.slice(0, 1).map((one) => `(release: "${one.id}")`),
      ]),
  ],
  clientKeys: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  consumers: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  document: ({ documents }) => documents.map(({ id }) => `(id: "${id}")`),
  documentByKey: ({ documents }) =>
    documents.map(({ kind, site, key }) => `(kind: ${kind.toUpperCase()}, site: "${site}", key: "${key}")`),
  documents: ({ documents }) => [
    '(first: 100)',
    '(first: 100, site: "acme-ie")',
    '(first: 100, kind: COMPONENT)',
    `(search: "${documents[0]?.key.slice(0, 7) ?? ''}")`,
    '(text: "canary", first: 100)',
    '(text: "canary", environment: "staging", last: 50)',
    '(environment: "production", status: [CHANGED, DRAFT], orderBy: [{ field: LABEL }])',
  ],
  driftEvents: () => [''],
  environments: () => [''],
  events: () => [''],
  freezeWindows: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  markets: () => ['(text: "canary")'],
  me: () => [''],
  people: () => [''],
  queues: () => [''],
  release: ({ documents }) => documents.flatMap(({ releases }) => releases.map(({ id }) => `(id: "${id}")`)),
  releases: () =>
    ENVIRONMENTS.flatMap((environment) => [
      `(environment: "${environment}", first: 100)`,
      `(environment: "${environment}", state: LANDED)`,
      `(environment: "${environment}", text: "canary", orderBy: [{ field: TITLE }])`,
    ]),
  rollbackPlan: ({ documents }) =>
    documents.flatMap(({ id, releases: [landed] }) =>
      landed ? [`(id: "${landed.id}")`, `(id: "${landed.id}", keep: ["${id}"])`] : [],
    ),
  sessions: ({ userId }) => ['', `(userId: "${userId}")`],
  sites: () => [''],
  sources: () => [''],
  stateAt: () =>
    ENVIRONMENTS.flatMap((environment) => [
      `(environment: "${environment}", first: 100)`,
      `(environment: "${environment}", site: "acme-ie")`,
      `(environment: "${environment}", kind: COMPONENT)`,
      `(environment: "${environment}", seq: 2)`,
      ...['acme-uk', 'acme-ie'].map((site) => `(environment: "${environment}", visitor: { site: "${site}" })`),
    ]),
  users: () => [''],
  validate: ({ documents }) =>
    documents.map(
      ({ key, site: where }) =>
        `(input: { key: "${key}", site: "${where}", environment: "production", body: { promo: { title: "t" } } })`,
    ),
};

/** Every subscription, likewise. */
export const SUBSCRIPTIONS: Readonly<Record<string, (seeded: CanaryWorld) => string[]>> = {
  auditEntryAdded: () => [''],
  consumerChanged: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  queuesChanged: () => [''],
  documentsChanged: () => ['', '(kinds: [PROMO])', '(site: "acme-ie")'],
  releaseChanged: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
  adoptionProgress: () => [`(id: "${uuidv7()}")`],
  propagation: ({ documents }) => documents.flatMap(({ releases }) => releases.map(({ id }) => `(releaseId: "${id}")`)),
  releaseLanded: () => ENVIRONMENTS.map((environment) => `(environment: "${environment}")`),
};

/** What a mutation is aimed at, and its input for a target of whatever id. */
export interface Aim {
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
export const MUTATIONS: Readonly<Record<string, Aim[]>> = {
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
  dropRelease: [{ at: pending, input: (id) => `id: "${id}"` }],
  discardDraft: [{ at: aDocument, input: (id) => `id: "${id}", environment: "production"` }],
  duplicateDocument: [{ at: aDocument, input: (id) => `id: "${id}", key: "copy"` }],
  inspectSource: [{ at: () => 'source', input: (id) => `source: "${id}", timeZone: "Europe/London"` }],
  previewAdoption: [
    {
      at: () => 'legacy-shop',
      input: (id) =>
        `mappings: [{ name: "m", source: "${id}", environment: "production", mode: OBSERVE, table: "t", key: ["id"], documents: { kind: PROMO, keyPrefix: "m-" }, fields: [{ field: "title", column: "a", transform: { type: TEXT } }] }]`,
    },
  ],
  promoteRelease: [{ at: release, input: (id) => `id: "${id}", to: "staging"` }],
  publishRelease: [{ at: pending, input: (id) => `id: "${id}", planHash: "h", idempotencyKey: "k"` }],
  removeFreezeWindow: [{ at: ({ seeded }) => seeded.freezeWindows['production'] ?? '', input: (id) => `id: "${id}"` }],
  removeJob: [{ at: () => 'job', input: (id) => `queue: DELIVERIES, id: "${id}"` }],
  retryJob: [{ at: () => 'job', input: (id) => `queue: DELIVERIES, id: "${id}"` }],
  removeSource: [{ at: () => 'source', input: (id) => `key: "${id}"` }],
  resetPassword: [{ at: aUser, input: (id) => `userId: "${id}", newPassword: "a long enough password"` }],
  resolveDrift: [{ at: aDocument, input: (id) => `id: "${id}", take: THEIRS` }],
  restoreRevision: [{ at: aDocument, input: (id) => `documentId: "${id}", revision: 1, lockVersion: 1` }],
  revokeApiToken: [{ at: ({ seeded }) => seeded.apiTokenId, input: (id) => `id: "${id}"` }],
  revokeClientKey: [
    { at: ({ document, seeded }) => seeded.clientKeys[document.site] ?? '', input: (id) => `id: "${id}"` },
  ],
  revokeSession: [{ at: aUser, input: (id) => `id: "${'0'.repeat(32)}", userId: "${id}"` }],
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
  updateRelease: [{ at: pending, input: (id) => `id: "${id}", title: "t"` }],
  updateSite: [{ at: site, input: (id) => `key: "${id}", name: "n", jurisdiction: "GB", locale: "en-GB"` }],
};
/** Mutations of oneself. */
export const OF_ONESELF = ['changePassword', 'confirmPassword', 'signIn', 'signOut'];
