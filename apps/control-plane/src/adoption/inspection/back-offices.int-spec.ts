import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection } from 'mysql2/promise';
import { SourceSession } from '@paddock/foreign-database';
import { AddressPolicy } from '@paddock/outbound';
import { createDatabase, type ThrowawayDatabase } from '@paddock/testing';
import { adoptionKind } from '../../kinds/adoption/adoption.kind.js';
import type { Homepage } from '../homepage/homepage.js';
import { SourceInspection } from './inspection.object.js';
import { type Inspection, type InspectionOptions, inspect } from './inspector.js';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const OPTIONS = { source: 'old-shop', environment: 'production', site: undefined, timeZone: 'UTC' };

type Slots = Record<string, string[]>;
/** `effect code table.column count`; `(left out)` where the mapping avoids it. */
type ExpectedRisk = string;

interface Case {
  shape: string;
  file: string;
  /** What is proposed, the most promising first. */
  proposed: string[];
  risks: ExpectedRisk[];
  /** Titles in each slot, by language and shop. */
  homepages: Record<string, Slots>;
}

const CASES: Case[] = [
  {
    shape: 'groups with a status, a language in the row, settings of two stores',
    file: 'slider-by-language.sql',
    proposed: ['oc_setting component', 'oc_banner_image promo', 'oc_banner_image layout'],
    risks: [
      'EXPOSED SECRET_SETTING oc_setting.key 1 (left out)',
      'EXPOSED SECRET_VALUE oc_setting.key 1 (left out)',
      'LOST STRUCTURED_VALUE oc_setting.key 1',
      'LOST OTHER_LANGUAGE oc_banner_image.language_id 2 (left out)',
      'LOST HIDDEN_GROUP oc_banner_image.banner_id 1 (left out)',
    ],
    homepages: {
      'en-gb': { 'home-slideshow': ['Boots', 'Coats'], 'side-column': ['Voucher'] },
      'de-de': { 'home-slideshow': ['Stiefel'], 'side-column': ['Gutschein'] },
    },
  },
  {
    shape: 'texts in a table per language, shops in a table of their own, settings with two scopes that may be NULL',
    file: 'slides-with-lang.sql',
    proposed: ['ps_configuration component', 'ps_homeslider_slides promo'],
    risks: [
      'EXPOSED SECRET_SETTING ps_configuration.name 1 (left out)',
      'LOST OTHER_LANGUAGE ps_homeslider_slides_lang.id_lang 2 (left out)',
      'LOST OTHER_SHOP ps_homeslider_slides 1 (left out)',
    ],
    homepages: {
      'en-us shop 1': { promos: ['Spring'] },
      'fr-fr shop 1': { promos: ['Printemps'] },
      'en-us shop 2': { promos: ['Spring', 'Outlet only'] },
    },
  },
  {
    shape: 'placeholders in markup, a side table of stores, scopes of settings in two columns',
    file: 'blocks-with-codes.sql',
    proposed: ['core_config_data component', 'cms_block promo'],
    risks: [
      'EXPOSED SECRET_SETTING core_config_data.path 1 (left out)',
      'LOST OTHER_SHOP cms_block 1 (left out)',
      'LOST SHORT_CODE cms_block.content 1 (left out)',
      'LOST LEFT_OUT_OF_TEXT cms_block.content 1 (left out)',
    ],
    homepages: { 'shop 1': { promos: ['Welcome'] }, 'shop 2': { promos: ['Welcome', 'Willkommen'] } },
  },
  {
    shape: 'all types of rows in one table, fields in another, protected and private rows',
    file: 'posts-of-all-types.sql',
    proposed: ['wp_options component', 'wp_posts promo'],
    risks: [
      'EXPOSED SECRET_VALUE wp_options.option_name 2 (left out)',
      'LOST STRUCTURED_VALUE wp_options.option_name 2',
      'EXPOSED PASSWORD_PROTECTED wp_posts.post_password 1 (left out)',
      'LOST OTHER_TYPE wp_posts.post_type 5 (left out)',
      'LOST OTHER_STATE wp_posts.post_status 4 (left out)',
      'LOST SHORT_CODE wp_posts.post_content 1 (left out)',
    ],
    homepages: { '': { promos: ['Summer slide'] } },
  },
  {
    shape: 'numeric states, a language for all, parameters as JSON, levels of access, modules of the back office',
    file: 'banners-with-params.sql',
    proposed: ['jos_banners promo', 'jos_banners layout', 'jos_modules layout', 'jos_modules promo'],
    risks: [
      'LOST OTHER_LANGUAGE jos_banners.language 1 (left out)',
      'LOST HIDDEN_GROUP jos_banners.catid 1 (left out)',
      'LOST OTHER_STATE jos_banners.state 2 (left out)',
      'EXPOSED RESTRICTED jos_modules.access 2 (left out)',
      'EXPOSED ADMIN_ONLY jos_modules.client_id 1 (left out)',
      'LOST SHORT_CODE jos_modules.content 1 (left out)',
    ],
    homepages: {
      'en-GB': { 'top-banners': ['Derby', 'English now'], footer: ['Foot'], sidebar: ['News'] },
      'de-DE': { 'top-banners': ['Derby', 'Deutsch'] },
    },
  },
  {
    shape:
      'states in words, files by UUID, translations beside the rows and as JSON inside them, dates of something else',
    file: 'json-everywhere.sql',
    proposed: ['slides promo', 'promo promo', 'promo layout'],
    risks: [
      'LOST OTHER_LANGUAGE slides 3 (left out)',
      'LOST OTHER_DATE slides.match_starts_at 2 (left out)',
      'LOST DOES_NOT_FIT slides.title 1 (left out)',
      'LOST OTHER_LANGUAGE promo_translations.languages_code 1 (left out)',
      'LOST OTHER_STATE promo.status 1 (left out)',
    ],
    homepages: {
      en: { hero: ['Hero'], side: ['Aside'] },
      fr: { promos: ['Bienvenue', 'Seulement'] },
      'de-DE': { hero: ['Held'], side: [] },
    },
  },
  {
    shape: 'drafts without a time of publication, a locale in the row, pictures by a table of references',
    file: 'drafts-and-morphs.sql',
    proposed: ['core_store_settings component', 'banners layout', 'banners promo'],
    risks: [
      'EXPOSED SECRET_VALUE core_store_settings.key 1 (left out)',
      'LOST STRUCTURED_VALUE core_store_settings.key 1',
      'LOST NOT_PUBLISHED banners.published_at 1 (left out)',
      'LOST OTHER_LANGUAGE banners.locale 1 (left out)',
    ],
    homepages: { en: { hero: ['First'], side: ['Second'] }, de: { hero: ['Erstes'] } },
  },
  {
    shape: 'posts and pages in one table, who may read them in words, keys among the settings and in the texts',
    file: 'publication.sql',
    proposed: ['settings component', 'posts promo'],
    risks: [
      'EXPOSED SECRET_SETTING settings.key 1 (left out)',
      'EXPOSED SECRET_VALUE settings.key 1 (left out)',
      'EXPOSED RESTRICTED posts.visibility 2 (left out)',
      'MIXED SEVERAL_TYPES posts.type 7',
      'LOST OTHER_STATE posts.status 1 (left out)',
      'EXPOSED SECRET_VALUE posts 1 (left out)',
    ],
    homepages: { '': { promos: ['Open post', 'About'] } },
  },
  {
    shape: 'translations with an id of their own, channels and places by tables in between',
    file: 'places-and-channels.sql',
    proposed: ['app_banner promo', 'app_banner_sections layout'],
    risks: [
      'LOST OTHER_LANGUAGE app_banner_translation.locale 1 (left out)',
      'LOST NO_TEXT app_banner 1 (left out)',
      'LOST OTHER_SHOP app_banner 1 (left out)',
    ],
    homepages: {
      'en-US shop 1': { 'homepage-bottom': ['Spring'], 'homepage-top': ['Spring'] },
      'pl-PL shop 1': { 'homepage-bottom': ['Wiosna'], 'homepage-top': ['Wiosna'] },
      'en-US shop 2': { 'homepage-bottom': ['Spring'], 'homepage-top': ['Spring', 'Business'] },
    },
  },
  {
    shape: 'a row per language, a table for every field, types of rows',
    file: 'nodes-and-fields.sql',
    proposed: ['node_field_data promo'],
    risks: [
      'LOST OTHER_TYPE node_field_data.type 1 (left out)',
      'LOST OTHER_LANGUAGE node_field_data.langcode 1 (left out)',
    ],
    homepages: { en: { promos: ['Jackpot', 'Bingo'] }, nl: { promos: ['Jackpot nu'] } },
  },
  {
    shape: 'flags that hide, a status that may be empty, seconds, lists inside values',
    file: 'flags-and-empty-states.sql',
    proposed: ['tt_content promo', 'home_banners promo', 'sliders promo'],
    risks: [
      'LOST OTHER_STATE tt_content.hidden 1 (left out)',
      'LOST DELETED tt_content.deleted 1 (left out)',
      'LOST OTHER_LANGUAGE tt_content.sys_language_uid 1 (left out)',
      'EXPOSED RESTRICTED home_banners.members_only 1 (left out)',
      'EXPOSED SECRET_COLUMN home_banners.api_token 1 (left out)',
      'LOST OTHER_STATE home_banners.published 1 (left out)',
      'LOST OTHER_DATE home_banners.registration_end 1 (left out)',
      'MIXED SEVERAL_TYPES home_banners.type 4',
      'LOST STRUCTURED_VALUE sliders 1',
    ],
    homepages: {
      1: { promos: ['Versteckt nicht', 'Everywhere', 'On', 'Aside', 'Front'] },
      '': { promos: ['Shown', 'Everywhere', 'On', 'Aside', 'Front'] },
    },
  },
];

