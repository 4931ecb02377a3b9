import { expect, test } from 'vitest';
import { createMetrics } from '@paddock/runtime';
import { ClientRequests } from './index.js';

test('requests are counted by client, route and version, and further clients together', async () => {
  const metrics = createMetrics('test');
  const requests = new ClientRequests(metrics, 2);
  for (const client of ['key-1', 'key-2', 'key-1', 'key-3', 'key-4', 'key-3'])
    requests.count({ client, route: '/v2/markets', version: 'v2' });
  requests.count({ client: 'key-1', route: '/v1/odds', version: 'v1' });
  const lines = (await metrics.metrics())
    .split('\n')
    .filter((line) => line.startsWith('paddock_client_requests_total{'))
    .sort();
  expect(lines).toEqual([
    'paddock_client_requests_total{client="key-1",route="/v1/odds",version="v1",app="test"} 1',
    'paddock_client_requests_total{client="key-1",route="/v2/markets",version="v2",app="test"} 2',
    'paddock_client_requests_total{client="key-2",route="/v2/markets",version="v2",app="test"} 1',
    'paddock_client_requests_total{client="other",route="/v2/markets",version="v2",app="test"} 3',
  ]);
});
