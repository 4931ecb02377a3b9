import type { AddressInfo } from 'node:net';
import { operationsOf } from '@paddock/http-server';
import { createLogger } from '@paddock/runtime';
import { createEdge } from '../src/create-edge.js';
import { readSettings } from '../src/settings.js';

/** What may differ from edge to edge. */
export interface TestEdgeOptions {
  redisUrl: URL;
  prefix: string;
  stateDir: string;
  env?: Readonly<Record<string, string>>;
  /** A free one when left out. */
  port?: number;
}

/** A real edge in this process, on a port of its own. */
export class TestEdge {
  private constructor(
    readonly url: string,
    private readonly app: Awaited<ReturnType<typeof createEdge>>,
  ) {}

  static async start({ redisUrl, prefix, stateDir, env = {}, port: wanted = 0 }: TestEdgeOptions): Promise<TestEdge> {
    const settings = readSettings({
      NODE_ENV: 'test',
      OPERATIONS_PORT: '0',
      LOG_LEVEL: 'silent',
      REDIS_URL: redisUrl.href,
      REDIS_PREFIX: prefix,
      EDGE_STATE_DIR: stateDir,
      EDGE_POLL_MS: '200',
      ...env,
    });
    const app = await createEdge({ settings, logger: createLogger('edge', settings.logLevel), instance: 'edge-test' });
    await app.listen(wanted, '127.0.0.1');
    const address: AddressInfo | string | null = app.getHttpServer().address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return new TestEdge(`http://127.0.0.1:${port}`, app);
  }

  get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
    return fetch(`${this.url}${path}`, { method, headers });
  }

  /** What operators read: `/readyz` with its details, `/metrics`. */
  operations(path: string): Promise<Response> {
    return fetch(`${operationsOf(this.app.getHttpAdapter().getInstance()).url}${path}`);
  }

  layout(query = '', headers: Record<string, string> = {}): Promise<Response> {
    return this.get(`/v1/production/sites/acme-uk/layouts/home${query}`, headers);
  }

  /** The seq that is served; 0 before there is any. */
  async seq(): Promise<number> {
    const response = await this.layout();
    await response.arrayBuffer();
    return Number(response.headers.get('paddock-seq') ?? 0);
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

/** Keys of the promos that a layout response shows, over all slots. */
export async function promoKeys(response: Response): Promise<string[]> {
  const page: { slots: { items: { key?: string }[] }[] } = JSON.parse(await response.text());
  return page.slots.flatMap(({ items }) => items.flatMap(({ key }) => key ?? []));
}
