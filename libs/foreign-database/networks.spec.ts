import { describe, expect, it } from '@jest/globals';
import { ForbiddenNetworks } from './networks.js';

describe('networks that a source may not be in', () => {
  const forbidden = new ForbiddenNetworks(['10.0.0.0/8', 'fd00::/8']);

  it.each([
    '10.1.2.3', '169.254.169.254', '0.0.0.0', '224.0.0.1', '::', 'fe80::1', 'fe80::1%eth0', 'fd00::1',
    '::ffff:10.1.2.3', '::ffff:a01:203', '::10.1.2.3', '64:ff9b::10.1.2.3', '2002:a01:203::1', '::ffff:169.254.169.254', 'no address',
  ])('%s is in one', (address) => {
    expect(forbidden.forbids(address)).toBe(true);
  });

  it.each(['127.0.0.1', '192.168.1.5', '203.0.113.7', '::1', '2001:db8::1', '::ffff:192.168.1.5'])('%s is in none', (address) => {
    expect(forbidden.forbids(address)).toBe(false);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'ten/8', '10.0.0.0/8/8'])('refuses %s as a network', (network) => {
    expect(() => new ForbiddenNetworks([network])).toThrow('is no network');
  });
});
