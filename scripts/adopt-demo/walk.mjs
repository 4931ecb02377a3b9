import { say } from '../setup/progress.mjs';
import { Api, until } from './api.mjs';

const SITE = 'marlow-sports';
const SOURCE = 'marlow-back-office';

/**
 * From an old database to a homepage at the edge, and back.
 * @param {{ run: { controlPlane: string, edge: string, signIn: { email: string, password: string } }, old: Awaited<ReturnType<import('./old-back-office.mjs').startOldBackOffice>> }} parts
 */
export async function walk({ run, old }) {
  const api = new Api(run.controlPlane);
  await api.signIn(run.signIn);
  const page = `${run.edge}/v1/production/sites/${SITE}/layouts/home`;
  await makeSite(api);

  heading('1. Look at the old database (inspectSource)');
  const { tables, proposals, homepages } = await inspect(api, old.source);
  say(`${tables.length} tables; ${proposals.length} mappings are proposed:`);
  for (const { table, confidence, mapping, reasons } of proposals)
    say(`  ${String(confidence).padStart(3)}  ${table} → ${mapping.documents.kind.toLowerCase()}: ${reasons[0]}`);
  const banners = proposed(proposals, 'banners', 'PROMO');
  const slots = proposed(proposals, 'banners', 'LAYOUT');
  for (const warning of banners.warnings) say(`  look at: ${warning}`);
  for (const { slots: shown } of homepages)
    say(
      `  the homepage would show: ${shown.map((/** @type {{ name: string, items: { title: string }[] }} */ { name, items }) => `${name}: ${items.map(({ title }) => title).join(', ')}`).join(' · ')}`,
    );

  heading('2. Try it (adoptTable, dryRun: true): nothing is stored');
  const dry = await api.adopt({ body: banners.mapping }, true);
  say(`${dry.rowsTotal} rows make ${dry.documents} promos; ${dry.problemRows} rows cannot become one`);
  for (const { key, column, what } of dry.removals) say(`  left out of row ${key.join(', ')}: ${column}: ${what}`);
  say(`  row 1 becomes ${JSON.stringify(dry.rows.nodes[0].body)}`);

  heading('3. Import the rows as drafts, and publish them with a layout of their groups');
  const mapping = await api.saveDraft({ kind: 'ADOPTION', key: 'marlow-banners', body: { adoption: banners.mapping } });
  const layoutMapping = await api.saveDraft({
    kind: 'ADOPTION',
    key: 'marlow-slots',
    body: { adoption: slots.mapping },
  });
  const imported = await api.adopt({ mapping }, false);
  await api.adopt({ mapping: layoutMapping }, false);
  const documents = await documentsOfSite(api);
  const first = await api.publish('Take over the banners of the old back office', [
    mapping,
    layoutMapping,
    ...documents,
  ]);
  say(`${imported.documents} drafts; release ${first.seq} is live`);
  await until(async () => (await titles(page)).includes('Welcome offer'), 'the homepage');
  say(`  ${page} shows: ${(await titles(page)).join(' · ')}`);

  heading('4. Hand over: from now on releases change the old rows (mode WRITE_BACK)');
  await api.saveDraft({
    kind: 'ADOPTION',
    key: 'marlow-banners',
    body: { adoption: { ...banners.mapping, mode: 'WRITE_BACK' } },
  });
  await api.publish('Paddock is the master of the banners', [mapping]);
  await until(
    async () =>
      (await table(api, mapping))?.state === 'WRITTEN_BACK' && (await table(api, mapping))?.pausedBecause === null,
    'the hand-over',
  );
  const before = await old.banner(1);
  const promo = await editTitle(api, 'banners-1', 'Bet 10, get 20');
  const changed = await api.publish('A better offer', [promo]);
  await until(async () => (await old.banner(1))?.banner_title === 'Bet 10, get 20', 'the old row');
  say(
    `release ${changed.seq}: the edge shows ${JSON.stringify(await until(async () => (await titles(page)).find((title) => title === 'Bet 10, get 20'), 'the edge'))}, and so does the old table`,
  );

  heading('5. Take it back: page and row are what they were, to the byte');
  await api.send(
    'mutation ($input: RollbackReleaseInput!) { rollbackRelease(input: $input) { __typename ... on Problem { code message } } }',
    { input: { id: changed.id, reason: 'the walk', idempotencyKey: crypto.randomUUID() } },
  );
  await until(async () => (await old.banner(1))?.bytes === before?.bytes, 'the old row as it was');
  await until(async () => (await titles(page)).includes('Welcome offer'), 'the homepage as it was');
  say(`  the row: ${before?.banner_title}; the page: ${(await titles(page)).join(' · ')}`);
  await editTitle(api, 'banners-1', 'Welcome offer');

  heading('6. Somebody still uses the old back office: drift is listed, never overwritten');
  await old.run("UPDATE banners SET banner_title = 'Changed in the old back office' WHERE banner_id = 3");
  const event = await until(async () => (await drift(api, mapping))[0], 'the drift', 40_000);
  const { id, kind, columns } =
    /** @type {{ id: string, kind: string, columns: { column: string, theirs: string, ours: string, differs: boolean }[] }} */ (
      event
    );
  for (const { column, theirs, ours } of columns.filter(({ differs }) => differs))
    say(`  ${kind}: ${column} is ${JSON.stringify(theirs)} there, ${JSON.stringify(ours)} here`);
  await api.send(
    'mutation ($input: ResolveDriftInput!) { resolveDrift(input: $input) { __typename ... on Problem { code message } } }',
    { input: { id, take: 'OURS' } },
  );
  say(`  settled in our favour: the row says ${JSON.stringify((await old.banner(3))?.banner_title)} again`);

  heading('7. Leave the table to itself (mode RETIRED)');
  await api.saveDraft({
    kind: 'ADOPTION',
    key: 'marlow-banners',
    body: { adoption: { ...banners.mapping, mode: 'RETIRED' } },
  });
  await api.publish('The old table is left to itself', [mapping]);
  const retired = await until(
    async () => ((await table(api, mapping))?.state === 'RETIRED' ? table(api, mapping) : undefined),
    'the retirement',
  );
  const [{ writes = 0, foreignChanges = 0 } = {}] =
    /** @type {{ days: { writes: number, foreignChanges: number }[] }} */ (retired).days;
  say(`  today Paddock wrote ${writes} rows, and others changed ${foreignChanges}`);
}

