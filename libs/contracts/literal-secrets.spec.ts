import { describe, expect, it } from 'vitest';
import { literalSecretInHeader, literalSecretInUrl } from './literal-secrets.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

describe('a header in config', () => {
  it.each([
    ['Accept', 'application/vnd.example.v2+json'],
    ['accept-language', 'en-GB,en;q=0.9'],
    ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'],
    ['X-Api-Version', '2026-11-30'],
    ['X-Region', 'eu-west-1'],
    ['Referer', 'https://www.example.com/odds/football'],
  ])('%s: %s may stand there', (name, value) => {
    expect(literalSecretInHeader(name, value)).toBeUndefined();
  });

  it.each([
    ['Authorization', 'Bearer LITERALSECRET'],
    ['authorization', 'x'],
    ['Proxy-Authorization', 'Basic dXNlcjpwYXNz'],
    ['Cookie', 'session=1'],
    ['X-Api-Key', 'abc'],
    ['Ocp-Apim-Subscription-Key', 'abc'],
    ['X-Leak', 'LITERALSECRET'],
    ['X-Auth-Token', 'abc'],
    ['X-Partner', 'hunter2'],
    ['User-Agent', 'Bearer LITERALSECRET'],
    ['Accept', JWT],
    ['X-Client', 'f3a9c1d27b6e4f80a5d1c39e'],
    ['Referer', 'https://example.com/?k=AKIAIOSFODNN7EXAMPLE'],
  ])('%s: %s may not', (name, value) => {
    const problem = literalSecretInHeader(name, value);
    expect(problem).toContain('must not stand in config');
    expect(problem).not.toContain(value.slice(-8));
  });
});

describe('an address in config', () => {
  it.each([
    'https://api.example.com/v4/sports/soccer_epl/odds?regions=uk&markets=h2h&sort_key=price',
    'https://api.example.com/feed?pageToken=2&keyword=football&monkey=1',
    'https://api.example.com/events/5f0c2a3e-7f4b-4d3a-9a55-0f4f0f0c2a3e',
    'http://127.0.0.1:8080/odds.json',
    'no address',
  ])('%s may stand there', (url) => {
    expect(literalSecretInUrl(url)).toBeUndefined();
  });

  it.each([
    'https://user:pass@api.example.com/',
    'https://token@api.example.com/',
    'https://api.example.com/odds?apiKey=0123456789',
    'https://api.example.com/odds?api_key=x',
    'https://api.example.com/odds?API-KEY=x',
    'https://api.example.com/odds?key=x',
    'https://api.example.com/odds?regions=uk&access_token=x',
    'https://api.example.com/odds?token=x',
    'https://api.example.com/odds?sig=x',
    'https://api.example.com/odds?password=x',
    'https://api.example.com/odds#access_token=x',
    'https://api.example.com/odds;token=x/list',
    `https://api.example.com/odds?q=${JWT}`,
    `https://api.example.com/${JWT}/odds`,
    'https://api.example.com/odds?x=ghp_0123456789abcdefghij0123',
  ])('%s may not', (url) => {
    expect(literalSecretInUrl(url)).toMatch(/must (?:not stand in config|be without user)/);
  });
});
