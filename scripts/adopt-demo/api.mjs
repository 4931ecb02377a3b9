/** Everything that the walk asks Paddock for: GraphQL and the edge, as any client would. */
export class Api {
  /** @type {string | undefined} */
  token;

  constructor(/** @type {string} */ url) {
    this.url = `${url}/graphql`;
  }

  async signIn(/** @type {{ email: string, password: string }} */ input) {
    const { signIn } = await this.send(
      'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on Session { token } ... on Problem { code message } } }',
      { input },
    );
    this.token = signIn.token;
  }

  /**
   * Sends one mutation or query; problems of any kind end the walk with their message.
   * @param {string} query
   * @param {Record<string, unknown>} variables
   * @returns {Promise<Record<string, any>>}
   */
  async send(query, variables = {}) {
    const authorization = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = /** @type {{ data: Record<string, any>, errors?: { message: string }[] }} */ (
      await response.json()
    );
    if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
    for (const [name, value] of Object.entries(data)) {
      if (value?.code && value.message) throw new Error(`${name}: ${value.message}`);
    }
    return data;
  }

  /** Saves a document's draft and replaces an existing one. */
  async saveDraft(/** @type {{ kind: string, key: string, site?: string, body: object }} */ { kind, key, site, body }) {
    const { documentByKey: known } = await this.send(
      'query ($kind: Kind!, $site: String, $key: String!) { documentByKey(kind: $kind, site: $site, key: $key) { draft { lockVersion } } }',
      { kind, key, site: site ?? null },
    );
    const lockVersion = known?.draft.lockVersion;
    const { saveDraft } = await this.send(
      `mutation ($input: SaveDraftInput!) { saveDraft(input: $input) { __typename ... on Document { id } ${PROBLEM} } }`,
      {
        input: { key, ...(site ? { site } : {}), ...(lockVersion === undefined ? {} : { lockVersion }), body },
      },
    );
    return saveDraft.id;
  }

  /** Creates a release of some drafts and publishes it. */
  async publish(/** @type {string} */ title, /** @type {string[]} */ documents) {
    const { createRelease } = await this.send(
      `mutation ($input: CreateReleaseInput!) { createRelease(input: $input) { __typename ... on Release { id plan { planHash gates { message } } } ${PROBLEM} } }`,
      { input: { environment: 'production', title, documents } },
    );
    const { publishRelease } = await this.send(
      `mutation ($input: PublishReleaseInput!) { publishRelease(input: $input) { __typename ... on Release { id seq } ${PROBLEM} } }`,
      { input: { id: createRelease.id, planHash: createRelease.plan.planHash, idempotencyKey: crypto.randomUUID() } },
    );
    return publishRelease;
  }

  /** Follows a run until it has ended, with a bar where it takes longer than a moment. */
  async adopt(/** @type {Record<string, unknown>} */ input, /** @type {boolean} */ dryRun) {
    const { adoptTable } = await this.send(
      `mutation ($input: AdoptTableInput!, $dryRun: Boolean!) { adoptTable(input: $input, dryRun: $dryRun) { __typename ... on AdoptionRun { ${RUN} rows(first: 3) { nodes { documentKey body } } } ${PROBLEM} } }`,
      { input, dryRun },
    );
    let run = adoptTable;
    while (run.state === 'RUNNING') {
      process.stdout.write(
        `\r      ${'█'.repeat(Math.round(run.progress * 30)).padEnd(30, '░')} ${run.rowsDone} of ${run.rowsTotal} rows`,
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      ({ adoptionRun: run } = await this.send(`query ($id: ID!) { adoptionRun(id: $id) { ${RUN} } }`, { id: run.id }));
    }
    return { ...adoptTable, ...run };
  }
}

const PROBLEM = '... on Problem { code message }';
const RUN = 'id state progress rowsTotal rowsDone documents changed problemRows removals { key column what }';

/** Asks again and again until the answer satisfies; for what becomes true within seconds. */
export async function until(
  /** @type {() => Promise<unknown>} */ question,
  /** @type {string} */ what,
  timeoutMs = 20_000,
) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