/** A back office in a database of its own. */
class BackOffice {
  private constructor(
    private readonly database: ThrowawayDatabase,
    private readonly session: SourceSession,
  ) {}

  static async open(file: string): Promise<BackOffice> {
    const database = await createDatabase();
    const owner = await createConnection({ uri: database.url.href, multipleStatements: true, charset: 'utf8mb4' });
    await owner.query(await readFile(new URL(`../testing/back-offices/${file}`, import.meta.url), 'utf8'));
    await owner.end();
    const { hostname: host, port, username: user, password } = database.url;
    const address = { name: 'old-shop', host, port: Number(port), user, password, database: database.name, tls: false };
    return new BackOffice(
      database,
      await SourceSession.open(address, {
        policy: AddressPolicy.forOperators(),
        write: false,
        statementTimeoutMs: 10_000,
      }),
    );
  }

  inspect(choice: Partial<InspectionOptions> = {}): Promise<Inspection> {
    return inspect(this.session, { ...OPTIONS, ...choice }, undefined, NOW);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.database.drop();
  }
}

const nameOf = ({ language, shop }: Homepage): string =>
  [language, shop === undefined ? undefined : `shop ${shop}`].filter(Boolean).join(' ');
const titlesOf = ({ body }: Homepage): Slots =>
  Object.fromEntries(
    body.slots.map(({ name, items }) => [
      name,
      items.map((item) => ('title' in item ? String(item.title) : item.type)),
    ]),
  );

