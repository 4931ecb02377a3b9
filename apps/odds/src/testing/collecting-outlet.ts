import type { OddsChange } from '@paddock/contracts';
import type { FeedOutlet } from '../feeds/feed.js';

/** An outlet that remembers, as text where the order of words about the feed and of changes matters. */
export class CollectingOutlet implements FeedOutlet {
  readonly changes: OddsChange[] = [];
  readonly story: string[] = [];
  readonly setAside: { readonly message: string; readonly reason: string }[] = [];
  beats = 0;

  write(changes: readonly OddsChange[]): Promise<void> {
    this.changes.push(...changes);
    this.story.push(...changes.map((change) => ('market' in change ? `${change.type} ${change.market}` : change.type)));
    return Promise.resolve();
  }

  alive(): void {
    this.beats += 1;
  }

  down(reason: string, source?: string): Promise<void> {
    this.story.push(['down', reason, ...(source ? [source] : [])].join(' '));
    return Promise.resolve();
  }

  complete(source?: string): Promise<void> {
    this.story.push(['complete', ...(source ? [source] : [])].join(' '));
    return Promise.resolve();
  }

  quarantine(message: string, reason: unknown): void {
    this.setAside.push({ message, reason: reason instanceof Error ? reason.message : String(reason) });
  }
}
