/** A feed that reads messages one by one; nothing runs it yet. @returns {import('./skeleton.mjs').Skeleton} */
export function feedSkeleton(/** @type {import('./names.mjs').Names} */ { file, type, words }) {
  const folder = `apps/odds/src/feeds/${file}`;
  return {
    files: {
      [`${folder}/read-message.ts`]: `import { type OddsChange, parseOddsChange } from '@paddock/contracts';

/**
 * What a message of ${words} says, in the words of Paddock. So far a message is a change as it is in the event log; the
 * parser of the real messages takes its place.
 * @throws when the message cannot be understood
 */
export function readMessage(message: string): readonly OddsChange[] {
  const change = parseOddsChange(message);
  if (!change) throw new Error('no change of odds');
  return [change];
}
`,
      [`${folder}/${file}-feed.ts`]: `import { DEFAULT_LIMITS } from '../../markets/feed-watch.js';
import type { Feed, FeedOutlet } from '../feed.js';
import { readMessage } from './read-message.js';

export interface ${type}FeedOptions {
  readonly key: string;
  /** The messages of the source, until the signal aborts. */
  readonly messages: (signal: AbortSignal) => AsyncIterable<string>;
  /** Asks the source to send the state of all markets. */
  readonly requestState: () => void;
}

/** Odds of ${words}. */
export class ${type}Feed implements Feed {
  readonly keys: readonly [string];
  readonly limits = DEFAULT_LIMITS;

  constructor(private readonly options: ${type}FeedOptions) {
    this.keys = [options.key];
  }

  async run(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    await outlet.down('RESTART');
    for await (const message of this.options.messages(signal)) {
      outlet.alive();
      await this.read(message, outlet);
    }
  }

  recover(): void {
    this.options.requestState();
  }

  private async read(message: string, outlet: FeedOutlet): Promise<void> {
    try {
      await outlet.write(readMessage(message));
    } catch (error) {
      outlet.quarantine(message, error);
      // Any market may have changed.
      await outlet.down('UNREADABLE');
    }
  }
}
`,
      [`${folder}/${file}-feed.spec.ts`]: `import { expect, test } from 'vitest';
import { CollectingOutlet } from '../../testing/collecting-outlet.js';
import { ${type}Feed } from './${file}-feed.js';

async function* given(...messages: string[]): AsyncGenerator<string> {
  for (const message of messages) yield await Promise.resolve(message);
}

async function outletAfter(...messages: string[]): Promise<CollectingOutlet> {
  const outlet = new CollectingOutlet();
  const feed = new ${type}Feed({ key: '${file}', messages: () => given(...messages), requestState: () => undefined });
  await feed.run(outlet, new AbortController().signal);
  return outlet;
}

test('a feed is down until its source has sent the state of all markets', async () => {
  expect((await outletAfter()).story).toEqual(['down RESTART']);
});

test('a message is written as the changes that it says', async () => {
  const change = { type: 'feed_alive', source: '${file}', at: 1 };
  expect((await outletAfter(JSON.stringify(change))).changes).toEqual([change]);
});

test('a message that cannot be understood is set aside, and no market is believed from then on', async () => {
  const outlet = await outletAfter('{"odds":2}');
  expect(outlet.setAside).toEqual([{ message: '{"odds":2}', reason: 'no change of odds' }]);
  expect(outlet.story).toEqual(['down RESTART', 'down UNREADABLE']);
});

test('it asks the source for its state when it has to recover', () => {
  let requests = 0;
  const feed = new ${type}Feed({ key: '${file}', messages: () => given(), requestState: () => (requests += 1) });
  feed.recover();
  expect(requests).toBe(1);
});
`,
    },
    insertions: [],
    left: [
      `the parser of the source's messages, within bounds, and the call of outlet.complete() when all was sent: ${folder}/`,
      `a row for the parser: test/parsers/worst-inputs.spec.ts`,
      'its settings in a document: libs/contracts/odds-feed.ts, apps/control-plane/src/kinds/odds-feed/',
      'its settings in the service, and the case that makes it: apps/odds/src/feeds/feed-config.ts, config/to-feed-config.ts, feeds/create-feed.ts',
      'docs/market-rules.md; all steps: CONTRIBUTING.md, "a feed of odds"',
    ],
  };
}
