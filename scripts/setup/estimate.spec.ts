import { describe, expect, test } from 'vitest';
import { roughly, secondsLeft } from './estimate.mjs';

const PLAN = [
  { title: 'install', seconds: 40 },
  { title: 'compile', seconds: 10 },
  { title: 'start', seconds: 20 },
];

describe('what is left of a plan', () => {
  test('is all of it before anything has ended, less what the running step has had', () => {
    expect(secondsLeft(PLAN, new Map(), new Map([['install', 15]]))).toBe(55);
  });

  test('grows on a slow machine and shrinks on a fast one, as the finished steps show', () => {
    expect(secondsLeft(PLAN, new Map([['install', 80]]), new Map())).toBe(60);
    expect(secondsLeft(PLAN, new Map([['install', 20]]), new Map())).toBe(15);
  });

  test('a step that takes longer than planned has no time left, never less than none', () => {
    expect(secondsLeft(PLAN, new Map(), new Map([['install', 90]]))).toBe(30);
  });

  test('one step that came from a cache does not promise that the rest takes no time', () => {
    expect(secondsLeft(PLAN, new Map([['install', 0]]), new Map())).toBe(7.5);
  });

  test('is nothing at the end', () => {
    expect(secondsLeft(PLAN, new Map(PLAN.map(({ title, seconds }) => [title, seconds])), new Map())).toBe(0);
  });
});

test.each([
  [2, 'a few seconds'],
  [12, 'about 10 s'],
  [88, 'about 90 s'],
  [130, 'about 2 min'],
])('%d s is shown as %s', (seconds, text) => {
  expect(roughly(seconds)).toBe(text);
});
