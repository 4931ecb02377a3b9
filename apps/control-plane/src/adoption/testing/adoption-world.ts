import { expectOk } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';
import { type Mapping, Mappings } from '../tables/mappings.js';
import { TableWatch } from '../watch/table-watch.js';
import { WriteBack } from '../write-back/write-back.js';
import { Adopter } from './adopter.js';
import { ADOPTION_VARIABLES, OldShop } from './old-shop.js';

/** A control plane beside an old shop whose banners are adopted, step by step, without the timers of a worker. */
export interface AdoptionWorld {
  readonly world: World;
  readonly shop: OldShop;
  readonly admin: Adopter;
  /** Document id of the mapping of the banners. */
  readonly banners: string;
  /** Saves the mapping of the banners with some changes, and publishes it. */
  publishMapping(changes: object): Promise<void>;
  /** Looks at the banners once, as the worker does. */
  look(): Promise<void>;
  /** Writes what landed, as a delivery does; returns what the receipts say. */
  writeBack(): Promise<{ seq: number; state: string; error?: string }[]>;
  /** Publishes a change of a banner's promo. */
  publish(key: string, changes: object): Promise<{ id: string; seq: number }>;
  drift(state?: string): Promise<
    {
      id: string;
      kind: string;
      seq: number | null;
      documentId: string | null;
      columns: { column: string; theirs: string | null; ours: string | null; differs: boolean }[];
    }[]
  >;
  resolve(id: string, take: 'THEIRS' | 'OURS'): ReturnType<Adopter['saveSource']>;
  table(): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** A mapping of the banners; all fields except markup can be written back. */
export const BANNERS = {
  ...{
    name: 'Banners of the old shop',
    source: 'old-shop',
    environment: 'production',
    mode: 'OBSERVE',
    table: 'banners',
    key: ['banner_id'],
  },
  documents: { kind: 'PROMO', keyPrefix: 'banner-' },
  fields: [
    { field: 'title', column: 'banner_title', transform: { type: 'TEXT' } },
    { field: 'cta.href', column: 'banner_url', transform: { type: 'URL' } },
    { field: 'image.url', column: 'banner_image', transform: { type: 'IMAGE', prefix: '/images/' } },
    { field: 'text', column: 'banner_html', transform: { type: 'HTML' }, readOnly: true },
    {
      field: 'tags',
      column: 'banner_area',
      transform: {
        type: 'VALUES',
        values: [
          { column: 'Top', field: 'top' },
          { column: 'Side', field: 'side' },
        ],
      },
    },
    { field: 'schedule.from', column: 'start_date', transform: { type: 'LOCAL_TIME', timeZone: 'Europe/London' } },
    {
      field: 'schedule.to',
      column: 'expire_date',
      transform: { type: 'LOCAL_TIME', timeZone: 'Europe/London', none: ['0001-01-01 00:00:00'] },
    },
    { field: 'shown', column: 'status', transform: { type: 'STATUS' } },
    { field: 'priority', column: 'sort_order', transform: { type: 'PRIORITY', top: 1000 } },
  ],
  fixed: [{ field: 'cta.label', value: 'More' }],
};

/** Starts it; `host` and `port` stand for the old database where a test puts something in between. */
export async function adoptionWorld(source: object = {}): Promise<AdoptionWorld> {
  const world = await testWorld(ADOPTION_VARIABLES);
  await world.seed().site('acme-uk').environment('production');
  const shop = await OldShop.open();
  const admin = new Adopter(await world.signedIn('ADMIN'));
  expectOk(await admin.saveSource(shop.source('old-shop', source)), 'Source');
  const banners = await admin.saveMapping('banners', BANNERS);
  const live = async (): Promise<Mapping[]> => world.app.get(Mappings, { strict: false }).allLive();
  return {
    ...{ world, shop, admin, banners },
    async publishMapping(changes) {
      await admin.saveMapping('banners', { ...BANNERS, ...changes });
      await admin.editor.land([banners]);
    },
    async look() {
      for (const mapping of await live()) await world.app.get(TableWatch, { strict: false }).look(mapping);
    },
    async writeBack() {
      const { receipts } = await world.app.get(WriteBack, { strict: false }).bringUp('production');
      return receipts.map(({ seq, state, error }) => ({ seq, state, ...(error === undefined ? {} : { error }) }));
    },
    async publish(key, changes) {
      const document = await admin.document(key);
      const body = promoOf(document?.draft.body ?? {});
      expectOk(
        await admin.editor.saveDraft({
          key,
          ...(document ? { lockVersion: document.draft.lockVersion } : {}),
          body: { promo: { ...body, ...changes } },
        }),
        'Document',
      );
      const { id } = (await admin.document(key)) ?? { id: '' };
      return admin.editor.land([id]);
    },
    async drift(state = 'OPEN') {
      const { data } = await admin.client.send(
        'query ($state: DriftState) { driftEvents(state: $state, first: 100) { nodes { id kind seq documentId columns { column theirs ours differs } } } }',
        { state },
      );
      return (data?.driftEvents as { nodes: Awaited<ReturnType<AdoptionWorld['drift']>> }).nodes;
    },
    resolve: (id, take) =>
      admin.client.send(
        'mutation ($input: ResolveDriftInput!) { resolveDrift(input: $input) { __typename ... on DriftEvent { id state } ... on Problem { code message } ... on ValidationProblem { fields { path code message } } } }',
        { input: { id, take } },
      ),
    async table() {
      const { data } = await admin.client.send(
        '{ adoptedTables { table state pausedBecause problem rows unfitRows openDrift writtenSeq lastForeignChangeAt days { foreignChanges drifts writes } } }',
      );
      return (data?.adoptedTables as Record<string, unknown>[])[0] ?? {};
    },
    async close() {
      await world.close();
      await shop.close();
    },
  };
}

/** What was read of a promo, as it is sent back. */
function promoOf(body: Record<string, unknown>): object {
  return JSON.parse(JSON.stringify(body, (_, value: unknown) => value ?? undefined));
}
