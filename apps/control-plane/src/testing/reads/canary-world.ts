import { v7 as uuidv7 } from 'uuid';
import { formatRef } from '@paddock/contracts';
import { ApiTokenRow, ClientKeyRow } from '../../access/access.entity.js';
import { ConsumerInstanceRow, ReceiptRow } from '../../publishing/publishing.entity.js';
import { FreezeWindowRow, ReleaseRow } from '../../releases/release.entity.js';
import { Editor } from '../editor.js';
import { expectOk } from '../expect-result.js';
import type { World } from '../world.js';
import type { Canary } from './canaries.js';

export const SITES = ['acme-uk', 'acme-ie'] as const;
export const ENVIRONMENTS = ['production', 'staging'] as const;
const KINDS = ['promo', 'component'] as const;

/** A document with what was released of it. */
export interface SeededDocument {
  id: string;
  kind: string;
  site: string;
  key: string;
  /** Landed, one per environment, and one of production that has not landed. */
  releases: { id: string; environment: string }[];
}

export interface CanaryWorld {
  documents: SeededDocument[];
  canaries: Canary[];
  /** Ids of client keys by site. */
  clientKeys: Record<string, string>;
  /** Who made everything, and a token of theirs. */
  userId: string;
  apiTokenId: string;
  freezeWindows: Record<string, string>;
}

let count = 0;
const text = (what: string): string => `canary-${(count += 1)}-${what}-yranac`;

/** Seeds documents of two kinds and sites, each released differently in two environments, with a canary in every place. */
export async function seedCanaries(world: World): Promise<CanaryWorld> {
  await world.seed().environment('production').environment('staging');
  const canaries: Canary[] = [];
  const add = (canary: Canary): string => {
    canaries.push(canary);
    return canary.text;
  };
  for (const site of SITES) await world.seed().site(site, { name: add({ text: text(`site-${site}`), site }) });
  const author = await world.signedIn('ADMIN');
  add({ text: author.actor.name, kind: '*', site: '*', environment: '*', role: 'ADMIN', owner: author.actor.id });
  const editor = new Editor(author);

  const documents: SeededDocument[] = [];
  for (const kind of KINDS) {
    for (const site of SITES) documents.push(await seedDocument(editor, { kind, site }, add));
  }
  await seedMixedRelease(editor, documents, add);
  await seedBrokenReference(editor, add);
  await seedPausedRelease(world, documents, add);
  await seedReceipt(world, add);
  const clientKeys = await seedClientKeys(world, add);
  const freezeWindows: Record<string, string> = {};
  for (const environment of ENVIRONMENTS) {
    const id = (freezeWindows[environment] = uuidv7());
    const [startsAt, endsAt] = [3_600_000, 7_200_000].map((ms) => new Date(Date.now() + ms));
    if (!startsAt || !endsAt) throw new Error('two times make a window');
    await world.db.manager.insert(FreezeWindowRow, {
      id,
      environment,
      startsAt,
      endsAt,
      reason: add({ text: text('freeze'), environment }),
    });
  }
  const apiTokenId = await seedApiToken(world, author.actor.id);
  return { documents, canaries, clientKeys, freezeWindows, userId: author.actor.id, apiTokenId };
}

type Add = (canary: Canary) => string;

function bodyOf(kind: string, title: string): object {
  return kind === 'promo' ? { promo: { title } } : { component: { name: title, propsSchema: { type: 'object' } } };
}

async function save(
  editor: Editor,
  { kind, site, key }: { kind: string; site: string; key: string },
  title: string,
): Promise<string> {
  const seen = await editor.lockVersion(kind.toUpperCase(), site, key);
  const draft = { key, site, body: bodyOf(kind, title), ...(seen === undefined ? {} : { lockVersion: seen }) };
  return String(expectOk(await editor.saveDraft(draft), 'Document').id);
}

async function seedDocument(
  editor: Editor,
  { kind, site }: { kind: string; site: string },
  add: Add,
): Promise<SeededDocument> {
  const key = add({ text: text(`key-${kind}-${site}`), kind, site });
  const place = { kind, site, key };
  const releases: SeededDocument['releases'] = [];
  let id = '';
  for (const environment of ENVIRONMENTS) {
    id = await save(editor, place, add({ text: text(`live-${kind}-${site}-${environment}`), kind, site, environment }));
    const title = add({ text: text(`title-${kind}-${site}-${environment}`), kind, site, environment });
    releases.push({ id: (await editor.land([id], { environment, title })).id, environment });
  }
  await save(editor, place, add({ text: text(`pinned-${kind}-${site}`), kind, site, environment: 'production' }));
  const title = add({ text: text(`pending-${kind}-${site}`), kind, site, environment: 'production' });
  releases.push({ id: String(expectOk(await editor.createRelease([id], { title })).id), environment: 'production' });
  await save(editor, place, add({ text: text(`draft-${kind}-${site}`), kind, site }));
  return { id, kind, site, key, releases };
}

