import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@paddock/testing';
import { type Engine, openEngine } from './engine.js';
import { UnsafeRows } from './row-lines.js';
import { lines } from './store.js';

describe('rows from outside', () => {
  let engine: Engine;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    engine = await openEngine({ directory: directory.path });
    await engine.run('CREATE TABLE victim (n Nullable(Int64), s String) ENGINE = MergeTree ORDER BY tuple()');
  });
  afterAll(async () => {
    await engine.close();
    await directory.remove();
  });

  // In chDB 3.4 an empty line within inline data ends it, and what follows runs as SQL.
  it.each([
    ['an empty line', '[1,"a"]\n\nDROP TABLE victim'],
    ['a line of spaces', '[1,"a"]\n   \nDROP TABLE victim'],
    ['a carriage return', '[1,"a"]\r\n\r\nDROP TABLE victim'],
    ['a statement on the next line', '[1,"a"]\nDROP TABLE victim'],
    ['a statement first', 'DROP TABLE victim\n[1,"a"]'],
    ['an end that is empty', '[1,"a"]\n'],
    ['nothing but a line break', '\n'],
  ])('are refused with %s', async (_, rows) => {
    await expect(engine.insert('victim', ['n', 's'], Buffer.from(rows))).rejects.toThrow(UnsafeRows);
    expect(await engine.select('EXISTS TABLE victim')).toEqual([{ result: 1 }]);
  });

  it('carry any text as data', async () => {
    const texts = [
      'a\n\nDROP TABLE victim',
      "'; DROP TABLE victim; --",
      '\\',
      '"]\n["',
      '\u2028',
      '\0',
      '😀',
      '] FORMAT Null',
    ];
    await engine.insert('victim', ['n', 's'], lines(texts.map((text, index) => [index, text])));
    expect((await engine.select('SELECT s FROM victim ORDER BY n')).map(({ s }) => s)).toEqual(texts);
  });
});
