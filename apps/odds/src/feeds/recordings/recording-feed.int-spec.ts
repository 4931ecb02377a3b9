import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '@paddock/runtime';
import { temporaryDirectory, until } from '@paddock/testing';
import { CollectingOutlet } from '../../testing/collecting-outlet.js';
import { linesOf } from './open-recording.js';
import { RecordingFeed } from './recording-feed.js';

const definition = {
  status: 'OPEN',
  inPlay: false,
  eventId: '9',
  eventTypeId: '7',
  runners: [{ id: 1, status: 'ACTIVE' }],
};
const line = (pt: number, ltp: number, more: object = {}): string =>
  JSON.stringify({ op: 'mcm', pt, clk: `c${pt}`, mc: [{ id: '1.1', rc: [{ id: 1, ltp }], ...more }] });
const linesOver = (ms: number): string[] => [
  line(0, 2, { img: true, marketDefinition: definition }),
  '{"op":"mcm","mc":[{}]}',
  line(ms / 2, 3),
  'no json',
  line(ms, 4),
];
const LINES = linesOver(800);

describe('a recording', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let outlet: CollectingOutlet;
  let stop: AbortController;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    outlet = new CollectingOutlet();
    stop = new AbortController();
  });
  afterEach(() => directory.remove());

  const written = async (name: string, bytes: string | Buffer): Promise<string> => {
    const path = join(directory.path, name);
    await writeFile(path, bytes);
    return path;
  };

  async function play(speed: number, lines = LINES): Promise<number> {
    const path = await written('capture', lines.join('\n'));
    const feed = new RecordingFeed({ key: 'rec', path, speed }, createLogger('test', 'silent'));
    const begun = performance.now();
    const running = feed.run(outlet, stop.signal);
    await until(() => outlet.changes.length === 3);
    const took = performance.now() - begun;
    const completed = (): number => outlet.story.filter((word) => word === 'complete').length;
    const before = completed();
    feed.recover();
    await until(() => completed() > before);
    stop.abort();
    await running;
    return took;
  }

  test('is played as fast as possible, quarantines what it cannot read, and can be reported again', async () => {
    expect(await play(Infinity, linesOver(3_600_000))).toBeLessThan(30_000);
    const unreadable = ['down UNREADABLE', 'complete'];
    expect(outlet.story).toEqual([
      'down RESTART',
      'market rec:1.1',
      'complete',
      ...unreadable,
      'market rec:1.1',
      ...unreadable,
      'market rec:1.1',
      'market rec:1.1',
      'complete',
    ]);
    expect(outlet.setAside.map(({ message }) => message)).toEqual([LINES[1], LINES[3]]);
    expect(outlet.changes.at(-1)).toMatchObject({ img: true, runners: [{ p: 4_000 }] });
  });

  test('is played at its own pace, and twice as fast', async () => {
    expect(await play(1)).toBeGreaterThanOrEqual(790);
    outlet = new CollectingOutlet();
    stop = new AbortController();
    const twice = await play(2);
    expect(twice).toBeGreaterThanOrEqual(390);
  });

  test('is read plain and packed, by its bytes and not its name', async () => {
    // `printf 'one\ntwo\n' | bzip2`
    const bzip2 = Buffer.from('QlpoOTFBWSZTWacUK3cAAALBgAAQAgGEgCAAIYAMAjj1G4u5IpwoSFOKFbuA', 'base64');
    for (const bytes of ['one\ntwo\n', gzipSync('one\ntwo\n'), bzip2]) {
      const lines: string[] = [];
      for await (const one of linesOf(await written('capture.txt', bytes))) lines.push(one);
      expect(lines).toEqual(['one', 'two']);
    }
  });

  test('whose bzip2 is broken fails, and ends nothing else', async () => {
    const path = await written('broken.bz2', Buffer.concat([Buffer.from('BZh91AY&SY'), Buffer.alloc(200, 7)]));
    await expect(linesOf(path).next()).rejects.toThrow();
  });

  test('that is cut off fails, after what could be read', async () => {
    const whole = gzipSync(Array.from({ length: 50_000 }, (_, at) => `line ${at * 7_919}`).join('\n'));
    const path = await written('cut.gz', whole.subarray(0, whole.length / 2));
    const lines: string[] = [];
    await expect(
      (async () => {
        for await (const one of linesOf(path)) lines.push(one);
      })(),
    ).rejects.toThrow('unexpected end of file');
    expect(lines.length).toBeGreaterThan(1_000);
  });
});
