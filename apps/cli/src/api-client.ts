import { EnvReader } from '@paddock/runtime';
import type { Variables } from './with-database.js';

/** Talks to a control plane's GraphQL API. `PADDOCK_URL` names it; `PADDOCK_TOKEN`, or a sign-in, says who asks. */
export class ApiClient {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async connect(variables: Variables): Promise<ApiClient> {
    const env = new EnvReader(variables);
    const token = env.optional('PADDOCK_TOKEN');
    const { url, email, password } = env.done({
      url: env.url('PADDOCK_URL', ['http:', 'https:']),
      email: token ? '' : env.text('PADDOCK_EMAIL'),
      password: token ? '' : env.text('PADDOCK_PASSWORD'),
    });
    const endpoint = new URL('/graphql', url).href;
    if (token) return new ApiClient(endpoint, token);
    const anonymous = new ApiClient(endpoint, '');
    const mutation =
      'mutation ($input: SignInInput!) { answer: signIn(input: $input) { ... on Session { token } ... on Problem { code message } } }';
    const session = await anonymous.ask(mutation, { input: { email, password } });
    return new ApiClient(endpoint, String(session['token']));
  }

  /**
   * Sends an operation whose only field is called `answer`.
   * @throws Error with what the API has against it
   */
  async ask(query: string, variables: object): Promise<Record<string, unknown>> {
    const authorization = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors }: { data?: { answer?: unknown }; errors?: { message: string }[] } = JSON.parse(
      await response.text(),
    );
    if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
    const answer: unknown = data?.answer;
    if (typeof answer !== 'object' || answer === null) throw new Error('there is no such thing, or not for you');
    const fields: Record<string, unknown> = { ...answer };
    if (typeof fields['code'] === 'string' && typeof fields['message'] === 'string') throw new Error(fields['message']);
    return fields;
  }
}
