import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { AddressPolicy } from './address-policy.js';
import { hostRefusal, urlRefusal } from './url-refusal.js';

const PUBLIC_ONLY = new AddressPolicy();
const WIDE = new AddressPolicy({ allowed: ['0.0.0.0/0', '::/0'] });

/** Spellings of 127.0.0.1 in URLs. */
const LOOPBACK = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '2130706433',
  '017700000001',
  '0x7f000001',
  '0x7F.1',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '0177.0.0.01',
  '0x7f.0x0.0x0.0x1',
  '127.0.0.0x1',
  '127.000.000.001',
  '%31%32%37.0.0.1',
  '127%2e0%2e0%2e1',
  '１２７.０.０.１',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '127．0．0．1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::ffff:127.0.0.1]',
  '[::FFFF:7F00:1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:7f00:1::1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[2001:0:7f00:1::]',
  '[2001::80ff:fffe]',
  '[2001:0:808:808:0:0:80ff:fffe]',
  '[fe80::5efe:127.0.0.1]',
  '[2a00:1450::5efe:7f00:1]',
  '[2a00::200:5efe:7f00:1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'localhost..',
  'foo.localhost',
  'ｌｏｃａｌｈｏｓｔ',
  'l%6fcalhost',
  '127.127.127.127',
];
/** What only a network of its own name would let through. */
const NEVER = [
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '169.254.0.1',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[fd20:ce::254]',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'metadata.google.internal',
  'METADATA.google.internal.',
  'metadata',
  '0.0.0.0',
  '0',
  '0x0',
  '0.1.2.3',
  '[::]',
  '224.0.0.1',
  '239.255.255.255',
  '[ff02::1]',
  '255.255.255.255',
  '4294967295',
  '240.0.0.1',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '[2001:db8::1]',
  '[3fff::1]',
  '198.18.0.1',
  '[2001:2::1]',
  '192.88.99.1',
  '[fec0::1]',
  '[::8.8.8.8]',
  '[2002:808:808::1]',
  '[2001:0:808:808::]',
  '[4000::1]',
  '[8000::1]',
  '[100::1]',
];
const PRIVATE = [
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '3232235777',
  '100.64.0.1',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[::ffff:10.1.2.3]',
  '[64:ff9b::10.1.2.3]',
];
const PUBLIC = [
  '8.8.8.8',
  '172.32.0.1',
  '172.15.255.255',
  '11.0.0.1',
  '100.128.0.1',
  '[2606:4700::1111]',
  '[2a00:1450:4009::200e]',
  '[::ffff:8.8.8.8]',
  '[64:ff9b::8.8.8.8]',
  'api.example.com',
  'api.example.com.',
  'bücher.example',
];

describe('where requests may go without a word of the operator', () => {
  it.each([...LOOPBACK, ...NEVER, ...PRIVATE])('not to %s', (host) => {
    expect(urlRefusal(`https://${host}/x`, PUBLIC_ONLY)).toMatch(/^leads to a host that may not be asked/);
    expect(urlRefusal(`http://${host}:6379/`, PUBLIC_ONLY)).toBeDefined();
  });

  it.each(PUBLIC)('to %s, encrypted', (host) => {
    expect(urlRefusal(`https://${host}/x`, PUBLIC_ONLY)).toBeUndefined();
    expect(urlRefusal(`http://${host}/x`, PUBLIC_ONLY)).toContain('plain HTTP');
  });
});

describe('what an operator names', () => {
  const named = new AddressPolicy({ allowed: ['127.0.0.0/8', '::1/128', '10.0.0.0/8'], forbidden: ['10.9.0.0/16'] });

  it('is reached, in every spelling, also without encryption', () => {
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost', '10.1.2.3'])
      expect([host, urlRefusal(`http://${host}/`, named)]).toEqual([host, undefined]);
    expect(urlRefusal('http://192.168.1.1/', named)).toBeDefined();
    expect(urlRefusal('http://8.8.8.8/', named)).toContain('plain HTTP');
  });

  it('does not include what is forbidden within it', () => {
    for (const host of ['10.9.1.1', '[::ffff:10.9.1.1]', '[64:ff9b::a09:101]'])
      expect(urlRefusal(`https://${host}/`, named)).toContain('forbids');
    expect(new AddressPolicy({ forbidden: ['8.8.8.0/24'] }).refusalOfText('8.8.8.8')).toContain('forbids');
  });

  it.each(NEVER)('does not include %s within a wider network', (host) => {
    expect(urlRefusal(`https://${host}/`, WIDE)).toBeDefined();
  });

  it.each([
    ['169.254.169.254/32', '169.254.169.254'],
    ['203.0.113.0/24', '203.0.113.9'],
    ['203.0.113.9/32', '203.0.113.9'],
    ['fe80::/10', 'fe80::1%eth0'],
    ['198.18.0.0/16', '198.18.0.1'],
  ])('is reached where it is named itself: %s', (network, host) => {
    expect(hostRefusal(host, new AddressPolicy({ allowed: [network] }))).toBeUndefined();
  });

  it('a network around the metadata service is not the metadata service', () => {
    expect(hostRefusal('169.254.169.254', new AddressPolicy({ allowed: ['169.254.0.0/16'] }))).toContain('metadata');
    expect(hostRefusal('169.254.1.1', new AddressPolicy({ allowed: ['169.254.0.0/16'] }))).toBeUndefined();
  });

  it('may be a mapped network, which is the IPv4 network that it maps', () => {
    expect(hostRefusal('10.1.2.3', new AddressPolicy({ allowed: ['::ffff:10.0.0.0/104'] }))).toBeUndefined();
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    'ten/8',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '0x0a.0.0.0/8',
    'fe80::1%eth0/64',
    '::/129',
    '10.0.0.0/-1',
  ])('%s is no network', (network) => {
    expect(() => new AddressPolicy({ allowed: [network] })).toThrow('is no network');
  });
});

