import { expectOk } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';
import { Adopter } from './adopter.js';
import { ADOPTION_VARIABLES, OldShop } from './old-shop.js';
import { TableWorker } from './table-worker.js';

/** A drift event as the API shows it. */
export interface ListedDrift {
  id: string;
  kind: string;
  state: string;
  seq: number | null;
  note: string | null;
  attempts: number;
  retryAt: string | null;
  documentId: string | null;
}

/** What a table says of a release. */
export interface TableReceipt {
  state: string;
  error: string | null;
}

/** A table of an old database of a test's own making, with its worker. */
export class WrittenTable {
  private constructor(
    readonly world: World,
    readonly shop: OldShop,
    readonly worker: TableWorker,
    readonly admin: Adopter,
  ) {}

  static async open(sql: string): Promise<WrittenTable> {
    const world = await testWorld(ADOPTION_VARIABLES);
    await world.seed().site('acme-uk').environment('production');
    const shop = await OldShop.open();
    await shop.run(sql);
    const admin = new Adopter(await world.signedIn('ADMIN'));
    expectOk(await admin.saveSource(shop.source('old-shop')), 'Source');
    return new WrittenTable(world, shop, await TableWorker.of(world), admin);
  }

  /** Imports a table, publishes what it holds, and writes it from now on. */
  async takeOver(key: string, mapping: object): Promise<string> {
    const id = await this.adopt(key, mapping, 'WRITE_BACK');
    await this.worker.deliver();
    return id;
  }

  /** Imports a table, and publishes what it holds with a mapping in this mode. */
  async adopt(key: string, mapping: object, mode: string): Promise<string> {
    const body = { ...{ name: key, source: 'old-shop', environment: 'production' }, ...mapping };
    const id = await this.admin.saveMapping(key, { ...body, mode: 'OBSERVE' });
    await this.admin.import(id);
    await this.admin.saveMapping(key, { ...body, mode });
    const { data } = await this.admin.client.send('{ documents(first: 100) { nodes { id kind } } }');
    const { nodes } = data?.documents as { nodes: { id: string; kind: string }[] };
    const mine = nodes
      .filter(({ id: other, kind }) => other === id || kind !== 'ADOPTION')
      .map(({ id: other }) => other);
    await this.admin.editor.land(mine);
    return id;
  }

  /** Saves a promo and publishes it. */
  async publish(key: string, body: object): Promise<{ id: string; seq: number }> {
    const document = await this.admin.document(key);
    expectOk(
      await this.admin.editor.saveDraft({
        key,
        ...(document ? { lockVersion: document.draft.lockVersion } : {}),
        body: { promo: body },
      }),
      'Document',
    );
    return this.admin.editor.land([(await this.admin.document(key))?.id ?? '']);
  }

  async remove(key: string): Promise<{ id: string; seq: number }> {
    return this.admin.editor.land([], { remove: [(await this.admin.document(key))?.id ?? ''] });
  }

  async rollback(id: string): Promise<{ id: string; seq: number }> {
    const { id: landed, seq } = expectOk(await this.admin.editor.rollback(id), 'Release');
    return { id: String(landed), seq: Number(seq) };
  }

  /** What the propagation of a release says of a table. */
  async receipt(release: string, mapping: string): Promise<TableReceipt | undefined> {
    const { data } = await this.admin.client.send(
      'query ($id: ID!) { release(id: $id) { propagation { receipts { consumer instance state error } } } }',
      { id: release },
    );
    const found = data?.release as { propagation: { receipts: ({ instance: string } & TableReceipt)[] } };
    const receipt = found.propagation.receipts.find(({ instance }) => instance === mapping);
    return receipt && { state: receipt.state, error: receipt.error };
  }

  async drift(state?: string): Promise<ListedDrift[]> {
    const { data } = await this.admin.client.send(
      'query ($state: DriftState) { driftEvents(state: $state, first: 100) { nodes { id kind state seq note attempts retryAt documentId } } }',
      { state },
    );
    return (data?.driftEvents as { nodes: ListedDrift[] }).nodes;
  }

  resolve(id: string, take: 'THEIRS' | 'OURS'): ReturnType<Adopter['saveSource']> {
    return this.admin.client.send(
      'mutation ($input: ResolveDriftInput!) { resolveDrift(input: $input) { __typename ... on DriftEvent { id state } ... on Problem { code message } ... on ValidationProblem { fields { path code message } } } }',
      { input: { id, take } },
    );
  }

  /** As if the time to try again had come. */
  async due(): Promise<void> {
    await this.world.db.manager.query(
      "UPDATE drift_event SET retry_at = UTC_TIMESTAMP(3) WHERE state = 'OPEN' AND retry_at IS NOT NULL",
    );
  }

  async close(): Promise<void> {
    await this.worker.close();
    await this.world.close();
    await this.shop.close();
  }
}
