import { lockedPackages } from './lock.mjs';

/**
 * Versions with known holes. The dependency check goes by this list, so that it works without access to a database of
 * advisories; `npm audit`, where its registry answers, knows more. Add a line for each advisory that concerns a package
 * of the lock file: versions from `from` (all where it is left out) up to and without `fixed` have the hole.
 * @type {readonly { name: string, from?: string, fixed: string, advisory: string, what: string }[]}
 */
export const ADVISORIES = [
  {
    name: '@apollo/server',
    fixed: '5.5.1',
    advisory: 'CVE-2026-23897',
    what: 'denial of service; XS-Search by unusual content types of GET before 5.5.0',
  },
  { name: 'graphql', fixed: '16.8.1', advisory: 'CVE-2023-26144', what: 'denial of service by overlapping fields' },
  {
    name: '@nestjs/common',
    fixed: '11.0.16',
    advisory: 'CVE-2024-29409',
    what: 'the file type validator trusts Content-Type',
  },
  { name: 'multer', fixed: '2.0.2', advisory: 'CVE-2025-47944', what: 'denial of service by malformed uploads' },
  { name: 'typeorm', fixed: '0.3.26', advisory: 'CVE-2025-60542', what: 'SQL injection by objects as values' },
  {
    name: 'mysql2',
    fixed: '3.9.8',
    advisory: 'GHSA-pmh2-wpjm-fj45',
    what: 'prototype pollution; code execution (GHSA-fpw7-j2hg-69v5) and code injection (GHSA-4rch-2fh8-94vw) before 3.9.7',
  },
  { name: 'class-validator', fixed: '0.14.0', advisory: 'CVE-2019-18413', what: 'unknown objects pass validation' },
  { name: 'class-transformer', fixed: '0.5.1', advisory: 'CVE-2020-7637', what: 'prototype pollution' },
  { name: 'dompurify', fixed: '3.4.11', advisory: 'CVE-2026-49978', what: 'cross-site scripting' },
  { name: 'ws', from: '8.0.0', fixed: '8.17.1', advisory: 'CVE-2024-37890', what: 'denial of service by many headers' },
  {
    name: 'fastify',
    from: '5.0.0',
    fixed: '5.3.2',
    advisory: 'CVE-2025-32442',
    what: 'validation bypassed by the spelling of Content-Type',
  },
  {
    name: 'find-my-way',
    from: '9.0.0',
    fixed: '9.0.1',
    advisory: 'CVE-2024-45813',
    what: 'regular expression denial of service',
  },
  { name: 'path-to-regexp', fixed: '8.0.0', advisory: 'CVE-2024-45296', what: 'regular expression denial of service' },
  {
    name: 'brace-expansion',
    from: '2.0.0',
    fixed: '2.0.2',
    advisory: 'CVE-2025-5889',
    what: 'regular expression denial of service',
  },
  { name: 'minimatch', fixed: '3.0.5', advisory: 'CVE-2022-3517', what: 'regular expression denial of service' },
  { name: 'micromatch', fixed: '4.0.8', advisory: 'CVE-2024-4067', what: 'regular expression denial of service' },
  { name: 'braces', fixed: '3.0.3', advisory: 'CVE-2024-4068', what: 'memory exhaustion' },
  {
    name: 'semver',
    from: '7.0.0',
    fixed: '7.5.2',
    advisory: 'CVE-2022-25883',
    what: 'regular expression denial of service',
  },
  {
    name: 'semver',
    from: '6.0.0',
    fixed: '6.3.1',
    advisory: 'CVE-2022-25883',
    what: 'regular expression denial of service',
  },
  { name: 'protobufjs', from: '7.0.0', fixed: '7.2.5', advisory: 'CVE-2023-36665', what: 'prototype pollution' },
  { name: 'lodash', fixed: '4.17.21', advisory: 'CVE-2021-23337', what: 'command injection' },
  { name: 'cookie', fixed: '0.7.0', advisory: 'CVE-2024-47764', what: 'names and values outside of the grammar' },
  {
    name: 'form-data',
    from: '4.0.0',
    fixed: '4.0.4',
    advisory: 'CVE-2025-7783',
    what: 'boundaries that can be guessed',
  },
  { name: 'js-yaml', from: '3.0.0', fixed: '3.14.2', advisory: 'CVE-2025-64718', what: 'prototype pollution' },
  { name: 'js-yaml', from: '4.0.0', fixed: '4.1.1', advisory: 'CVE-2025-64718', what: 'prototype pollution' },
  { name: 'qs', fixed: '6.14.1', advisory: 'CVE-2025-15284', what: 'denial of service' },
  {
    name: 'esbuild',
    fixed: '0.25.0',
    advisory: 'GHSA-67mh-4wv8-2f99',
    what: 'any page may read from the development server',
  },
  { name: 'undici', fixed: '6.21.1', advisory: 'CVE-2025-22150', what: 'boundaries that can be guessed' },
  { name: 'axios', fixed: '1.8.2', advisory: 'CVE-2025-27152', what: 'server-side request forgery' },
  { name: 'tar', fixed: '6.2.1', advisory: 'CVE-2024-28863', what: 'denial of service' },
  { name: 'got', fixed: '11.8.5', advisory: 'CVE-2022-33987', what: 'redirects to a UNIX socket' },
  {
    name: 'http-cache-semantics',
    fixed: '4.1.1',
    advisory: 'CVE-2022-25881',
    what: 'regular expression denial of service',
  },
  {
    name: 'cross-spawn',
    from: '7.0.0',
    fixed: '7.0.5',
    advisory: 'CVE-2024-21538',
    what: 'regular expression denial of service',
  },
  { name: 'sha.js', fixed: '2.4.12', advisory: 'CVE-2025-9288', what: 'hashes of crafted input' },
  { name: 'nanoid', fixed: '3.3.8', advisory: 'CVE-2024-55565', what: 'predictable ids' },
  { name: 'jose', fixed: '4.15.5', advisory: 'CVE-2024-28176', what: 'denial of service by compressed tokens' },
  { name: 'socket.io-parser', from: '4.0.0', fixed: '4.2.3', advisory: 'CVE-2023-32695', what: 'denial of service' },
  { name: 'engine.io', from: '6.0.0', fixed: '6.2.1', advisory: 'CVE-2022-41940', what: 'denial of service' },
  { name: 'sharp', fixed: '0.32.6', advisory: 'CVE-2023-4863', what: 'heap overflow of libwebp' },
  { name: 'tmp', fixed: '0.2.4', advisory: 'CVE-2025-54798', what: 'writes outside of its folder' },
];