describe('every spelling of an address is that address', () => {
  const forbiddenV4 = fc.oneof(
    fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(0), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.integer({ min: 224, max: 255 }), fc.nat(255), fc.nat(255), fc.nat(255)),
  );
  const number = (value: number, radix: number): string =>
    radix === 16 ? `0x${value.toString(16)}` : radix === 8 ? `0${value.toString(8)}` : String(value);
  const radix = fc.constantFrom(8, 10, 16);
  const fullWidth = (text: string): string =>
    text.replace(/[0-9a-z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
  const percent = (text: string): string => text.replace(/[0-9]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const upper = (text: string): string => text.toUpperCase();

  it('of IPv4, in decimal, octal and hexadecimal, in one to four parts, in other digits, escaped, with a dot at its end', () => {
    const disguise = fc.constantFrom(
      (text: string) => text,
      fullWidth,
      percent,
      upper,
      (text: string) => `${text}.`,
      (text: string) => text.replaceAll('.', '。'),
    );
    fc.assert(
      fc.property(
        forbiddenV4,
        fc.integer({ min: 1, max: 4 }),
        fc.array(radix, { minLength: 4, maxLength: 4 }),
        disguise,
        ([a, b, c, d], parts, radixes, disguised) => {
          const bytes = [a, b, c, d];
          const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
          const text = [...bytes.slice(0, parts - 1), last]
            .map((part, at) => number(part, radixes[at] ?? 10))
            .join('.');
          expect([text, urlRefusal(`https://${disguised(text)}/`, PUBLIC_ONLY) === undefined]).toEqual([text, false]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('of IPv4 within IPv6', () => {
    const hex = (high: number, low: number): string => (high * 256 + low).toString(16);
    const wrap = fc.constantFrom(
      (v4: string, h: string, l: string) => `::ffff:${v4}|::ffff:${h}:${l}`,
      (v4: string, h: string, l: string) => `64:ff9b::${v4}|64:ff9b:0:0:0:0:${h}:${l}`,
      (v4: string, h: string, l: string) => `64:ff9b:1::${v4}|64:ff9b:1:0:0:0:${h}:${l}`,
      (_v4: string, h: string, l: string) => `2002:${h}:${l}::|2002:${h}:${l}:1:2:3:4:5`,
      (v4: string, h: string, l: string) => `::${v4}|0:0:0:0:0:0:${h}:${l}`,
      (v4: string, h: string, l: string) => `2a00:1450::5efe:${v4}|2a00:1450:0:0:200:5efe:${h}:${l}`,
    );
    fc.assert(
      fc.property(forbiddenV4, wrap, fc.boolean(), ([a, b, c, d], wrapped, loud) => {
        for (const text of wrapped([a, b, c, d].join('.'), hex(a, b), hex(c, d)).split('|')) {
          expect([
            text,
            urlRefusal(`https://[${loud ? text.toUpperCase() : text}]/`, PUBLIC_ONLY) === undefined,
          ]).toEqual([text, false]);
          expect([text, hostRefusal(`${text}%eth0`, PUBLIC_ONLY) === undefined]).toEqual([text, false]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('of IPv6 outside of global unicast', () => {
    const notGlobal = fc.tuple(
      fc.integer({ min: 0, max: 0xffff }).filter((first) => first >> 13 !== 1),
      fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 7, maxLength: 7 }),
    );
    fc.assert(
      fc.property(notGlobal, ([first, rest]) => {
        const text = [first, ...rest].map((group) => group.toString(16)).join(':');
        expect([text, urlRefusal(`https://[${text}]/`, PUBLIC_ONLY) === undefined]).toEqual([text, false]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('what cannot be read as a host is refused, not resolved', () => {
    for (const text of [
      '',
      ' ',
      'a b',
      '256.256.256.256',
      '0x1ffffffff',
      '1.2.3.4.5',
      'a/b',
      'a@b',
      '[::1',
      '::1]',
      '\0',
    ])
      expect([text, hostRefusal(text, PUBLIC_ONLY)]).toEqual([text, expect.any(String)]);
  });
});
