import { randomUUID } from 'node:crypto';
import { expectOk } from './expect-result.js';
import type { GraphqlClient, GraphqlResult } from './graphql-client.js';

const RELEASE = `... on Release { id environment seq type state title reason stateHash scheduledAt pausedBecause author { id name } landedBy { id } reverts { seq } author { id name } landedBy { id }
  items { op revision previousRevision document { id kind site key } diff { path op before after } }
  plan { planHash gates { code message documentId path } diff { document op revision previousRevision changes { path op } }
    impact { sites jurisdictions pages { site page slots } } overlaps { releaseId title documentIds } } }`;

const PROBLEMS = '... on Problem { code message } ... on ValidationProblem { fields { path code message } }';

const RELEASE_PROBLEMS = `${PROBLEMS} ... on BlockedProblem { gates { code message documentId path } }`;

const LANDING_PROBLEMS = `${RELEASE_PROBLEMS} ... on StaleProblem { planHash wonBy { id seq title } }`;

export interface Draft {
  key: string;
  site?: string;
  lockVersion?: number;
  body: object;
}

/** Somebody who edits and publishes through the API, as the console or a script would. */
export class Editor {
  constructor(readonly client: GraphqlClient) {}

  saveDraft(input: Draft): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: SaveDraftInput!) { saveDraft(input: $input) { __typename
        ... on Document { id kind site key label draft { lockVersion problems { path code message } } }
        ${PROBLEMS} ... on StaleProblem { current { lockVersion body { __typename ... on Promo { title } } } } } }`,
      { input },
    );
  }

  /** Saves a promo, new or next, and returns its id. */
  async promo(key: string, body: object = {}, site = 'acme-uk'): Promise<string> {
    const seen = await this.lockVersion('PROMO', site, key);
    const draft = {
      key,
      site,
      body: { promo: { title: key, ...body } },
      ...(seen === undefined ? {} : { lockVersion: seen }),
    };
    return String(expectOk(await this.saveDraft(draft), 'Document').id);
  }

  async layout(key: string, body: object, site = 'acme-uk'): Promise<string> {
    const seen = await this.lockVersion('LAYOUT', site, key);
    const draft = { key, site, body: { layout: body }, ...(seen === undefined ? {} : { lockVersion: seen }) };
    return String(expectOk(await this.saveDraft(draft), 'Document').id);
  }

  async lockVersion(kind: string, site: string, key: string): Promise<number | undefined> {
    const { data } = await this.client.send(
      `query ($kind: Kind!, $site: String, $key: String!) { documentByKey(kind: $kind, site: $site, key: $key) { draft { lockVersion } } }`,
      { kind, site, key },
    );
    const document = data?.documentByKey as { draft: { lockVersion: number } } | null;
    return document?.draft.lockVersion;
  }

  createRelease(
    documents: string[],
    more: { environment?: string; title?: string; remove?: string[] } = {},
  ): Promise<GraphqlResult> {
    const input = { environment: 'production', title: 'A release', documents, ...more };
    return this.client.send(
      `mutation ($input: CreateReleaseInput!) { createRelease(input: $input) { __typename ${RELEASE} ${RELEASE_PROBLEMS} } }`,
      { input },
    );
  }

  async release(id: string): Promise<Release> {
    const { data } = await this.client.send(`query ($id: ID!) { release(id: $id) { ${RELEASE} } }`, { id });
    return data?.release as Release;
  }

  publish(id: string, planHash: string, idempotencyKey: string = randomUUID()): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: PublishReleaseInput!) { publishRelease(input: $input) { __typename ${RELEASE} ${LANDING_PROBLEMS} } }`,
      { input: { id, planHash, idempotencyKey } },
    );
  }

  /** Creates a release, looks at its plan and publishes it. */
  async land(
    documents: string[],
    more: { environment?: string; title?: string; remove?: string[] } = {},
  ): Promise<Release> {
    const created = expectOk(await this.createRelease(documents, more), 'Release') as unknown as Release;
    return expectOk(await this.publish(created.id, created.plan?.planHash ?? ''), 'Release') as unknown as Release;
  }

  rollback(id: string, more: { keep?: string[]; idempotencyKey?: string } = {}): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: RollbackReleaseInput!) { rollbackRelease(input: $input) { __typename ${RELEASE} ${LANDING_PROBLEMS} } }`,
      { input: { id, reason: 'it was wrong', idempotencyKey: randomUUID(), ...more } },
    );
  }

  rollbackDocument(documentId: string, toRevision: number, environment = 'production'): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: RollbackDocumentInput!) { rollbackDocument(input: $input) { __typename ${RELEASE} ${LANDING_PROBLEMS} } }`,
      { input: { environment, documentId, toRevision, reason: 'it was wrong', idempotencyKey: randomUUID() } },
    );
  }

  schedule(id: string, at: Date, timeZone = 'Europe/London'): Promise<GraphqlResult> {
    return this.client.send(
      `mutation ($input: ScheduleReleaseInput!) { scheduleRelease(input: $input) { __typename ${RELEASE} ${RELEASE_PROBLEMS} } }`,
      { input: { id, at: at.toISOString(), timeZone } },
    );
  }

  /** What is live, as `kind/site/key` → title or page. */
  async live(environment = 'production', seq?: number): Promise<Record<string, string>> {
    const { data } = await this.client.send(
      `query ($environment: String!, $seq: Int) { stateAt(environment: $environment, seq: $seq, first: 100) {
        nodes { number document { kind site key } body { ... on Promo { title } ... on Layout { page } ... on Component { name } } } } }`,
      { environment, seq: seq ?? null },
    );
    const { nodes } = data?.stateAt as {
      nodes: { document: { kind: string; site: string; key: string }; body: Record<string, string> }[];
    };
    return Object.fromEntries(
      nodes.map(({ document: { kind, site, key }, body }) => [
        `${kind.toLowerCase()}/${site}/${key}`,
        Object.values(body)[0] ?? '',
      ]),
    );
  }
}

/** As the queries above ask for it. */
export interface Release {
  id: string;
  environment: string;
  seq: number;
  type: string;
  state: string;
  title: string;
  stateHash: string;
  pausedBecause: string | null;
  reverts: { seq: number } | null;
  items: {
    op: string;
    revision: number | null;
    previousRevision: number | null;
    document: { id: string; key: string };
    diff: { path: string }[];
  }[];
  plan: {
    planHash: string;
    gates: { code: string; message: string }[];
    impact: { sites: string[]; jurisdictions: string[]; pages: { site: string; page: string; slots: string[] }[] };
    overlaps: { releaseId: string }[];
  } | null;
}
