import { describe, expect, test } from 'vitest';
import type { MarketBook } from '@paddock/contracts';
import { playUof } from '../../testing/uof-play.js';

const MATCH = 'sr:match:1';
const outcome = (id: string, odds: string | undefined, more = ''): string =>
  `<outcome id="${id}"${odds === undefined ? '' : ` odds="${odds}"`} ${more || 'active="1"'}/>`;
const market = (attributes: string, ...outcomes: string[]): string =>
  `<market ${attributes}>${outcomes.join('')}</market>`;
const odds = (timestamp: number, markets: string[], { product = 1, event = MATCH, inside = '' } = {}): string =>
  `<odds_change event_id="${event}" timestamp="${timestamp}" product="${product}">${inside}<odds>${markets.join('')}</odds></odds_change>`;
const OPEN = market('id="1" status="1"', outcome('1', '1.9'), outcome('2', '2.1'));
const first = odds(1, [OPEN]);

/** Prices at which one can bet: those of active runners of an open market. */
function offered(book: MarketBook | undefined): Record<string, number> | undefined {
  if (book?.st !== 'OPEN') return undefined;
  return Object.fromEntries(
    Object.values(book.runners).flatMap(({ id, st, p }) => (st === 'ACTIVE' && p !== null ? [[id, p]] : [])),
  );
}

const after = async (...messages: string[]): Promise<Record<string, number> | undefined> =>
  offered((await playUof(messages)).book(`${MATCH}/1`));

describe('outcomes', () => {
  test('that a reported market leaves out have no price any more', async () => {
    const shorter = market('id="1" status="1"', outcome('1', '1.8'));
    expect(await after(first, odds(2, [shorter]))).toEqual({ 1: 1_800 });
    expect(await after(first, odds(2, ['<market id="1" status="-1"/>']), odds(3, [shorter]))).toEqual({ 1: 1_800 });
    const { book } = await playUof([first, odds(2, [shorter])]);
    expect(book(`${MATCH}/1`)?.runners['2']).toBeUndefined();
    expect(book(`${MATCH}/1`)?.def?.runners).toEqual([{ id: '1' }]);
  });

  test.each([
    ['no outcomes', market('id="1" status="1"')],
    ['no prices', market('id="1" status="1"', outcome('1', undefined), outcome('2', ''))],
    ['prices of 1.0 and below', market('id="1" status="1"', outcome('1', '1.0'), outcome('2', '0'))],
    ['inactive outcomes', market('id="1" status="1"', outcome('1', '1.9', 'active="0"'))],
  ])('a market that is called active with %s is not open', async (_name, changed) => {
    expect(await after(first, odds(2, [changed]))).toBeUndefined();
  });

  test('without a price are not offered beside those with one', async () => {
    const { book } = await playUof([
      odds(1, [market('id="1" status="1"', outcome('1', '1.9'), outcome('2', undefined), outcome('3', '1'))]),
    ]);
    expect(book(`${MATCH}/1`)?.runners).toMatchObject({
      1: { st: 'ACTIVE', p: 1_900 },
      2: { st: 'INACTIVE', p: null },
      3: { st: 'INACTIVE', p: null },
    });
  });
});