/** Packages that no installation in production may have, and why. */
export const UNWANTED = {
  '@nestjs/devtools-integration': 'executes code of any page that is open beside it (CVE-2025-54782)',
  '@swc/cli': 'brings a downloader and unpackers',
  'node-gyp': 'compiles',
  'node-pre-gyp': 'downloads programs',
  '@mapbox/node-pre-gyp': 'downloads programs',
  'prebuild-install': 'downloads programs',
};

/** Every locked package with a known hole, and every one in production that may not be there: a sentence each. */
export function dependencyProblems(
  /** @type {import('./lock.mjs').LockedPackages} */ packages,
  advisories = ADVISORIES,
) {
  return lockedPackages(packages).flatMap(({ path, name, entry }) => {
    const holes = advisories.filter((advisory) => advisory.name === name && isWithin(entry.version ?? '', advisory));
    const unwanted = entry.dev ? undefined : UNWANTED[/** @type {keyof typeof UNWANTED} */ (name)];
    return [
      ...holes.map(
        ({ fixed, advisory, what }) => `${path}@${entry.version}: ${what} (${advisory}); at least ${fixed} is needed`,
      ),
      ...(unwanted ? [`${path}: ${unwanted}; it may only be a development dependency`] : []),
    ];
  });
}

/** A pre-release counts as older than its release. */
function isWithin(
  /** @type {string} */ version,
  /** @type {{ from?: string, fixed: string }} */ { from = '0.0.0', fixed },
) {
  return !isOlder(version, from) && isOlder(version, fixed);
}

export function isOlder(/** @type {string} */ version, /** @type {string} */ than) {
  const a = numbersOf(version);
  const b = numbersOf(than);
  const difference = a.numbers.map((number, index) => number - (b.numbers[index] ?? 0)).find((each) => each !== 0) ?? 0;
  return difference < 0 || (difference === 0 && a.isPreRelease && !b.isPreRelease);
}

function numbersOf(/** @type {string} */ version) {
  const [, major, minor, patch, rest] = /^(\d+)\.(\d+)\.(\d+)(-[^+]+)?/.exec(version) ?? [];
  if (major === undefined) throw new Error(`${JSON.stringify(version)} is no version`);
  return { numbers: [Number(major), Number(minor), Number(patch)], isPreRelease: rest !== undefined };
}
