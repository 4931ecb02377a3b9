import { describe, expect, it } from 'vitest';
import { comparedName, sentNames } from './event-names.js';

describe('the names under which an event is sent', () => {
  it.each<[string, { event: string; names?: string[] }, string[]]>([
    [
      'its own name and two spellings of it',
      { event: 'order_completed' },
      ['order_completed', 'Order Completed', 'orderCompleted'],
    ],
    ['one word', { event: 'page' }, ['page', 'Page']],
    ['a name that is no snake case', { event: 'orderCompleted' }, ['orderCompleted', 'OrderCompleted']],
    ['an empty list: its own name alone', { event: 'order_completed', names: [] }, ['order_completed']],
    [
      'listed names in any script',
      { event: 'ordered', names: ['注文完了', 'Товар добавлен'] },
      ['ordered', '注文完了', 'Товар добавлен'],
    ],
    ['a listed name once, in one form', { event: 'cafe', names: ['Café', 'Cafe\u0301'] }, ['cafe', 'Café']],
  ])('%s', (_, contract, expected) => {
    expect(sentNames(contract)).toEqual(expected);
  });

  it.each([
    ['Café Viewed', 'Caf Viewed'],
    ['Viewed', 'viewed'],
    ['Order  Completed', 'Order Completed'],
    ['Übersicht', 'bersicht'],
    ['ﬁle', 'file'],
    ['И', 'Й'],
  ])('keeps %j and %j apart', (one, other) => {
    expect(comparedName(one)).not.toBe(comparedName(other));
  });

  it('takes an accent as the same letter, whether it is composed or apart', () => {
    expect(comparedName('Cafe\u0301 Viewed')).toBe(comparedName('Caf\u00e9 Viewed'));
  });
});