describe('a market that cannot be read', () => {
  const good = market('id="7" status="1"', outcome('1', '3.0'));
  test.each([
    ['a price in hexadecimal', market('id="1" status="1"', outcome('1', '0x10'))],
    ['a price with an exponent', market('id="1" status="1"', outcome('1', '1e2'))],
    ['a price with a comma', market('id="1" status="1"', outcome('1', '1,9'))],
    ['a price with a sign', market('id="1" status="1"', outcome('1', '+1.9'))],
    ['a price that is no number', market('id="1" status="1"', outcome('1', 'NaN'))],
    ['a price beyond all odds', market('id="1" status="1"', outcome('1', '1000001'))],
    ['a negative price', market('id="1" status="1"', outcome('1', '-1.9'))],
    ['an unknown status', market('id="1" status="5"', outcome('1', '1.9'))],
    ['a status that is no number', market('id="1" status="open"', outcome('1', '1.9'))],
    ['an unknown word for active', market('id="1" status="1"', outcome('1', '1.9', 'active="yes"'))],
    ['another number for active', market('id="1" status="1"', outcome('1', '1.9', 'active="2"'))],
    ['an outcome without id', market('id="1" status="1"', '<outcome odds="1.9"/>')],
    ['an outcome with markup in its id', market('id="1" status="1"', outcome('&lt;b&gt;', '1.9'))],
    ['an outcome that is there twice', market('id="1" status="1"', outcome('1', '1.9'), outcome('1', '2.9'))],
    ['a repetition that contradicts it', `${OPEN}${market('id="1" status="1"', outcome('1', '9.0'))}`],
  ])('because of %s is suspended, and the others of its message are applied', async (_name, bad) => {
    const { book, setAside } = await playUof([first, odds(2, [bad, good])]);
    expect(book(`${MATCH}/1`)).toMatchObject({ st: 'SUSPENDED', sr: 'BETSTOP' });
    expect(offered(book(`${MATCH}/7`))).toEqual({ 1: 3_000 });
    expect(setAside).toHaveLength(1);
  });

  test.each([
    ['no id', '<market status="1"/>'],
    ['an id that is no number', '<market id="&lt;script&gt;" status="1"/>'],
    ['specifiers that contradict themselves', '<market id="1" specifiers="total=1|total=2" status="1"/>'],
    ['specifiers that are none', '<market id="1" specifiers="total" status="1"/>'],
    ['specifiers in another script', '<market id="1" specifiers="total=２" status="1"/>'],
  ])('and has %s stops its whole event, except for what the message says of other markets', async (_name, bad) => {
    const other = odds(1, [market('id="9" status="1"', outcome('1', '3.0'))], { event: 'sr:match:2' });
    const { book, setAside } = await playUof([first, other, odds(2, [bad, good])]);
    expect(book(`${MATCH}/1`)?.st).toBe('SUSPENDED');
    expect(offered(book(`${MATCH}/7`))).toEqual({ 1: 3_000 });
    expect(book('sr:match:2/9')?.st).toBe('OPEN');
    expect(setAside).toHaveLength(1);
  });

  test.each(['bet_settlement certainty="2"', 'bet_cancel', 'rollback_bet_cancel', 'rollback_bet_settlement'])(
    'in a %s is suspended too',
    async (opening) => {
      const [name] = opening.split(' ');
      const inside = `<market id="1" specifiers="a=1|a=2"/>`;
      const text = `<${opening} event_id="${MATCH}" timestamp="2" product="3">${name === 'bet_settlement' ? `<outcomes>${inside}</outcomes>` : inside}</${name}>`;
      expect(await after(first, text)).toBeUndefined();
    },
  );
});

describe('a message that cannot be read', () => {
  test.each([
    ['an invalid timestamp', `<odds_change event_id="${MATCH}" timestamp="x" product="1"/>`],
    ['no timestamp', `<odds_change event_id="${MATCH}" product="1"/>`],
    ['an invalid producer', `<odds_change event_id="${MATCH}" timestamp="2" product="one"/>`],
    ['a type that is not known', `<market_freeze event_id="${MATCH}" timestamp="2" product="1"/>`],
    ['a timestamp of next year', odds(9_000_000_000_000, [OPEN])],
    ['a settlement without certainty', `<bet_settlement event_id="${MATCH}" timestamp="2" product="1"/>`],
  ])('because of %s stops its event', async (_name, text) => {
    const other = odds(1, [OPEN], { event: 'sr:match:2' });
    const { book, setAside } = await playUof([first, other, text]);
    expect(book(`${MATCH}/1`)?.st).toBe('SUSPENDED');
    expect(book('sr:match:2/1')?.st).toBe('OPEN');
    expect(setAside).toHaveLength(1);
  });

  test('and opens again with the next odds', async () => {
    expect(await after(first, `<odds_change event_id="${MATCH}" timestamp="x" product="1"/>`, odds(3, [OPEN]))).toEqual(
      { 1: 1_900, 2: 2_100 },
    );
  });

  test.each([
    ['no XML', '{"odds":1}'],
    ['broken XML', `<odds_change event_id="${MATCH}" timestamp="2" product="1"><odds>`],
    ['a document type', `<!DOCTYPE a><odds_change event_id="${MATCH}" timestamp="2" product="1"/>`],
    ['no event', '<odds_change timestamp="2" product="1"/>'],
    ['an event with markup in its id', '<odds_change event_id="&lt;b&gt;" timestamp="2" product="1"/>'],
  ])('with %s stops everything, which is recovered', async (_name, text) => {
    const { book, recoveries } = await playUof([first, odds(1, [OPEN], { product: 3, event: 'sr:match:2' }), text]);
    expect([book(`${MATCH}/1`), book('sr:match:2/1')]).toMatchObject([
      { st: 'SUSPENDED', sr: 'FEED' },
      { st: 'SUSPENDED', sr: 'FEED' },
    ]);
    expect(recoveries).toEqual([1, 3]);
  });

  test('is no reason to stop when it is a document of the API', async () => {
    const { book, setAside } = await playUof([first, '<player_profile/>']);
    expect(book(`${MATCH}/1`)?.st).toBe('OPEN');
    expect(setAside).toEqual(['unknown message player_profile']);
  });
});

