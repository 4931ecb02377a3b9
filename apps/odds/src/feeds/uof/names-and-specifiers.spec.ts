import { expect, test } from 'vitest';
import { fillName } from './name-template.js';
import { canonicalSpecifiers, specifiersOf } from './specifiers.js';

const values = {
  specifiers: specifiersOf('from=4|goalnr=2|hcp=-1.5|mapnr=11|player=sr:player:1|total=2.5|whole=0'),
  eventName: 'Ajax v Spurs',
  competitors: ['Ajax', 'Spurs'],
};

test.each([
  ['Double chance', 'Double chance'],
  ['{$competitor1} or {$competitor2}', 'Ajax or Spurs'],
  ['{$event} winner', 'Ajax v Spurs winner'],
  ['over {total}', 'over 2.5'],
  ['{!goalnr} goal', '2nd goal'],
  ['{!mapnr} map', '11th map'],
  ['{$competitor1} ({+hcp})', 'Ajax (-1.5)'],
  ['{$competitor2} ({-hcp})', 'Spurs (+1.5)'],
  ['({+whole})', '(0)'],
  ['goal {from} to {(from+2)}', 'goal 4 to 6'],
  // Not known: no name at all.
  ['{$competitor3}', undefined],
  ['{%player}', undefined],
  ['{!player}', undefined],
  ['{missing}', undefined],
  ['{', undefined],
  ['{}', undefined],
  ['{{total}}', undefined],
  ['', undefined],
])('the name %p is %p', (template, name) => {
  expect(fillName(template, values)).toBe(name);
});

test.each([
  [undefined, ''],
  ['', ''],
  ['total=2.5', 'total=2.5'],
  ['set=2|game=3|point=1', 'game=3|point=1|set=2'],
  ['variant=sr:exact_goals:6+|score=1:0', 'score=1:0|variant=sr:exact_goals:6+'],
  ['total=2.5|total=3.5', undefined],
  ['total', undefined],
  ['total=', undefined],
  ['=2', undefined],
  ['a=1||b=2', undefined],
  ['a=1=2', undefined],
])('the specifiers %p are %p', (text, canonical) => {
  expect(canonicalSpecifiers(text)).toBe(canonical);
});
