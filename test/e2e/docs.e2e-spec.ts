import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, OwnedProcess } from '@paddock/processes';
import { temporaryDirectory } from '@paddock/testing';
import { pagesWithSteps } from '../docs/pages.js';
import { type PageWorld, runPage } from '../docs/run-page.js';

const CASE_MS = 300_000;
/** README first: its walk wants the sample site as `npm start` leaves it. */
const PAGES = pagesWithSteps();

/** The members of `.paddock/run.json` that the examples use. */
interface RunFile {
  readonly controlPlane: string;
  readonly edge: string;
  readonly analytics: string;
  readonly odds: string;
  readonly signIn: { readonly email: string; readonly password: string };
  readonly clientKey: string;
  readonly analyticsOperatorKey: string;
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let start: OwnedProcess;
let world: PageWorld;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const env = {
    PATH: process.env['PATH'],
    PADDOCK_DIR: join(directory.path, 'local'),
    PORT_BASE: String(await freePort()),
  };
  const runFile = async (): Promise<RunFile> => JSON.parse(await readFile(join(env.PADDOCK_DIR, 'run.json'), 'utf8'));
  start = new OwnedProcess({
    name: 'npm start',
    command: process.execPath,
    args: [resolve('scripts/start.mjs')],
    env,
    log: join(directory.path, 'start.log'),
    ready: async () => (await runFile()).edge !== '',
    readyTimeoutMs: CASE_MS,
  });
  await start.start();
  world = await worldOf(await runFile(), env);
}, CASE_MS);

afterAll(async () => {
  await start.stop(30_000);
  await directory.remove();
}, CASE_MS);

test.each(PAGES)(
  'every example of %s runs, and prints what the page shows',
  async (page) => {
    expect(await runPage(page, world)).toBeGreaterThan(0);
  },
  CASE_MS,
);

async function worldOf(run: RunFile, env: Readonly<Record<string, string | undefined>>): Promise<PageWorld> {
  const { controlPlane, edge, analytics, odds, signIn, clientKey, analyticsOperatorKey } = run;
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  return {
    env: {
      ...env,
      CONTROL_PLANE: controlPlane,
      EDGE: edge,
      ANALYTICS: analytics.replace(/\/graphql$/, ''),
      ODDS: odds,
      CLIENT_KEY: clientKey,
      ANALYTICS_KEY: analyticsOperatorKey,
    },
    graphql: {
      controlPlane: { url: `${controlPlane}/graphql`, headers: { authorization: `Bearer ${await signedIn(run)}` } },
      edge: { url: `${edge}/graphql`, headers: { 'paddock-client-key': clientKey } },
      analytics: { url: `${analytics}/graphql`, headers: { authorization: `Bearer ${analyticsOperatorKey}` } },
    },
    variables: {
      ...signIn,
      since: new Date(hour - 3_600_000).toISOString(),
      until: new Date(hour + 3_600_000).toISOString(),
    },
  };
}

async function signedIn({ controlPlane, signIn }: RunFile): Promise<string> {
  const query =
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on Session { token } ... on Problem { message } } }';
  const response = await fetch(`${controlPlane}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input: signIn } }),
  });
  const { data }: { data: { signIn: { token: string } } } = JSON.parse(await response.text());
  return data.signIn.token;
}
