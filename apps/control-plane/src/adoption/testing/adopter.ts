import { until } from '@paddock/testing';
import { Editor } from '../../testing/editor.js';
import { expectOk } from '../../testing/expect-result.js';
import type { GraphqlClient, GraphqlResult } from '../../testing/graphql-client.js';

const PROBLEMS = '... on Problem { code message } ... on ValidationProblem { fields { path code message } }';

const RUN = `id state dryRun rowsTotal rowsDone documents changed problemRows error
  problems { key column value code why } removals { key column what }`;

const JOIN = 'table as required on { column joined } where { column operator values }';

/** A mapping as inspectSource proposes it and saveDraft takes it. */
const MAPPING = `name source environment mode table key join { ${JOIN} } joins { ${JOIN} } where { column operator values }
  documents { kind site keyPrefix gatherBy } fixed { field value } mirror { everySeconds policy }
  fields { field column path format encoding readOnly transform { type none timeZone prefix top shown hidden shortCodes values { column field } } }`;

const HOMEPAGE = 'site page language locale shop hasLayout unplaced slots { name items { type key title content } }';

export interface Run {
  id: string;
  state: string;
  rowsTotal: number;
  rowsDone: number;
  documents: number;
  changed: number;
  problemRows: number;
  problems: { key: string[]; column: string; value: string | null; code: string; why: string }[];
  removals: { key: string[]; column: string; what: string }[];
}

export interface Proposal {
  table: string;
  confidence: number;
  reasons: string[];
  warnings: string[];
  risks: {
    code: string;
    effect: string;
    avoided: boolean;
    table: string;
    column: string | null;
    count: number;
    keys: string[][];
    what: string;
  }[];
  mapping: Record<string, unknown> & { documents: { kind: string } };
}

/** A user who adopts tables through the API. */
export class Adopter {
  readonly editor: Editor;

  constructor(readonly client: GraphqlClient) {
    this.editor = new Editor(client);
  }

  saveSource(input: object): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: SaveSourceInput!) { saveSource(input: $input) { __typename ... on Source { key host user writable } ${PROBLEMS} } }`,
      { input },
    );
  }

  inspect(input: object): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: InspectSourceInput!) { inspectSource(input: $input) { __typename ... on SourceInspection { notes
        tables { name engine transactional primaryKey uniqueKeys { name columns } columns { name type charset samples } }
        proposals { table confidence reasons warnings risks { code effect avoided table column count keys what } mapping { ${MAPPING} } }
        homepages { ${HOMEPAGE} } } ${PROBLEMS} } }`,
      { input },
    );
  }

  /** The pages that some mappings would make together. */
  preview(input: object): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: PreviewAdoptionInput!) { previewAdoption(input: $input) { __typename ... on AdoptionPreview { homepages { ${HOMEPAGE} } } ${PROBLEMS} } }`,
      { input },
    );
  }

  /** The mapping that is proposed for a table as a kind, as saveDraft takes it. */
  async proposed(source: string, table: string, kind: string): Promise<Record<string, unknown>> {
    const { proposals } = expectOk(
      await this.inspect({ source, timeZone: 'Europe/London' }),
      'SourceInspection',
    ) as unknown as { proposals: Proposal[] };
    const found = proposals.find((proposal) => proposal.table === table && proposal.mapping.documents.kind === kind);
    if (!found) throw new Error(`nothing is proposed for ${table} as ${kind}`);
    return withoutNulls(found.mapping);
  }

  adopt(input: object, dryRun?: boolean): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: AdoptTableInput!, $dryRun: Boolean! = true) { adoptTable(input: $input, dryRun: $dryRun) { __typename ... on AdoptionRun { ${RUN}
        homepages { ${HOMEPAGE} } rows(first: 100) { nodes { keys documentKey body problems { column code } removed { what } } pageInfo { hasNextPage } } } ${PROBLEMS} } }`,
      { input, ...(dryRun === undefined ? {} : { dryRun }) },
    );
  }

  /** A run that has ended. */
  async ended(id: string): Promise<Run> {
    return until(
      async () => {
        const { data } = await this.client.send(`query ($id: ID!) { adoptionRun(id: $id) { ${RUN} } }`, { id });
        const run = data?.adoptionRun as Run;
        return run.state === 'RUNNING' ? undefined : run;
      },
      { what: 'the end of the run', timeoutMs: 120_000 },
    );
  }

  /** Imports by a mapping's draft, and says what came of it. */
  async import(mapping: string): Promise<Run> {
    const run = expectOk(await this.adopt({ mapping }, false), 'AdoptionRun') as unknown as Run;
    return this.ended(run.id);
  }

  /** Saves a mapping, new or next, and returns its document id. */
  async saveMapping(key: string, body: object): Promise<string> {
    return String(expectOk(await this.tryMapping(key, body), 'Document').id);
  }

  async tryMapping(key: string, body: object): Promise<GraphqlResult> {
    const { data } = await this.client.send(
      `query ($key: String!) { documentByKey(kind: ADOPTION, key: $key) { draft { lockVersion } } }`,
      { key },
    );
    const seen = (data?.documentByKey as { draft: { lockVersion: number } } | null)?.draft.lockVersion;
    return this.editor.saveDraft({
      key,
      body: { adoption: body },
      ...(seen === undefined ? {} : { lockVersion: seen }),
    });
  }

  /** The document that a row became. */
  async document(
    key: string,
    kind = 'PROMO',
  ): Promise<{ id: string; draft: { lockVersion: number; body: Record<string, unknown> } } | null> {
    const { data } = await this.client.send(
      `query ($kind: Kind!, $key: String!) { documentByKey(kind: $kind, key: $key) { id draft { lockVersion
        body { ... on Promo { title text image { url alt } cta { label href } tags priority audience { percentage } schedule { from to timeZone } }
               ... on Layout { page slots { name items { component promos { tags limit } } } } ... on Component { componentName: name propsSchema } } } } }`,
      { kind, key },
    );
    return data?.documentByKey as { id: string; draft: { lockVersion: number; body: Record<string, unknown> } } | null;
  }
}

/** What GraphQL answers for absent fields, an input leaves out. */
export function withoutNulls(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value, (_, member: unknown) => member ?? undefined));
}
