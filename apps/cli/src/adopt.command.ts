import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { bar } from './bar.js';
import type { Variables } from './with-database.js';

const RUN = `id state progress rowsTotal rowsDone documents changed problemRows error
  problems { key column value why outcome } removals { key column what }`;
const LOOK_EVERY_MS = 300;
/** Problems that fit on a screen; the API has all that are kept. */
const SHOWN = 20;

interface Run {
  id: string;
  state: string;
  progress: number;
  rowsTotal: number;
  rowsDone: number;
  documents: number;
  changed: number;
  problemRows: number;
  error: string | null;
  problems: { key: string[]; column: string; value: string | null; why: string; outcome: string }[];
  removals: { key: string[]; column: string; what: string }[];
}

export function adoptCommand(variables: Variables): Command {
  return new Command('adopt')
    .description(
      'Runs a mapping over its table: shows what the rows would become, or makes drafts of them. PADDOCK_URL and PADDOCK_TOKEN say where and who.',
    )
    .argument('<mapping>', 'key of the mapping, as saved by saveDraft')
    .option('--import', 'make drafts; without it nothing is stored')
    .action(async (key: string, options: { import?: true }) => {
      const api = await ApiClient.connect(variables);
      const mapping = await api.ask(
        'query ($key: String!) { answer: documentByKey(kind: ADOPTION, key: $key) { id } }',
        { key },
      );
      const run = await follow(api, mapping['id'], options.import !== true);
      report(run, options.import === true);
      if (run.state !== 'DONE') process.exitCode = 1;
    });
}

async function follow(api: ApiClient, mapping: unknown, dryRun: boolean): Promise<Run> {
  const mutation = `mutation ($input: AdoptTableInput!, $dryRun: Boolean!) { answer: adoptTable(input: $input, dryRun: $dryRun) { ... on AdoptionRun { ${RUN} } ... on Problem { code message } } }`;
  let run = toRun(await api.ask(mutation, { input: { mapping }, dryRun }));
  while (run.state === 'RUNNING') {
    process.stdout.write(`\r${bar(run.progress)} ${run.rowsDone} of ${run.rowsTotal} rows`);
    await delay(LOOK_EVERY_MS);
    run = toRun(await api.ask(`query ($id: ID!) { answer: adoptionRun(id: $id) { ${RUN} } }`, { id: run.id }));
  }
  process.stdout.write(`\r${bar(run.progress)} ${run.rowsDone} of ${run.rowsTotal} rows\n`);
  return run;
}

/** What the query above asks for. */
function toRun(answer: Record<string, unknown>): Run {
  const empty: Run = {
    id: '',
    state: 'FAILED',
    progress: 0,
    rowsTotal: 0,
    rowsDone: 0,
    documents: 0,
    changed: 0,
    problemRows: 0,
    error: null,
    problems: [],
    removals: [],
  };
  return Object.assign(empty, answer);
}

function report({ state, documents, changed, problemRows, error, problems, removals }: Run, imported: boolean): void {
  if (error !== null) process.stdout.write(`${state}: ${error}\n`);
  process.stdout.write(
    imported
      ? `${documents} documents, ${changed} of them new or changed\n`
      : `${documents} documents; nothing was stored (--import stores them)\n`,
  );
  for (const { key, column, what } of removals.slice(0, SHOWN))
    process.stdout.write(`  left out of ${key.join(', ')}: ${column}: ${what}\n`);
  if (problemRows > 0) process.stdout.write(`${problemRows} rows cannot become documents, or settings of one\n`);
  for (const { key, column, value, why, outcome } of problems.slice(0, SHOWN))
    process.stdout.write(
      `  ${outcome}: ${key.join(', ')}: ${column} ${value === null ? 'NULL' : JSON.stringify(value)}: ${why}\n`,
    );
}