/** One release of both sites: its title is for who reads one of them, its items are not. */
async function seedMixedRelease(editor: Editor, documents: readonly SeededDocument[], add: Add): Promise<void> {
  const promos = documents.filter(({ kind }) => kind === 'promo');
  const title = add({
    text: text('mixed-title'),
    anyOf: promos.map(({ kind, site }) => ({ kind, site, environment: 'production' })),
  });
  expectOk(
    await editor.createRelease(
      promos.map(({ id }) => id),
      { title },
    ),
  );
}

/** A release that would break a promo: who reads its component alone must not learn the promo's name from the gate. */
async function seedBrokenReference(editor: Editor, add: Add): Promise<void> {
  const site = 'acme-uk';
  // The promo names it, so who reads the promo reads the name.
  const named = ['component', 'promo'].map((kind) => ({ kind, site }));
  const component = { kind: 'component', site, key: add({ text: text('removed'), anyOf: named }) };
  const key = add({ text: text('broken'), kind: 'promo', site });
  const ids = [await save(editor, component, 'removed')];
  ids.push(await editor.promo(key, { component: component.key, props: {} }, site));
  await editor.land(ids);
  expectOk(await editor.createRelease([], { remove: ids.slice(0, 1) }));
}

/** As the scheduler leaves one behind whose gate names a document of another site. */
async function seedPausedRelease(world: World, documents: readonly SeededDocument[], add: Add): Promise<void> {
  const [own, other] = [
    documents.find(({ kind, site }) => kind === 'promo' && site === 'acme-uk'),
    documents.find(({ kind, site }) => kind === 'promo' && site === 'acme-ie'),
  ];
  const id = own?.releases.at(-1)?.id;
  if (!id || !other) throw new Error('no release to pause');
  // The release is of acme-uk, the gate is about acme-ie: it takes both.
  const message = add({ text: text('paused'), kind: 'promo', site: '*', environment: 'production' });
  const ref = { kind: other.kind, site: other.site, key: other.key };
  const gate = {
    code: 'BROKEN_REFERENCE',
    message: `${formatRef({ ...ref, kind: 'promo' })}: ${message}`,
    documentId: null,
    path: null,
    concerns: [{ documentId: other.id, ref }],
  };
  const pausedBecause = JSON.stringify({ code: 'BLOCKED', message: gate.message, gates: [gate] });
  await world.db.manager.update(ReleaseRow, id, { state: 'PAUSED', pausedBecause });
}

async function seedReceipt(world: World, add: Add): Promise<void> {
  const environment = 'production';
  const error = add({ text: text('receipt'), kind: '*', site: '*', environment });
  const instance = { consumer: 'edge', instance: 'edge-1', environment };
  const [now, later] = [new Date(), new Date(Date.now() + 3_600_000)];
  await world.db.manager.insert(ReceiptRow, {
    ...instance,
    seq: 1,
    state: 'REJECTED',
    error,
    requestId: null,
    appliedAt: now,
    ms: 5,
    receivedAt: now,
  });
  await world.db.manager.insert(ConsumerInstanceRow, {
    ...instance,
    appliedSeq: 0,
    stateHash: null,
    startedAt: now,
    seenAt: now,
    leaseExpiresAt: later,
    host: null,
    version: null,
  });
}

async function seedClientKeys(world: World, add: Add): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const site of SITES) {
    const id = (ids[site] = uuidv7());
    const consumer = add({ text: text(`key-${site}`), kind: '*', site, environment: 'production', role: 'ADMIN' });
    const row = {
      id,
      environment: 'production',
      sha256: id.replaceAll('-', '').padEnd(64, '0'),
      consumer,
      site,
      jurisdiction: null,
    };
    await world.db.manager.insert(ClientKeyRow, { ...row, scopes: ['read'], createdAt: new Date(), revokedAt: null });
  }
  return ids;
}

async function seedApiToken(world: World, createdBy: string): Promise<string> {
  const [id, createdAt, expiresAt] = [uuidv7(), new Date(), new Date(Date.now() + 3_600_000)];
  const secretSha256 = id.replaceAll('-', '').padEnd(64, '1');
  const unused = { lastUsedAt: null, revokedAt: null };
  await world.db.manager.insert(ApiTokenRow, {
    id,
    name: 'seeded',
    secretSha256,
    createdBy,
    createdAt,
    expiresAt,
    ...unused,
  });
  return id;
}
