import type { ProxyUpstreamBody } from '@paddock/contracts';
import { upstreamDestinations } from '@paddock/outbound';
import type { ConfigKind } from '../../documents/config-kind.js';
import { parseBody } from '../parse-body.js';
import { upstreamFindings } from './proxy-upstream-rules.js';
import { ProxyUpstreamInput } from './proxy-upstream.input.js';

/** A third party's API behind the proxy. Its key is part of the addresses that clients ask, so it holds for all sites. */
export const proxyUpstreamKind: ConfigKind<ProxyUpstreamBody> = {
  name: 'proxy-upstream',
  schemaVersion: 1,
  siteless: true,
  parse: (input) => parseBody(ProxyUpstreamInput, input, upstreamFindings),
  destinations: { policy: 'upstreams', of: upstreamDestinations },
  label: ({ baseUrl }) => baseUrl,
  references: () => [],
  checkAgainst: () => [],
  // No visitor sees an upstream, only what clients make of its answers.
  reach: () => ({ audiences: [{ sites: [], jurisdictions: [] }], tags: [], places: [], claims: [] }),
};
