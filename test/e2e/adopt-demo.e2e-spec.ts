import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { paddock } from '@paddock/testing';
import { ADOPTION_VARIABLES, OldShop } from '../../apps/control-plane/src/adoption/testing/old-shop.js';
import type { Installation } from './installation.js';
import { startInstallation } from './start-installation.js';

/** The script itself, which no declarations describe. */
const WALK = pathToFileURL(resolve('scripts/adopt-demo/walk.mjs')).href;

let installation: Installation;
let shop: OldShop;

beforeAll(async () => {
  installation = await startInstallation({ edges: 1, env: ADOPTION_VARIABLES });
  shop = await OldShop.open();
}, 300_000);

afterAll(async () => {
  await installation.dispose();
  await shop.close();
});

it('npm run adopt:demo walks from an old database to a homepage and back, and may be walked again', async () => {
  const { controlPlane, credentials } = installation.parts;
  const { hostname: host, port, username: user, password } = shop.database.url;
  const old = {
    source: { host, port: Number(port), database: shop.database.name, user, password },
    run: (sql: string) => shop.run(sql),
    async banner(id: number) {
      const [row] = await shop.read(
        `SELECT banner_title, HEX(CONCAT_WS('|', banner_title, banner_url, banner_image, expire_date, status, sort_order)) AS bytes FROM banners WHERE banner_id = ${id}`,
      );
      return row;
    },
    stop: () => Promise.resolve(),
  };
  const run = { controlPlane: controlPlane.url, edge: installation.edge().url, signIn: credentials.signIn };
  const { walk }: { walk(parts: object): Promise<void> } = await import(WALK);
  const before = await shop.read('SELECT * FROM banners');
  await walk({ run, old });
  expect(await shop.read('SELECT * FROM banners')).toEqual(before);
  await walk({ run, old });
  expect(await shop.read('SELECT * FROM banners')).toEqual(before);
}, 300_000);

it('paddock adopt shows what a table would become, with a bar', async () => {
  const { controlPlane, credentials } = installation.parts;
  const who = {
    PADDOCK_URL: controlPlane.url,
    PADDOCK_EMAIL: credentials.signIn.email,
    PADDOCK_PASSWORD: credentials.signIn.password,
  };
  const output = await paddock(['adopt', 'marlow-banners'], who);
  expect(output).toContain(`${'█'.repeat(30)} 100% 5 of 5 rows`);
  expect(output).toContain('left out of 2: banner_html: <script>');
  await expect(paddock(['adopt', 'no-such-mapping'], who)).rejects.toThrow('there is no such thing');
});
