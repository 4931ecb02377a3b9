import { describe, expect, it } from 'vitest';
import { shortCodesIn, withoutShortCodes } from './short-codes.js';

describe('placeholders of a back office', () => {
  it.each([
    ['Hello {{customVar code=name}}!', 'Hello !', ['short code customVar']],
    ['<a href="{{store url="sale"}}">Sale</a>', '<a href="">Sale</a>', ['short code store']],
    ['{{widget title="{{trans}}"}}x', 'x', ['short code trans', 'short code widget']],
    ['News {loadposition left}', 'News ', ['short code loadposition']],
    [
      'See [gallery ids="1,2"] and [button link="/x"]this[/button]',
      'See  and this',
      ['short code gallery', 'short code button'],
    ],
  ])('%s', (text, rest, removed) => {
    expect(withoutShortCodes(text, ['BRACES', 'BRACKETS'])).toEqual({ text: rest, removed });
    expect(shortCodesIn(text)).not.toEqual([]);
  });

  it.each([
    'Bet [10] get {20}',
    'A [link](/to)',
    'if (a) { return b; }',
    '.a { color: red; }',
    'He said [Free bets] today',
    '{"a": 1}',
  ])('%s has no short codes', (text) => {
    expect(shortCodesIn(text)).toEqual([]);
    expect(withoutShortCodes(text, ['BRACES', 'BRACKETS'])).toEqual({ text, removed: [] });
  });

  it('marks-that-never-end: are passed over in time that grows with the text', () => {
    const started = performance.now();
    for (const mark of ['{{', '[a ', '{a ', '[a b=', '{{a}}{'])
      withoutShortCodes(mark.repeat(20_000), ['BRACES', 'BRACKETS']);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
