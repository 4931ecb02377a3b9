import { describe, expect, it } from 'vitest';
import { ADVISORIES, dependencyProblems, isOlder } from './floors.mjs';
import { isAllowed, licenceProblems } from './licences.mjs';
import { readLock } from './lock.mjs';
import { lockProblems } from './lock-problems.mjs';

const hash = `sha512-${'A'.repeat(86)}==`;

describe('the lock file of this repository', () => {
  it('has a hash for every package, names no registry and lacks none for another platform', async () => {
    expect(lockProblems((await readLock()).packages)).toEqual([]);
  });

  it('locks no version with a known hole, and nothing in production that downloads or compiles while it is installed', async () => {
    expect(dependencyProblems((await readLock()).packages)).toEqual([]);
  });

  it('has in production only licences that may be part of a work under Apache-2.0', async () => {
    expect(licenceProblems((await readLock()).packages)).toEqual([]);
  });
});

describe('a lock file is refused', () => {
  it('with a package without a hash, unless its version is known to have none', () => {
    const packages = {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', integrity: hash },
    };
    expect(lockProblems(packages, {})).toEqual(['package-lock.json has no integrity hash for a@1.0.0']);
    expect(lockProblems(packages, { a: '1.0.0' })).toEqual([]);
    expect(lockProblems(packages, { a: '1.0.1' })).toEqual(['package-lock.json has no integrity hash for a@1.0.0']);
  });

  it('with a hash that can be forged', () => {
    const packages = { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha1-abc=' } };
    expect(lockProblems(packages, {})).toEqual(['package-lock.json checks a@1.0.0 by sha1, not sha512']);
  });

  it('with a registry in it, or without a package of another platform', () => {
    const packages = {
      '': {},
      'node_modules/a': {
        version: '1.0.0',
        integrity: hash,
        resolved: 'https://registry.example.com/a.tgz',
        optionalDependencies: { 'a-win32-x64': '1.0.0' },
      },
    };
    expect(lockProblems(packages, {})).toEqual([
      'package-lock.json lacks the optional a-win32-x64@1.0.0',
      'package-lock.json takes node_modules/a from https://registry.example.com/a.tgz',
    ]);
  });
});

describe('a version with a known hole', () => {
  it.each(ADVISORIES.map(({ name, from = '0.0.1', fixed }) => [name, from, fixed]))(
    '%s is refused from %s up to %s, also below another package',
    (name, from, fixed) => {
      const locked = (version: string) =>
        dependencyProblems({ [`node_modules/x/node_modules/${name}`]: { version, dev: true } });
      expect(locked(from)).not.toEqual([]);
      expect(locked(`${fixed}-beta.1`)).not.toEqual([]);
      expect(locked(fixed).join()).not.toContain(`at least ${fixed} `);
    },
  );

  it('in another major version does not count', () => {
    expect(dependencyProblems({ 'node_modules/ws': { version: '7.5.10' } })).toEqual([]);
  });

  it.each([
    ['1.2.3', '1.2.4', true],
    ['1.10.0', '1.9.0', false],
    ['2.0.0-rc.1', '2.0.0', true],
    ['2.0.0', '2.0.0', false],
  ])('%s is older than %s: %s', (version, than, expected) => {
    expect(isOlder(version, than)).toBe(expected);
  });
});

describe('a licence', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR CC0-1.0)', true],
    ['(GPL-3.0-only OR MIT)', true],
    ['Apache-2.0 AND MIT', true],
    ['(MIT AND BSD-3-Clause)', true],
    ['MIT AND GPL-3.0-only', false],
    ['MIT OR (GPL-3.0-only AND ISC)', true],
    ['(MIT OR ISC) AND AGPL-3.0-only', false],
    ['AGPL-3.0-only', false],
    ['SSPL-1.0', false],
    ['SEE LICENSE IN LICENSE', false],
    ['UNLICENSED', false],
    ['', false],
  ])('%s is allowed: %s', (expression, expected) => {
    expect(isAllowed(expression)).toBe(expected);
  });

  it('that is unknown is refused, in production', () => {
    expect(
      licenceProblems({
        'node_modules/a': { version: '1.0.0' },
        'node_modules/b': { version: '1.0.0', license: 'GPL-3.0-only' },
      }),
    ).toHaveLength(2);
    expect(licenceProblems({ 'node_modules/a': { version: '1.0.0', dev: true } })).toEqual([]);
  });
});