function heading(/** @type {string} */ text) {
  console.log(`\n  ${text}\n`);
}

async function makeSite(/** @type {Api} */ api) {
  const { sites } = await api.send('{ sites { key } }');
  if (sites.some((/** @type {{ key: string }} */ { key }) => key === SITE)) return;
  await api.send(
    'mutation ($input: CreateSiteInput!) { createSite(input: $input) { __typename ... on Problem { code message } } }',
    { input: { key: SITE, name: 'Marlow Sports', jurisdiction: 'GB', locale: 'en-GB' } },
  );
}

const JOIN = 'table as required on { column joined } where { column operator values }';

const MAPPING = `name source environment mode table key join { ${JOIN} } joins { ${JOIN} } where { column operator values }
  documents { kind site keyPrefix gatherBy } fixed { field value } mirror { everySeconds policy }
  fields { field column path format encoding readOnly transform { type none timeZone prefix top shown hidden shortCodes values { column field } } }`;

async function inspect(/** @type {Api} */ api, /** @type {object} */ source) {
  await api.send(
    'mutation ($input: SaveSourceInput!) { saveSource(input: $input) { __typename ... on Problem { code message } } }',
    { input: { key: SOURCE, name: 'The old back office', writable: true, ...source } },
  );
  const { inspectSource } = await api.send(
    `mutation ($input: InspectSourceInput!) { inspectSource(input: $input) { __typename ... on SourceInspection { tables { name } proposals { table confidence reasons warnings mapping { ${MAPPING} } } homepages { slots { name items { title } } } } ... on Problem { code message } } }`,
    { input: { source: SOURCE, site: SITE, timeZone: 'Europe/London' } },
  );
  // GraphQL answers null for absent fields; an input leaves them out.
  return JSON.parse(JSON.stringify(inspectSource, (_, value) => value ?? undefined));
}

function proposed(
  /** @type {{ table: string, warnings: string[], mapping: { documents: { kind: string } } }[]} */ proposals,
  /** @type {string} */ name,
  /** @type {string} */ kind,
) {
  const found = proposals.find(({ table: of, mapping }) => of === name && mapping.documents.kind === kind);
  if (!found) throw new Error(`nothing is proposed for ${name} as ${kind}`);
  return found;
}

async function documentsOfSite(/** @type {Api} */ api) {
  const { documents } = await api.send(
    'query ($site: String!) { documents(site: $site, first: 100) { nodes { id } } }',
    { site: SITE },
  );
  return documents.nodes.map((/** @type {{ id: string }} */ { id }) => id);
}

async function editTitle(/** @type {Api} */ api, /** @type {string} */ key, /** @type {string} */ title) {
  const { documentByKey } = await api.send(
    `query ($site: String!, $key: String!) { documentByKey(kind: PROMO, site: $site, key: $key) { draft { body { ... on Promo { title text image { url alt } cta { label href } tags priority } } } } }`,
    { site: SITE, key },
  );
  const body = JSON.parse(JSON.stringify(documentByKey.draft.body, (_, value) => value ?? undefined));
  return api.saveDraft({ kind: 'PROMO', key, site: SITE, body: { promo: { ...body, title } } });
}

async function table(/** @type {Api} */ api, /** @type {string} */ mapping) {
  const { adoptedTables } = await api.send(
    '{ adoptedTables { mappingId state pausedBecause days { writes foreignChanges } } }',
  );
  return adoptedTables.find((/** @type {{ mappingId: string }} */ { mappingId }) => mappingId === mapping);
}

async function drift(/** @type {Api} */ api, /** @type {string} */ mapping) {
  const { driftEvents } = await api.send(
    'query ($mapping: ID!) { driftEvents(mapping: $mapping, state: OPEN, first: 10) { nodes { id kind columns { column theirs ours differs } } } }',
    { mapping },
  );
  return driftEvents.nodes;
}

/** Titles of the promos on a page, as a frontend reads it. */
async function titles(/** @type {string} */ page) {
  const response = await fetch(page);
  if (!response.ok) return [];
  return [...JSON.stringify(await response.json()).matchAll(/"title":"([^"]*)"/g)].map(([, title = '']) => title);
}
