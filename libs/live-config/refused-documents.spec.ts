import { describe, expect, test } from 'vitest';
import type { ConfigDocument, ConfigState } from './config-state.js';
import { RefusedDocuments, takeOver } from './refused-documents.js';

const document = (key: string, version: string): [string, ConfigDocument] => [
  `feed/*/${key}`,
  { ref: { kind: 'feed', site: '*', key }, sha256: version, body: version },
];
const stateOf = (documents: Readonly<Record<string, string>>): ConfigState => ({
  position: { epoch: 'e', seq: 1, stateHash: 's' },
  documents: new Map(Object.entries(documents).map(([key, version]) => document(key, version))),
});

/** A consumer that refuses what is bad, and what rests upon a document that is not there: `on:x`. */
function consumer() {
  const inForce: Record<string, string>[] = [];
  return {
    inForce,
    apply: ({ documents }: ConfigState): void => {
      const reasons = new Map<string, string>();
      for (const [name, { body, ref }] of documents) {
        const needs = /^on:(.*)$/.exec(String(body))?.[1];
        if (String(body).startsWith('bad') || (needs && !documents.has(`feed/*/${needs}`)))
          reasons.set(name, `${ref.key} is ${String(body)}`);
      }
      if (reasons.size > 0) throw new RefusedDocuments(reasons);
      inForce.push(Object.fromEntries([...documents.values()].map(({ ref, body }) => [ref.key, String(body)])));
    },
  };
}

describe('a document that is refused', () => {
  test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>, string[]]>([
    [
      'keeps its last good version, and no other is held up',
      { a: '1', b: '1' },
      { a: 'bad', b: '2', c: '1' },
      { a: '1', b: '2', c: '1' },
      ['a is bad'],
    ],
    ['is left out where there was none before', { b: '1' }, { a: 'bad', b: '2' }, { b: '2' }, ['a is bad']],
    [
      'is left out where its last good version does not fit any more',
      { a: 'on:x', x: '1' },
      { a: 'bad' },
      {},
      ['a is bad'],
    ],
    ['takes what rests upon it along', {}, { a: 'bad', b: 'on:a', c: '1' }, { c: '1' }, ['a is bad', 'b is on:a']],
    ['is not alone', { a: '1' }, { a: 'bad', b: 'bad too', c: '1' }, { a: '1', c: '1' }, ['a is bad', 'b is bad too']],
  ])('%s', async (_, before, next, expected, reasons) => {
    const { apply, inForce } = consumer();
    const refusals = await takeOver(stateOf(next), stateOf(before).documents, apply);
    expect(inForce).toEqual([expected]);
    expect([...refusals.values()].map(({ reason }) => reason)).toEqual(reasons);
  });

  test('with an unknown name from the consumer refuse the whole state', async () => {
    const strange = (): never => {
      throw new RefusedDocuments(new Map([['feed/*/unknown', 'no']]));
    };
    await expect(takeOver(stateOf({ a: '1' }), new Map(), strange)).rejects.toThrow('no');
  });

  test('what is wrong for another reason refuses the whole state', async () => {
    const broken = (): never => {
      throw new Error('the disk is full');
    };
    await expect(takeOver(stateOf({ a: '1' }), new Map(), broken)).rejects.toThrow('the disk is full');
  });
});