describe('a market that is handed over', () => {
  const prematch = (timestamp: number, ...markets: string[]): string => odds(timestamp, markets, { product: 3 });
  const live = (timestamp: number, price: string): string =>
    odds(timestamp, [market('id="1" status="1"', outcome('1', price))]);
  const HANDED_OVER = '<market id="1" status="-2"/>';

  test('stays open at the price of the live producer when that has reported it', async () => {
    expect(await after(prematch(1, OPEN), live(2, '1.8'), prematch(3, HANDED_OVER))).toEqual({ 1: 1_800 });
  });

  test('is suspended until the live producer reports it', async () => {
    expect(await after(prematch(1, OPEN), prematch(2, HANDED_OVER))).toBeUndefined();
    expect(await after(prematch(1, OPEN), prematch(2, HANDED_OVER), live(3, '1.8'))).toEqual({ 1: 1_800 });
  });

  test('is not taken back, nor closed, by the pre-match producer', async () => {
    for (const later of [
      prematch(4, OPEN),
      prematch(4, '<market id="1" status="0"/>'),
      prematch(4, '<market id="1" status="-1"/>'),
    ]) {
      expect(await after(prematch(1, OPEN), live(2, '1.8'), prematch(3, HANDED_OVER), later)).toEqual({ 1: 1_800 });
      expect(await after(prematch(1, OPEN), live(2, '1.8'), later)).toEqual({ 1: 1_800 });
    }
  });

  test('stays suspended where the live producer has suspended it', async () => {
    expect(
      await after(prematch(1, OPEN), odds(2, ['<market id="1" status="-1"/>']), prematch(3, HANDED_OVER)),
    ).toBeUndefined();
  });

  test('goes back to the pre-match producer when the live one hands it over', async () => {
    expect(await after(live(1, '1.8'), odds(2, [HANDED_OVER]))).toBeUndefined();
    expect(await after(live(1, '1.8'), odds(2, [HANDED_OVER]), prematch(3, OPEN))).toEqual({ 1: 1_900, 2: 2_100 });
  });

  test('follows the live producer down, whatever the pre-match one says', async () => {
    const silent = '<alive product="1" timestamp="9" subscribed="0"/>';
    expect(
      await after(prematch(1, OPEN), live(2, '1.8'), prematch(3, HANDED_OVER), silent, prematch(10, OPEN)),
    ).toBeUndefined();
  });

  test('is settled by any producer without going to it', async () => {
    const { book } = await playUof([
      live(1, '1.8'),
      `<bet_settlement event_id="${MATCH}" timestamp="2" product="3" certainty="2"><outcomes><market id="1"><outcome id="1" result="1"/></market></outcomes></bet_settlement>`,
    ]);
    expect(book(`${MATCH}/1`)).toMatchObject({ st: 'SETTLED', feed: 'uof-1' });
  });
});

