import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toResult } from '../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

const SAVED =
  '{ saveDraft(input: $input) { __typename ... on Document { draft { body { ... on Promo { props } } } } ... on ValidationProblem { fields { path code } } } }';

/** JavaScript reads numbers of JSON as doubles; what they cannot hold must not be stored as another number. */
describe('numbers in the props of a document', () => {
  let world: World;
  let editor: SignedInClient;
  beforeAll(async () => {
    world = await testWorld();
    await world.seed();
    editor = await world.signedIn('EDITOR');
  });
  afterAll(() => world.close());

  const bodies = [
    [
      'in a variable',
      (props: string) => {
        const query = JSON.stringify(`mutation ($input: SaveDraftInput!) ${SAVED}`);
        const promo = `{"title":"Numbers","component":"card","props":${props}}`;
        return `{"query":${query},"variables":{"input":{"key":"in-a-variable","body":{"promo":${promo}}}}}`;
      },
    ],
    [
      'in the query',
      (props: string) => {
        const literal = props.replaceAll(/"(\w+)":/g, '$1:');
        const promo = `{ title: "Numbers", component: "card", props: ${literal} }`;
        return JSON.stringify({
          query: `mutation ${SAVED.replace('$input', `{ key: "in-the-query", body: { promo: ${promo} } }`)}`,
        });
      },
    ],
  ] as const;

  describe.each(bodies)('%s', (_, body) => {
    it.each(['9007199254740993', '12345678901234567890123', '0.12345678901234567', '1e400', '1e-400'])(
      '%s is refused with its place',
      async (number) => {
        const { data } = toResult(await editor.post(body(`{"list":[1,{"n":${number}}]}`)));
        const field = {
          path: 'body.promo.props.list[1].n',
          code: expect.stringMatching(/^(NUMBER_TOO_PRECISE|NOT_JSON)$/),
        };
        expect(data).toMatchObject({ saveDraft: { __typename: 'ValidationProblem', fields: [field] } });
      },
    );

    it('are kept where they are the same as doubles', async () => {
      const { data } = toResult(await editor.post(body('{"n":[9007199254740991,0.1,19.99,1e21,-0.00000001]}')));
      const props = { n: [9007199254740991, 0.1, 19.99, 1e21, -0.00000001] };
      expect(data).toMatchObject({ saveDraft: { __typename: 'Document', draft: { body: { props } } } });
    });
  });
});
