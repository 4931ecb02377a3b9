import request, { type Response } from 'supertest';

/** What came back from `/graphql`. */
export interface GraphqlResult {
  status: number;
  data: Record<string, unknown> | null | undefined;
  errors: readonly GraphqlError[];
  headers: Readonly<Record<string, string>>;
}

export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions: Record<string, unknown> & { code: string };
}

/** Somebody who talks to the API over HTTP. */
export class GraphqlClient {
  constructor(
    private readonly url: string,
    /** What it signs its requests with. */
    readonly bearer?: string,
  ) {}

  async send(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<GraphqlResult> {
    return toResult(await this.post({ query, variables }, headers));
  }

  /** Anything as a body: a string goes out as it is. */
  post(body: string | object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const authorization = this.bearer ? { authorization: `Bearer ${this.bearer}` } : {};
    const call = request(this.url)
      .post('/graphql')
      .set({ 'content-type': 'application/json', ...authorization, ...headers });
    return Promise.resolve(call.send(body));
  }
}

export function toResult(response: Response): GraphqlResult {
  const { data, errors = [] } = response.body;
  return { status: response.status, data, errors, headers: response.headers };
}