describe('a message that is delivered again', () => {
  test('changes nothing when it is older than what is known', async () => {
    expect(await after(first, odds(3, [market('id="1" status="1"', outcome('1', '1.5'))]), first)).toEqual({
      1: 1_500,
    });
    expect(await after(first, odds(3, ['<market id="1" status="0"/>']), first)).toBeUndefined();
    expect(await after(first, `<bet_stop event_id="${MATCH}" timestamp="2" product="1"/>`, first)).toBeUndefined();
  });

  test('does not stop a market with newer odds', async () => {
    const stop = `<bet_stop event_id="${MATCH}" timestamp="2" product="1"/>`;
    expect(await after(first, stop, odds(3, [OPEN]), stop)).toEqual({ 1: 1_900, 2: 2_100 });
  });

  test('is ignored also when it has the timestamp of the newest one', async () => {
    expect(await after(first, odds(1, [market('id="1" status="-1"')]), first)).toBeUndefined();
  });

  test('does not bring a market back to a producer that has handed it over', async () => {
    const live = odds(2, [market('id="1" status="1"', outcome('1', '1.8'))]);
    expect(await after(live, odds(3, ['<market id="1" status="-2"/>']), odds(4, [OPEN], { product: 3 }), live)).toEqual(
      { 1: 1_900, 2: 2_100 },
    );
  });
});

describe('messages out of order', () => {
  test('apply to the markets without newer odds', async () => {
    const both = odds(2, [
      market('id="1" status="1"', outcome('1', '5.0')),
      market('id="2" status="1"', outcome('1', '3.0')),
    ]);
    const { book } = await playUof([odds(3, [OPEN]), both]);
    expect([offered(book(`${MATCH}/1`)), offered(book(`${MATCH}/2`))]).toEqual([{ 1: 1_900, 2: 2_100 }, { 1: 3_000 }]);
  });

  test('do not open a market from before a stop of its event', async () => {
    const stop = `<bet_stop event_id="${MATCH}" timestamp="5" product="1"/>`;
    expect(await after(stop, odds(4, [OPEN]))).toBeUndefined();
    expect(await after(stop, odds(4, [OPEN]), odds(6, [OPEN]))).toEqual({ 1: 1_900, 2: 2_100 });
  });
});

describe('a bet stop', () => {
  const DESCRIBED =
    '<market_descriptions><market id="1" name="Winner" groups="all|score"/><market id="2" name="Corners" groups="all|corners"/></market_descriptions>';
  const all = odds(1, [
    OPEN,
    market('id="2" status="1"', outcome('1', '3.0')),
    market('id="99" status="1"', outcome('1', '3.0')),
  ]);
  const play = async (stop: string): Promise<(string | undefined)[]> => {
    const { book } = await playUof([all, stop], { reference: [DESCRIBED] });
    return ['1', '2', '99'].map((id) => book(`${MATCH}/${id}`)?.st);
  };

  test('of a group suspends its markets, and those whose groups are not known', async () => {
    expect(await play(`<bet_stop event_id="${MATCH}" timestamp="2" product="1" groups="score"/>`)).toEqual([
      'SUSPENDED',
      'OPEN',
      'SUSPENDED',
    ]);
  });

  test.each([
    'groups="all"',
    '',
    'groups=""',
    'groups="all|score"',
    'market_status="7"',
    'market_status="-1" groups="all"',
  ])('with %p suspends every market', async (attributes) => {
    expect(await play(`<bet_stop event_id="${MATCH}" timestamp="2" product="1" ${attributes}/>`)).toEqual([
      'SUSPENDED',
      'SUSPENDED',
      'SUSPENDED',
    ]);
  });

  test('with market_status 0 withdraws them', async () => {
    expect(await play(`<bet_stop event_id="${MATCH}" timestamp="2" product="1" market_status="0"/>`)).toEqual([
      'INACTIVE',
      'INACTIVE',
      'INACTIVE',
    ]);
  });

  test('of another producer suspends them as well', async () => {
    expect(await play(`<bet_stop event_id="${MATCH}" timestamp="0" product="3" market_status="0"/>`)).toEqual([
      'SUSPENDED',
      'SUSPENDED',
      'SUSPENDED',
    ]);
  });
});

