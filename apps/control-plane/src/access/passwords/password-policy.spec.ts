import { describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { MAX_PASSWORD_LENGTH, passwordProblems } from './password-policy.js';

const CONTEXT = { email: 'ada.lovelace@acme.example', name: 'Ada Lovelace', sites: ['acme-uk', 'ACME United Kingdom'] };
const codes = (password: string) => passwordProblems(password, CONTEXT).map(({ code }) => code);

describe('a new password', () => {
  it.each([
    ['correct horse battery'],
    ['correct horse battery staple'],
    ['a long enough password'],
    ['a new and longer one'],
    ['tOGuo-mgL9I3yncZ'],
    ['my dog ate 14 sausages'],
    ['paddock of seven grey geese'],
    ['Regen auf grünen Dächern'],
    ['новый длинный пароль здесь'],
    ['馬と柵の間に七羽の鵞鳥がいる朝'],
    ['🐎🦊🌧️🚲🧀🎻🪁🧭🕯️🥁🪴🧵🐙🍋🎲'],
    ['     seven spaces before'],
    ['p@ssword is not my whole passphrase'],
    ['x'.repeat(3) + 'Kc8!vQz2mW9_rLd4'],
  ])('%j is accepted', (password) => {
    expect(codes(password)).toEqual([]);
  });

  it('drawn at random is accepted', () => {
    for (let n = 0; n < 2_000; n += 1) expect(codes(randomBytes(12).toString('base64url'))).toEqual([]);
  });

  it('has at least 15 characters, each code point one', () => {
    expect(codes('Kc8!vQz2mW9_rL')).toEqual(['TOO_SHORT']);
    expect(codes('Kc8!vQz2mW9_rLd')).toEqual([]);
    expect(codes('🐎🦊🌧🚲🧀🎻🪁🧭')).toEqual(['TOO_SHORT']);
  });

  it('may be longer than the 64 characters of the standard, but not endless', () => {
    const passphrase = Array.from({ length: 40 }, (_, n) => `w${n * n}`)
      .join(' ')
      .slice(0, MAX_PASSWORD_LENGTH);
    expect(codes(passphrase.slice(0, 64))).toEqual([]);
    expect(codes(passphrase)).toEqual([]);
    expect(codes(`${passphrase}${'y'.repeat(MAX_PASSWORD_LENGTH)}`)).toContain('TOO_LONG');
  });

  it.each([['\u0000'.repeat(16)], ['Kc8!vQz2mW9\u0007rLd4'], ['Kc8!vQz2mW9\ud800rLd4'], ['Kc8!vQz2mW9\u0378rLd4']])(
    '%j has characters that it must not have',
    (password) => {
      expect(codes(password)).toContain('CONTROL_CHARACTER');
    },
  );

  it.each([
    ['aaaaaaaaaaaaaaaa'],
    ['                '],
    ['\u00a0\u2003 \u3000'.repeat(4)],
    ['123456789012345'],
    ['1234567890123456'],
    ['0987654321098765'],
    ['abcdefghijklmnop'],
    ['zyxwvutsrqponmlk'],
    ['qwertyuiopasdfghjkl'],
    ['qwertzuiopasdfgh'],
    ['azertyuiopqsdfgh'],
    ['1q2w3e4r5t6y7u8i'],
    ['1qaz2wsx3edc4rfv5tgb'],
    ['abcabcabcabcabcabc'],
    ['aaaabbbbccccdddd'],
    ['xyxyxyxyxyxyxyxyx'],
    ['１２３４５６７８９０１２３４５'],
  ])('%j is predictable', (password) => {
    expect(codes(password)).toContain('PREDICTABLE_PASSWORD');
  });

  it.each([
    ['password12345678'],
    ['Password2026!!!!'],
    ['P@ssw0rd20261130'],
    ['passwordpassword'],
    ['PasswordPassword1'],
    ['12345678password'],
    ['!!!sunshine!!!2026'],
    ['letmein.letmein.1'],
    ['polniypizdec0211'],
    ['sunshinebaseball'],
    ['Welcome-Password-1'],
    ['ｐａｓｓｗｏｒｄ１２３４５６７８'],
  ])('%j is derived from a common one', (password) => {
    expect(codes(password)).toContain('COMMON_PASSWORD');
  });

  it.each([
    ['paddockpaddock'],
    ['Paddock-Sportsbook'],
    ['paddock-2026-11-30'],
    ['P4dd0ck!P4dd0ck!'],
    ['ada.lovelace@acme.example'],
    ['ops-team@acme.example'],
    ['AdaLovelace1815!'],
    ['lovelace-lovelace'],
    ['acme-uk-acme-uk-1'],
    ['acme-uk-sportsbook-2026'],
    ['paddock-password-1'],
    ['adminpaddock2026'],
    ['ACME United Kingdom 1'],
  ])('%j is derived from its context', (password) => {
    expect(codes(password)).toContain('CONTEXT_PASSWORD');
  });

  it('returns every rule that is broken', () => {
    expect(codes('aaaaaaaaaaaa')).toEqual(['TOO_SHORT', 'PREDICTABLE_PASSWORD']);
    expect(codes('password1234')).toEqual(['TOO_SHORT', 'COMMON_PASSWORD']);
    expect(codes('')).toEqual(['TOO_SHORT']);
  });

  it('is judged in milliseconds at the size limit', () => {
    const worst = ['ab', 'acmeuk', 'password', 'a', '1', 'adalovelace'].map((word) =>
      word.repeat(200).slice(0, MAX_PASSWORD_LENGTH),
    );
    for (const password of ['warm-up', ...worst]) {
      const began = performance.now();
      codes(`${password}#`);
      if (password !== 'warm-up') expect(performance.now() - began).toBeLessThan(50);
    }
  });
});
