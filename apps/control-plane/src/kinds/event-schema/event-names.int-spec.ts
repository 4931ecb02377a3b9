import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../../testing/editor.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';

const VERSION = {
  version: '1.0.0',
  schema: {
    type: 'object',
    required: ['id', 'at'],
    properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time' } },
  },
};

describe('names of events', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('production');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  const body = (event: string, names?: string[]) => ({
    eventSchema: { event, fields: { id: 'id', time: 'at' }, versions: [VERSION], ...(names ? { names } : {}) },
  });
  async function save(event: string, names?: string[]): Promise<string> {
    const lockVersion = await editor.lockVersion('EVENT_SCHEMA', '*', event);
    const saved = await editor.saveDraft({
      key: event,
      body: body(event, names),
      ...(lockVersion === undefined ? {} : { lockVersion }),
    });
    return String(expectOk(saved, 'Document').id);
  }
  async function gates(...documents: string[]): Promise<{ code: string; message: string }[]> {
    const release = expectOk(await editor.createRelease(documents, {}), 'Release') as unknown as Release;
    return (release.plan?.gates ?? []).map(({ code, message }) => ({ code, message }));
  }

  it('that another live contract has block a release, and are shown as they are sent', async () => {
    await editor.land([await save('cafe', ['Café Viewed', '注文完了'])]);
    expect(await gates(await save('other', ['Cafe\u0301 Viewed']))).toEqual([
      { code: 'DUPLICATE_CLAIM', message: expect.stringContaining('both claim the event name "Café Viewed"') },
    ]);
    expect(await gates(await save('other', ['Caf Viewed', 'café viewed']))).toEqual([]);
    expect(await gates(await save('other', ['cafe']))).toMatchObject([{ code: 'DUPLICATE_CLAIM' }]);
  });

  it('that a contract has without listing them block it too', async () => {
    await editor.land([await save('order_completed')]);
    for (const name of ['order_completed', 'Order Completed', 'orderCompleted'])
      expect(await gates(await save('ordered', [name]))).toMatchObject([
        { code: 'DUPLICATE_CLAIM', message: expect.stringContaining(JSON.stringify(name)) },
      ]);
    // Given up, they are free, in one release.
    expect(await gates(await save('order_completed', []), await save('ordered', ['Order Completed']))).toEqual([]);
  });

  it('of two contracts of one release are compared as well', async () => {
    expect(await gates(await save('one', ['Same']), await save('two', ['Same']))).toMatchObject([
      { code: 'DUPLICATE_CLAIM' },
    ]);
  });

  it.each<[string, string[], string, RegExp]>([
    ['with white space at its end', ['Order '], 'names[0]', /white space/],
    ['that is empty', [''], 'names[0]', /white space/],
    ['with a line feed', ['Order\nCompleted'], 'names[0]', /control characters/],
    ['with an invisible character', ['ok', 'Or\u200bder'], 'names[1]', /U\+200B/],
    ['that is listed twice in two forms', ['Café', 'Cafe\u0301'], 'names[1]', /twice/],
    ['that is too long', ['x'.repeat(201)], 'names[0]', /at most 200/],
  ])('%s are refused', async (_, names, path, says) => {
    const { fields } = expectProblem(await editor.saveDraft({ key: 'bad', body: body('bad', names) }), 'VALIDATION');
    expect(fields).toEqual([
      expect.objectContaining({ path: `body.eventSchema.${path}`, message: expect.stringMatching(says) }),
    ]);
  });
});
