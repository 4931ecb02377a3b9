import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { open, parseSealingKey, seal } from './sealed-secret.js';

const KEY = randomBytes(32);

describe('a sealed secret', () => {
  it('opens with its key in its context, and looks different every time', () => {
    const [one, other] = [seal('pässword', KEY, 'old-shop'), seal('pässword', KEY, 'old-shop')];
    expect(one).not.toBe(other);
    expect([open(one, KEY, 'old-shop'), open(other, KEY, 'old-shop')]).toEqual(['pässword', 'pässword']);
  });

  it('does not open with another key, in another context, or when it was changed', () => {
    const sealed = seal('password', KEY, 'old-shop');
    const end = sealed.at(-2) === 'A' ? 'B' : 'A';
    expect(open(sealed, randomBytes(32), 'old-shop')).toBeUndefined();
    expect(open(sealed, KEY, 'new-shop')).toBeUndefined();
    expect(open(`${sealed.slice(0, -2)}${end}${sealed.slice(-1)}`, KEY, 'old-shop')).toBeUndefined();
    expect(open('v1.AAAA', KEY, 'old-shop')).toBeUndefined();
    expect(open('password', KEY, 'old-shop')).toBeUndefined();
  });

  it.each([
    [KEY.toString('hex'), true],
    [KEY.toString('base64'), true],
    ['short', false],
    ['', false],
  ])('takes %j as a key: %s', (text, taken) => {
    expect(parseSealingKey(text) !== undefined).toBe(taken);
  });
});
