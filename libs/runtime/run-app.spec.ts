import { describe, expect, it } from 'vitest';
import { InvalidSettings } from './env-reader.js';
import { startFailure } from './run-app.js';

class Unfit extends Error {}

const coded = (message: string, more: object): Error => Object.assign(new Error(message), more);

describe('why an app did not start', () => {
  it.each([
    ['mistakes in settings', new InvalidSettings(['PORT is no port', 'HOST is required']), /^(?!.*\n {4}at )/s],
    ['what the app expects', new Unfit('Redis evicts keys'), /^Redis evicts keys$/],
    [
      'a server that is unreachable',
      coded('connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED', port: 1 }),
      /^a server that this process needs is unreachable: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    ],
    [
      'an unreachable server as the cause',
      new Error('no pool', { cause: coded('x', { code: 'ENOTFOUND' }) }),
      /^a server that this process needs is unreachable: no pool$/,
    ],
    [
      'a port that is taken',
      coded('listen EADDRINUSE: address already in use 127.0.0.1:4100', { code: 'EADDRINUSE', port: 4100 }),
      /^port 4100 cannot be listened on: .*already in use/,
    ],
    ['anything else, with its stack', new Error('unforeseen'), /^Error: unforeseen\n {4}at /],
    ['what is no error', 'text', /^text$/],
  ])('says %s', (_, error, said) => {
    expect(startFailure(error, [Unfit])).toMatch(said);
  });
});
