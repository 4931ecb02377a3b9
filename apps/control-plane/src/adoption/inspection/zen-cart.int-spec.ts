import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection } from 'mysql2/promise';
import { SourceSession } from '@paddock/foreign-database';
import { AddressPolicy } from '@paddock/outbound';
import { createDatabase, describeWithData, type ThrowawayDatabase } from '@paddock/testing';
import { compileMapping } from '../mapping/compiled-mapping.js';
import { assembleBody, type FieldValues } from '../mapping/assemble-body.js';
import { bodyOfRow, mapRow } from '../mapping/map-row.js';
import { mappingProblems } from '../mapping/mapping-problems.js';
import { keyProblems } from '../rows/key-problems.js';
import { scanRows } from '../rows/scan.js';
import { type Inspection, inspect } from './inspector.js';
import type { Proposal } from './proposal.js';

describeWithData(describe, 'Zen Cart, as it is', 'backoffice/zencart__zencart', (file) => {
  let database: ThrowawayDatabase;
  let session: SourceSession;
  let inspection: Inspection;

  beforeAll(async () => {
    database = await createDatabase();
    const owner = await createConnection({ uri: database.url.href, multipleStatements: true });
    await owner.query("SET SESSION sql_mode = ''");
    await owner.query(await readFile(file('mysql_zencart.sql'), 'utf8'));
    await owner.end();
    const { hostname: host, port, username: user, password } = database.url;
    const address = { name: 'zen', host, port: Number(port), user, password, database: database.name, tls: false };
    session = await SourceSession.open(address, {
      policy: AddressPolicy.forOperators(),
      write: false,
      statementTimeoutMs: 10_000,
    });
    inspection = await inspect(
      session,
      { source: 'zen', environment: 'production', site: undefined, timeZone: 'America/New_York' },
      undefined,
    );
  });

  afterAll(async () => {
    await session.close();
    await database.drop();
  });

  const proposal = (table: string, kind: string): Proposal => {
    const found = inspection.proposals.find(
      ({ mapping }) => mapping.table === table && mapping.documents.kind === kind,
    );
    if (!found) throw new Error(`nothing was proposed for ${table} as ${kind}`);
    return found;
  };

  const rowsOf = async ({ mapping: body }: Proposal) => {
    const compiled = compileMapping(
      body,
      inspection.tables.map(({ schema }) => schema),
    );
    if (!compiled.ok) throw new Error(compiled.problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
    expect(await keyProblems(session, compiled.mapping)).toEqual([]);
    const rows = [];
    for await (const page of scanRows(session, compiled.mapping)) rows.push(...page);
    return { mapping: compiled.mapping, rows, mapped: rows.map((row) => mapRow(row, compiled.mapping)) };
  };

  it('proposes only mappings that fit', () => {
    expect(inspection.tables.length).toBeGreaterThan(100);
    for (const { mapping } of inspection.proposals) {
      expect({ [mapping.name]: mappingProblems(mapping) }).toEqual({ [mapping.name]: [] });
      expect(
        compileMapping(
          mapping,
          inspection.tables.map(({ schema }) => schema),
        ),
      ).toMatchObject({ ok: true });
    }
  });

  it('takes the banners for promos before anything else, and leaves their script behind', async () => {
    expect(inspection.proposals[0]?.mapping).toMatchObject({
      table: 'banners',
      key: ['banners_id'],
      documents: { kind: 'promo' },
    });
    const { mapping, mapped } = await rowsOf(proposal('banners', 'promo'));
    expect(mapped.flatMap(({ problems }) => problems)).toEqual([]);
    expect(mapped.flatMap(({ removed }) => removed)).toEqual([
      { column: 'banners_html_text', what: '<script> with its content' },
    ]);
    const bodies = mapped.map((row) => bodyOfRow(row, mapping));
    expect(bodies[0]).toEqual({
      title: 'Zen Cart',
      image: { url: '/images/banners/zencart_468_60_02.gif', alt: '' },
      cta: { href: 'https://www.zen-cart.com', label: 'More' },
      tags: ['wide-banners'],
      priority: 1000,
    });
    expect(JSON.stringify(bodies)).not.toContain('script');
  });

  it('takes their groups for slots', async () => {
    const { mapped, mapping } = await rowsOf(proposal('banners', 'layout'));
    expect(
      assembleBody(
        mapping.body.documents,
        mapped.map(({ values }): FieldValues => values),
      ),
    ).toEqual({
      page: 'home',
      slots: ['bannersall', 'sidebox-banners', 'wide-banners'].map((name) => ({
        name,
        items: [{ promos: { tags: [name], limit: 10 } }],
      })),
    });
  });

  it('takes layout_boxes for layouts by template, and their boxes for components', async () => {
    expect(proposal('layout_boxes', 'layout').mapping).toMatchObject({ documents: { gatherBy: ['layout_template'] } });
    const { mapped } = await rowsOf(proposal('layout_boxes', 'layout'));
    expect(mapped).toHaveLength(97);
    expect(mapped.flatMap(({ problems }) => problems)).toEqual([]);
    expect(proposal('layout_boxes', 'component').mapping.documents.gatherBy).toEqual(['layout_box_name']);
  });

  it('takes configuration for settings, without what looks secret', async () => {
    const { mapped, rows } = await rowsOf(proposal('configuration', 'component'));
    expect(rows.length).toBeGreaterThan(450);
    expect(mapped.flatMap(({ problems }) => problems)).toEqual([]);
    const names = mapped.map(({ values }) => values.find(([path]) => path === 'setting.name')?.[1]);
    expect(names).toContain('STORE_NAME');
    expect(names.filter((name) => /PASSWORD|SECRET|API_KEY/.test(String(name)))).toEqual([]);
  });

  it('joins ezpages with its texts, which have no primary key', () => {
    expect(proposal('ezpages', 'promo').mapping.join).toEqual({
      table: 'ezpages_content',
      on: [{ column: 'pages_id', joined: 'pages_id' }],
      where: [{ column: 'languages_id', operator: 'IN', values: ['1'] }],
    });
    const texts = inspection.tables.find(({ schema }) => schema.name === 'ezpages_content')?.schema;
    expect(texts).toMatchObject({
      engine: 'MyISAM',
      transactional: false,
      primaryKey: [],
      uniqueKeys: [{ columns: ['pages_id', 'languages_id'] }],
    });
  });
});
