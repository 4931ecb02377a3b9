import { randomUUID } from 'node:crypto';
import type { SignIn } from './installation.js';

/** A release that waits to be published as its plan shows it. */
export interface PlannedRelease {
  id: string;
  plan: { planHash: string; gates: { code: string; message: string }[] };
}

/** A signed-in editor who edits and publishes over HTTP. */
export class Editor {
  private readonly lockVersions = new Map<string, number>();

  private constructor(
    private readonly url: string,
    private readonly token?: string,
  ) {}

  static async signIn(url: string, input: SignIn): Promise<Editor> {
    const { token }: { token: string } = await new Editor(url).send(
      'mutation ($input: SignInInput!) { result: signIn(input: $input) { __typename ... on Session { token } ... on Problem { code message } } }',
      input,
    );
    return new Editor(url, token);
  }

  /** Saves a draft and returns the document's id. */
  async save(kind: 'promo' | 'layout', key: string, body: object, site = 'acme-uk'): Promise<string> {
    const name = `${kind}/${site}/${key}`;
    const seen = this.lockVersions.get(name) ?? (await this.lockVersion(kind, key, site));
    const { id, draft }: { id: string; draft: { lockVersion: number } } = await this.send(
      'mutation ($input: SaveDraftInput!) { result: saveDraft(input: $input) { __typename ... on Document { id draft { lockVersion } } ... on Problem { code message } } }',
      { key, site, body: { [kind]: body }, ...(seen === undefined ? {} : { lockVersion: seen }) },
    );
    this.lockVersions.set(name, draft.lockVersion);
    return id;
  }

  /** Creates a release and reads its plan. */
  plan(documents: readonly string[], title = 'Bench'): Promise<PlannedRelease> {
    return this.send(
      `mutation ($input: CreateReleaseInput!) { result: createRelease(input: $input) { __typename
        ... on Release { id plan { planHash gates { code message } } } ... on Problem { code message } } }`,
      { environment: 'production', title, documents },
    );
  }

  publish({ id, plan }: PlannedRelease): Promise<{ seq: number }> {
    return this.send(
      `mutation ($input: PublishReleaseInput!) { result: publishRelease(input: $input) { __typename
        ... on Release { seq } ... on Problem { code message } ... on BlockedProblem { gates { message } } } }`,
      { id, planHash: plan.planHash, idempotencyKey: randomUUID() },
    );
  }

  /** Asks a query whose root field is called `result`. */
  read<Result>(query: string): Promise<Result> {
    return this.ask(query, {});
  }

  private async lockVersion(kind: string, key: string, site: string): Promise<number | undefined> {
    const query =
      'query ($kind: Kind!, $site: String, $key: String!) { result: documentByKey(kind: $kind, site: $site, key: $key) { draft { lockVersion } } }';
    const document: { draft: { lockVersion: number } } | null = await this.ask(query, {
      kind: kind.toUpperCase(),
      site,
      key,
    });
    return document?.draft.lockVersion;
  }

  private send<Result>(mutation: string, input: object): Promise<Result> {
    return this.ask(mutation, { input });
  }

  /** @throws Error for a problem as for a failure: a bench has no use for either */
  private async ask<Result>(query: string, variables: object): Promise<Result> {
    const authorization = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const headers = { 'content-type': 'application/json', ...authorization };
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors }: { data?: { result?: Result & { code?: string } }; errors?: unknown } = JSON.parse(
      await response.text(),
    );
    const result = data?.result;
    if (errors || result === undefined || result?.code)
      throw new Error(`${query.slice(0, 60)}… came to ${JSON.stringify(errors ?? result)}`);
    return result;
  }
}
