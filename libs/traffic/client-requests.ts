import { Counter, type Registry } from '@paddock/runtime';
import type { TrafficKey } from './traffic-counters.js';

/** Limit of clients with series of their own; later clients are counted as {@link OTHER_CLIENTS}. */
const MAX_CLIENTS = 500;
export const OTHER_CLIENTS = 'other';

/**
 * Requests since the start, by client, route and version, for Prometheus: `paddock_client_requests_total`. The client is the id of
 * its key, never the key. Routes and versions come from code and config, and clients are capped, so the series stay few.
 */
export class ClientRequests {
  private readonly clients = new Set<string>();
  private readonly counter: Counter<keyof TrafficKey>;

  constructor(
    metrics: Registry,
    private readonly maxClients = MAX_CLIENTS,
  ) {
    this.counter = new Counter({
      name: 'paddock_client_requests_total',
      help: 'Requests that were let in, by id of the client key, route and version',
      labelNames: ['client', 'route', 'version'],
      registers: [metrics],
    });
  }

  count({ client, route, version }: TrafficKey): void {
    if (this.clients.size < this.maxClients) this.clients.add(client);
    this.counter.inc({ client: this.clients.has(client) ? client : OTHER_CLIENTS, route, version });
  }
}
