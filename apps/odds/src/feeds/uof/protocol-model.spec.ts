import { expect, test } from 'vitest';
import type { MarketBook } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { playUof } from '../../testing/uof-play.js';

/** What a producer means to say of one market at one time. */
interface Word {
  readonly product: 1 | 3;
  readonly market: string;
  readonly status: 1 | 0 | -1 | -2;
  /** Price of each outcome that the market has now, in hundredths. */
  readonly prices: Readonly<Record<string, number>>;
  readonly damage: 'NONE' | 'PRICE' | 'STATUS' | 'MARKET' | 'TIMESTAMP' | 'TEXT';
}

/** A delivery: the n-th word of its producer, perhaps for the second time or after a later one. */
type Delivery = { readonly word: number };

const EVENT = 'sr:match:1';
const word: fc.Arbitrary<Word> = fc.record({
  product: fc.constantFrom(1, 3),
  market: fc.constantFrom('1', '2'),
  status: fc.constantFrom(1, 1, 1, 1, 0, -1, -2),
  prices: fc.dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 101, max: 999 }), { minKeys: 1 }),
  damage: fc.constantFrom('NONE', 'NONE', 'NONE', 'NONE', 'NONE', 'PRICE', 'STATUS', 'MARKET', 'TIMESTAMP', 'TEXT'),
});

/** In their order, with some delivered again and some late. */
const histories = fc.array(word, { minLength: 1, maxLength: 12 }).chain((words) =>
  fc.record({
    words: fc.constant(words),
    deliveries: fc
      .array(fc.record({ word: fc.nat({ max: words.length - 1 }), before: fc.nat({ max: words.length - 1 }) }), {
        maxLength: 6,
      })
      .map((extra): Delivery[] => {
        const order = words.map((_word, index): Delivery => ({ word: index }));
        for (const { word: index, before } of extra) order.splice(before, 0, { word: index });
        return order;
      }),
  }),
);

function xmlOf({ product, market, status, prices, damage }: Word, timestamp: number): string {
  if (damage === 'TEXT') return `<odds_change event_id="${EVENT}`;
  const outcomes = Object.entries(prices).map(
    ([id, price]) => `<outcome id="${id}" odds="${damage === 'PRICE' ? '0x' : ''}${price / 100}" active="1"/>`,
  );
  const body = `<market id="${damage === 'MARKET' ? 'x' : market}" status="${damage === 'STATUS' ? 9 : status}">${outcomes.join('')}</market>`;
  return `<odds_change event_id="${EVENT}" product="${product}" timestamp="${damage === 'TIMESTAMP' ? '?' : timestamp}"><odds>${body}</odds></odds_change>`;
}

/**
 * The rule in one sentence: a price that can be bet at is the one that the market's owner said last by its own clock, and
 * nothing that could not be read has been delivered since. The owner is the live producer from its first word on, until it
 * hands the market over.
 */
function mayOffer(
  words: readonly Word[],
  delivered: readonly Delivery[],
  market: string,
): Readonly<Record<string, number>> | undefined {
  let owner: 1 | 3 | undefined;
  let released = false;
  let stopped = false;
  const newest = new Map<number, number>();
  const heard = new Map<number, number>();
  const said = new Map<number, Word>();
  for (const { word: index } of delivered) {
    const about = words[index];
    if (!about) continue;
    const dated = about.damage !== 'TIMESTAMP' && about.damage !== 'TEXT';
    // The newest message of a producer, once more.
    if (dated && heard.get(about.product) === index) continue;
    if (dated) heard.set(about.product, Math.max(index, heard.get(about.product) ?? -1));
    if (about.damage === 'NONE') {
      if (about.market !== market || index <= (newest.get(about.product) ?? -1)) continue;
      newest.set(about.product, index);
      said.set(about.product, about);
      const mine = owner === undefined || owner === about.product;
      const takes = mine || (about.status !== -2 && (about.product === 1 || released));
      if (!takes) continue;
      owner = about.product;
      released = about.status === -2;
      stopped = false;
    } else {
      const elsewhere = (about.damage === 'PRICE' || about.damage === 'STATUS') && about.market !== market;
      // Where its owner has said something later, an older word is void, damaged or not.
      const outdated = dated && about.product === owner && index < (newest.get(about.product) ?? -1);
      if (!elsewhere && !outdated) stopped = true;
    }
  }
  const last = owner === undefined ? undefined : said.get(owner);
  return stopped || released || last?.status !== 1 ? undefined : last.prices;
}

function offered(book: MarketBook | undefined): Record<string, number> | undefined {
  if (book?.st !== 'OPEN') return undefined;
  return Object.fromEntries(
    Object.values(book.runners).flatMap(({ id, p }) => (p === null ? [] : [[String(id), p / 10]])),
  );
}

test('whatever is repeated, late, damaged or handed over, no market is open at a price that its owner did not say last', async () => {
  let open = 0;
  await fc.assert(
    fc.asyncProperty(histories, async ({ words, deliveries }) => {
      const texts = deliveries.map(({ word: index }) => xmlOf(words[index] ?? never(), index + 1));
      await playUof(texts, {
        after: (number, books) => {
          for (const market of ['1', '2']) {
            const price = offered(books.find(({ id }) => id === `uof:${EVENT}/${market}`));
            if (price === undefined) continue;
            open += 1;
            expect(price).toEqual(mayOffer(words, deliveries.slice(0, number + 1), market));
          }
        },
      });
    }),
    { numRuns: 300 },
  );
  expect(open).toBeGreaterThan(100);
});

test('and what nothing damaged, repeated or delayed is open at just these prices', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        word.map((one): Word => ({ ...one, damage: 'NONE' })),
        { maxLength: 12 },
      ),
      async (words) => {
        const deliveries = words.map((_word, index) => ({ word: index }));
        const { book } = await playUof(words.map((one, index) => xmlOf(one, index + 1)));
        for (const market of ['1', '2'])
          expect(offered(book(`${EVENT}/${market}`))).toEqual(mayOffer(words, deliveries, market));
      },
    ),
  );
});

function never(): never {
  throw new Error('a delivery of no word');
}