describe.each(CASES)('a back office with $shape', ({ file, proposed, risks, homepages }) => {
  let office: BackOffice;
  let inspection: Inspection;

  beforeAll(async () => {
    office = await BackOffice.open(file);
    inspection = await office.inspect();
  });
  afterAll(() => office.close());

  it('gets proposals that may be saved, with what they would lose, mix or show', () => {
    expect(inspection.notes).toEqual([]);
    expect(inspection.proposals.map(({ mapping }) => `${mapping.table} ${mapping.documents.kind}`)).toEqual(proposed);
    for (const { mapping } of inspection.proposals)
      expect(adoptionKind.parse(JSON.parse(JSON.stringify(mapping)))).toMatchObject({ ok: true });
    const found = inspection.proposals.flatMap((proposal) => proposal.risks);
    const shown = found.map(
      ({ effect, code, table, column, count, avoided }) =>
        `${effect} ${code} ${table}${column === null ? '' : `.${column}`} ${count}${avoided ? ' (left out)' : ''}`,
    );
    expect(shown.toSorted()).toEqual(risks.toSorted());
  });

  it('shows the homepage that would result, for each language and shop', () => {
    const found = Object.fromEntries(inspection.homepages.map((page) => [nameOf(page), titlesOf(page)]));
    expect(Object.keys(found)).toEqual(Object.keys(homepages));
    expect(found).toMatchObject(homepages);
  });

  it('never shows a secret', () => {
    expect(JSON.stringify([SourceInspection.of('old-shop', inspection), inspection.homepages])).not.toMatch(
      /never-adopt-me|let-me-in/,
    );
  });
});

describe('a request for an inspection', () => {
  it('languages-run-together: promos of a language that was named are for its readers alone', async () => {
    const office = await BackOffice.open('slides-with-lang.sql');
    const { proposals, homepages } = await office.inspect({ language: 'fr', shop: '1' });
    const slides = proposals.find(({ mapping }) => mapping.table === 'ps_homeslider_slides')?.mapping;
    expect(slides).toMatchObject({
      documents: { keyPrefix: 'ps_homeslider_slides-fr-fr-' },
      fixed: expect.arrayContaining([{ field: 'audience.locales', value: 'fr-fr' }]),
    });
    expect(homepages.map(titlesOf)).toEqual([{ promos: ['Printemps'] }]);
    expect(
      (await office.inspect({ language: 'nl' })).proposals.filter(({ mapping }) => mapping.documents.kind === 'promo'),
    ).toEqual([]);
    await office.close();
  });
});
