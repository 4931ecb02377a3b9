import { describe, expect, it } from 'vitest';
import { namedSecretsIn, receiverOf, secretFor, SecretRefused } from './named-secrets.js';

const read = (hosts: string | undefined, problems: string[] = []) =>
  namedSecretsIn(
    { ODDS_SECRET_A: 'hunter2', ODDS_SECRET_A_HOSTS: hosts, OTHER: 'x' },
    'ODDS_SECRET_',
    (name, message) => problems.push(`${name} ${message}`),
  );

describe('a named secret', () => {
  it.each([
    ['api.example.com', 'https://api.example.com/odds'],
    ['api.example.com', 'https://API.EXAMPLE.COM/odds'],
    ['api.example.com', 'https://api.example.com./odds'],
    ['api.example.com', 'https://api.example.com:443/odds'],
    ['other.example.com, api.example.com', 'https://api.example.com/odds'],
    ['*.example.com', 'https://eu.api.example.com/'],
    ['api.example.com:8443', 'https://api.example.com:8443/'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['127.0.0.1:8080', 'http://0x7f.1:8080/'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['localhost:80', 'http://localhost/'],
  ])('for %s is sent to %s', (hosts, url) => {
    expect(secretFor(read(hosts), 'ODDS_SECRET_A', receiverOf(new URL(url)))).toBe('hunter2');
  });

  it.each([
    [undefined, 'https://api.example.com/'],
    ['', 'https://api.example.com/'],
    ['api.example.com', 'http://api.example.com/'],
    ['api.example.com', 'https://api.example.com:8443/'],
    ['api.example.com:8443', 'https://api.example.com/'],
    ['api.example.com', 'https://evil.example/api.example.com'],
    ['api.example.com', 'https://api.example.com.evil.example/'],
    ['api.example.com', 'https://xapi.example.com/'],
    ['api.example.com', 'https://eu.api.example.com/'],
    ['*.example.com', 'https://example.com/'],
    ['*.example.com', 'https://badexample.com/'],
    ['127.0.0.1:8080', 'http://127.0.0.2:8080/'],
  ])('for %s is not sent to %s', (hosts, url) => {
    const send = () => secretFor(read(hosts), 'ODDS_SECRET_A', receiverOf(new URL(url)));
    expect(send).toThrow(SecretRefused);
    expect(send).toThrow(/ODDS_SECRET_A must not be sent to .*ODDS_SECRET_A_HOSTS/);
    expect(send).not.toThrow(/hunter2/);
  });

  it('is unknown where its variable is not set, is not a secret, or lists hosts', () => {
    const receiver = { host: 'api.example.com', port: 443 };
    for (const name of ['ODDS_SECRET_B', 'OTHER', 'ODDS_SECRET_A_HOSTS', 'toString', '__proto__']) {
      expect(() => secretFor(read('api.example.com'), name, receiver)).toThrow(`has no ${name}`);
    }
  });

  it.each([
    '*',
    '*.com',
    'https://api.example.com',
    'api.example.com:0',
    'api.example.com:99999',
    'a b',
    '*.*.com',
    'api.*.com',
    '.example.com',
  ])('refuses the list %j when the process starts', (hosts) => {
    const problems: string[] = [];
    expect(read(hosts, problems)['ODDS_SECRET_A']?.hosts).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('ODDS_SECRET_A_HOSTS has ')]);
  });
});
