import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyRepository } from './copy-repository.js';

const run = promisify(execFile);
/** The output of Vitest's reporter. */
interface Results {
  numPassedTests: number;
  numTotalTests: number;
  testResults: unknown[];
}

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'paddock-generators-'));
  await copyRepository(project);
});
afterAll(() => rm(project, { recursive: true, force: true }));

const node = (...args: string[]) => run(process.execPath, args, { cwd: project, maxBuffer: 16 * 2 ** 20 });

test('a generated kind, gate and feed compile, pass their tests, and are known to the engine', async () => {
  const kind = await node('scripts/new.mjs', 'kind', 'price-boost');
  expect(kind.stdout).toContain('apps/control-plane/src/kinds/price-boost/price-boost.kind.ts');
  expect(kind.stdout).toContain('npm run check:drift -- --write');
  const gate = await node('scripts/new.mjs', 'gate', 'legal-hold');
  expect(gate.stdout).toContain('apps/control-plane/src/releases/gates/legal-hold.ts');
  const feed = await node('scripts/new.mjs', 'feed', 'acme-odds');
  expect(feed.stdout).toContain('apps/odds/src/feeds/acme-odds/acme-odds-feed.ts');

  const specs = ['kinds/price-boost', 'kinds/body.spec', 'gates/legal-hold', 'feeds/acme-odds'];
  const results = join(project, 'results.json');
  await node('scripts/test-unit.mjs', ...specs, '--reporter=json', `--outputFile=${results}`);
  const { numPassedTests, numTotalTests, testResults }: Results = JSON.parse(await readFile(results, 'utf8'));
  expect({ numPassedTests, suites: testResults.length }).toEqual({
    numPassedTests: numTotalTests,
    suites: specs.length,
  });

  // Fails with what the compiler says.
  await node('node_modules/typescript/bin/tsc', '--noEmit').catch((error: { stdout: string }) => {
    expect(error.stdout).toBe('');
  });
  await node(
    'node_modules/prettier/bin/prettier.cjs',
    '--check',
    'apps/control-plane/src/kinds',
    'apps/control-plane/src/releases/gates',
    'apps/odds/src/feeds',
  );
});

test('a second kind of that name is refused, and nothing is written', async () => {
  const refused = node('scripts/new.mjs', 'kind', 'price-boost').catch((error: { stderr: string }) => error.stderr);
  expect(await refused).toContain('libs/contracts/price-boost.ts');
});
