import { expect, test } from 'vitest';
import { validateSync } from 'class-validator';
import 'reflect-metadata';
import { IsEmailAddress } from './is-email-address.js';

class Input {
  @IsEmailAddress() email: string;

  constructor(email: string) {
    this.email = email;
  }
}

const isAccepted = (email: string): boolean => validateSync(new Input(email)).length === 0;

test.each(['a@x.yz', "Ann.O'Brien+news@shop.example", 'jörg@example.de', 'ab@sub.example.co.uk'])(
  '%s is accepted',
  (email) => {
    expect(isAccepted(email)).toBe(true);
  },
);

test.each([
  ['a filler of Hangul', 'a\uffa0@x.yz'],
  ['a zero-width space', 'a\u200b@x.yz'],
  ['an override of direction', 'a\u202e@x.yz'],
  ['letters of another width', '\uff41b@x.yz'],
  ['a letter and its accent apart', 'jo\u0308rg@example.de'],
  ['half a surrogate pair', 'a\ud800@x.yz'],
])('%s is refused', (_, email) => {
  expect(isAccepted(email)).toBe(false);
});
