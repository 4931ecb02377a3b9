import { describe, expect, test } from 'vitest';
import { agree } from './install.mjs';

const locked = {
  '': { version: '0.1.0' },
  'node_modules/fastify': { version: '5.0.0' },
  'node_modules/jest': { version: '30.0.0', dev: true },
  'node_modules/for-another-platform': { version: '1.0.0', optional: true },
};

describe('installed packages agree with the lock file', () => {
  const all = { 'node_modules/fastify': { version: '5.0.0' }, 'node_modules/jest': { version: '30.0.0', dev: true } };
  const production = { 'node_modules/fastify': { version: '5.0.0' } };

  test.each([
    ['all of them', all, true, true],
    ['without those of tests, where none are wanted', production, false, true],
    ['without those of tests, where they are wanted', production, true, false],
    ['none', {}, false, false],
    ['another version', { ...all, 'node_modules/fastify': { version: '4.9.9' } }, true, false],
  ])('%s', (_, installed, withDev, expected) => {
    expect(agree(installed, locked, withDev)).toBe(expected);
  });
});