describe('further rules', () => {
  test('a market is one id and a set of specifiers, in any order; extended specifiers do not name it', async () => {
    const { books } = await playUof([
      odds(1, [market('id="1" specifiers="set=2|game=3" status="1"', outcome('1', '1.9'))]),
      odds(2, [market('id="1" specifiers="game=3|set=2" extended_specifiers="x=1" status="0"')]),
    ]);
    expect(books.map(({ id, st }) => [id, st])).toEqual([[`uof:${MATCH}/1/game=3|set=2`, 'INACTIVE']]);
  });

  test('odds of a producer that the feed does not follow are not offered', async () => {
    const { books, setAside } = await playUof([odds(1, [OPEN], { product: 5 })]);
    expect(books).toEqual([]);
    expect(setAside).toEqual(["odds of producer 5, which is not among the feed's producers"]);
  });

  test('a fixture that is cancelled stops its event; another change of it does not', async () => {
    expect(
      await after(first, `<fixture_change event_id="${MATCH}" timestamp="2" product="1" change_type="3"/>`),
    ).toBeUndefined();
    expect(
      await after(first, `<fixture_change event_id="${MATCH}" timestamp="2" product="1" change_type="2"/>`),
    ).toEqual({ 1: 1_900, 2: 2_100 });
  });

  test.each([
    [0, false],
    [1, true],
    [2, true],
    [3, false],
    [4, false],
  ])('an event of status %p is in play: %p', async (status, ip) => {
    const { book } = await playUof([odds(1, [OPEN], { inside: `<sport_event_status status="${status}"/>` })]);
    expect(book(`${MATCH}/1`)?.ip).toBe(ip);
  });

  test.each([
    [1, 'OPEN'],
    [0, 'INACTIVE'],
    [-1, 'SUSPENDED'],
    [-2, 'SUSPENDED'],
    [-3, 'CLOSED'],
    [-4, 'CANCELLED'],
  ])('a market of status %p is %p', async (status, st) => {
    const { book } = await playUof([odds(1, [market(`id="1" status="${status}"`, outcome('1', '1.9'))])]);
    expect(book(`${MATCH}/1`)?.st).toBe(st);
  });

  test('a market whose settlement is rolled back is closed until odds of it come', async () => {
    const settled = `<bet_settlement event_id="${MATCH}" timestamp="2" product="1" certainty="1"><outcomes><market id="1"><outcome id="1" result="1"/></market></outcomes></bet_settlement>`;
    const rolledBack = `<rollback_bet_settlement event_id="${MATCH}" timestamp="3" product="1"><market id="1"/></rollback_bet_settlement>`;
    expect(await after(first, settled, rolledBack)).toBeUndefined();
    expect(await after(first, settled, rolledBack, odds(4, [OPEN]))).toEqual({ 1: 1_900, 2: 2_100 });
  });

  test('names are those of the description with everything filled in, or left out', async () => {
    const described =
      '<market_descriptions><market id="1" name="{!goalnr} goal"><outcomes><outcome id="1" name="{$competitor1}"/><outcome id="2" name="{%player}"/></outcomes></market><market id="3" name="{$competitor1} wins"/></market_descriptions>';
    const fixture = `<fixtures_fixture><fixture id="${MATCH}"><competitors><competitor name="Ajax"/><competitor name="Spurs"/></competitors></fixture></fixtures_fixture>`;
    const message = odds(1, [
      market('id="1" specifiers="goalnr=3" status="1"', outcome('1', '1.9'), outcome('2', '1.9')),
      market('id="3" status="1"', outcome('1', '1.9')),
    ]);
    const { book } = await playUof([message], { reference: [described, fixture] });
    expect(book(`${MATCH}/1/goalnr=3`)?.def).toMatchObject({
      name: '3rd goal',
      eventName: 'Ajax v Spurs',
      runners: [{ id: '1', name: 'Ajax' }, { id: '2' }],
    });
    const { book: withoutFixture } = await playUof([message], { reference: [described] });
    expect(JSON.stringify([withoutFixture(`${MATCH}/1/goalnr=3`), withoutFixture(`${MATCH}/3`)])).not.toMatch(
      /[{][$!%]/,
    );
    expect(withoutFixture(`${MATCH}/3`)?.def).not.toHaveProperty('name');
  });
});
