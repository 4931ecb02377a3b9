import { readFileSync } from 'node:fs';
import { buildASTSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { ACTIONS } from '../../access/actions.js';
import { AppModule } from '../../app.module.js';
import { valuesOf } from '../../graphql/providers-of.js';
import { WorkerModule } from '../../worker.module.js';
import { inOrder, RegisteredGates } from './gate-registry.js';
import { gatesPage } from './gates-page.js';
import { ROLLBACK_GATES } from './index.js';

const registered = (module: typeof AppModule | typeof WorkerModule) =>
  inOrder(valuesOf(module, RegisteredGates).flatMap(({ gates }) => gates));
const all = [...registered(AppModule), ...ROLLBACK_GATES];

test('the API and the worker judge releases by the same gates', () => {
  expect(registered(WorkerModule)).toEqual(registered(AppModule));
  expect(all.map(({ code }) => code)).toEqual(expect.arrayContaining(['MATCHES_NOTHING', 'SIDE_EFFECT', 'OVERLAP']));
});

const resolutions = all.flatMap(({ code, title, resolution, inRollback }) =>
  [resolution, inRollback].flatMap((one) => (one ? [{ code, title, resolution: one }] : [])),
);

test.each(resolutions)(
  'the resolution of $code ($title) names a mutation that the API has, and says what to do',
  ({ resolution: { mutation, hint } }) => {
    const schema = buildASTSchema(parse(readFileSync('apps/control-plane/schema.graphql', 'utf8')));
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    if (mutation !== null) expect(mutations).toContain(mutation);
    const named = hint.match(/\b[a-z]+(Release|Draft|Schedule|Document|Window)\b/g) ?? [];
    expect(named.filter((name) => !mutations.includes(name))).toEqual([]);
    expect(hint).toMatch(/^[A-Z`].*\.$/s);
  },
);

test('an override names a permission that exists', () => {
  const permissions = all.flatMap(({ override }) => (override ? [override.permission] : []));
  expect(permissions.filter((permission) => !ACTIONS.some((action) => action === permission))).toEqual([]);
});

test('the page has every gate once, under its code, with a way to resolve it', () => {
  const page = gatesPage(all);
  const headings = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);
  const blocking = all.filter(({ severity }) => severity === 'ERROR');
  expect(headings).toEqual([...new Set(blocking.map(({ code }) => code))]);
  for (const { title } of blocking) expect(page.split(`**${title}.**`)).toHaveLength(2);
  for (const { code, appears } of all.filter(({ severity }) => severity === 'WARNING'))
    expect(page).toContain(`| \`${code}\` | ${appears} |`);
});
