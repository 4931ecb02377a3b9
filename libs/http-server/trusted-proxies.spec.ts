import { describe, expect, it, test } from 'vitest';
import { canonicalAddress, networkOf } from './addresses.js';
import { clientAddress, parseTrustedProxies } from './trusted-proxies.js';

const PEER = '10.0.0.9';

function clientOf(trusted: string, xForwardedFor?: string, forwarded?: string, peer = PEER): string {
  const proxies = parseTrustedProxies(trusted);
  if (!proxies) throw new Error(`${trusted} is refused`);
  return clientAddress(peer, { xForwardedFor, forwarded }, proxies);
}

describe('the address of the client', () => {
  test.each([
    { what: 'no proxy is trusted', trusted: '0', header: '203.0.113.7', client: PEER },
    { what: 'one proxy, one entry', trusted: '1', header: '203.0.113.7', client: '203.0.113.7' },
    {
      what: 'one proxy, and an entry that the client invented',
      trusted: '1',
      header: '6.6.6.6, 203.0.113.7',
      client: '203.0.113.7',
    },
    { what: 'two proxies', trusted: '2', header: '6.6.6.6, 203.0.113.7, 10.0.0.8', client: '203.0.113.7' },
    { what: 'two proxies, one of them bypassed', trusted: '2', header: '203.0.113.7', client: '203.0.113.7' },
    {
      what: 'networks of proxies',
      trusted: '10.0.0.0/8',
      header: '6.6.6.6, 203.0.113.7, 10.1.2.3',
      client: '203.0.113.7',
    },
    {
      what: 'networks of proxies, all entries within them',
      trusted: '10.0.0.0/8',
      header: '10.5.5.5, 10.1.2.3',
      client: '10.5.5.5',
    },
    { what: 'a peer outside of the networks', trusted: '192.0.2.0/24', header: '203.0.113.7', client: PEER },
    {
      what: 'an address of IPv6 with a port',
      trusted: '1',
      header: '6.6.6.6, [2001:DB8:0:0::7]:4711',
      client: '2001:db8::7',
    },
    { what: 'an address of IPv4 with a port', trusted: '1', header: '203.0.113.7:80', client: '203.0.113.7' },
    { what: 'IPv4 within IPv6', trusted: '1', header: '::ffff:203.0.113.7', client: '203.0.113.7' },
    { what: 'garbage where the client should be', trusted: '1', header: '203.0.113.7, nonsense', client: PEER },
    { what: 'an empty entry', trusted: '1', header: '203.0.113.7, ', client: PEER },
    {
      what: 'garbage behind one proxy of two',
      trusted: '2',
      header: '203.0.113.7, unknown, 10.0.0.8',
      client: '10.0.0.8',
    },
    { what: 'no header', trusted: '1', header: undefined, client: PEER },
  ])('$what', ({ trusted, header, client }) => {
    expect(clientOf(trusted, header)).toBe(client);
  });

  test.each([
    { what: 'one proxy', trusted: '1', forwarded: 'for=6.6.6.6, for=203.0.113.7;proto=https', client: '203.0.113.7' },
    { what: 'quoted IPv6', trusted: '1', forwarded: 'proto=https;For="[2001:db8::7]:4711"', client: '2001:db8::7' },
    { what: 'an obfuscated name', trusted: '1', forwarded: 'for=_hidden', client: PEER },
    { what: 'no for', trusted: '1', forwarded: 'by=10.0.0.1', client: PEER },
  ])('by Forwarded: $what', ({ trusted, forwarded, client }) => {
    expect(clientOf(trusted, undefined, forwarded)).toBe(client);
  });

  it('is the proxy where two headers disagree: one of them came from the client', () => {
    expect(clientOf('1', '203.0.113.7', 'for=203.0.113.7')).toBe('203.0.113.7');
    expect(clientOf('1', '203.0.113.7', 'for=6.6.6.6')).toBe(PEER);
  });
});

test.each(['true', 'yes', '-1', '17', '1.5', '10.0.0.0/33', '10.0.0/8', 'proxy.internal', '1,2'])(
  'TRUSTED_PROXIES=%s is refused',
  (text) => {
    expect(parseTrustedProxies(text)).toBeUndefined();
  },
);

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:a:b::', '2001:db8:a:b::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
])('limits count %s as %s', (address, network) => {
  expect(networkOf(canonicalAddress(address) ?? '')).toBe(network);
});
