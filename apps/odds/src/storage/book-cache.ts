import type { Redis } from 'ioredis';
import { type BooksSnapshot, type MarketBook, oddsBooksKey } from '@paddock/contracts';

/** The newest books in Redis, for readers that start: see `oddsBooksKey`. May be lost at any moment; it is then rewritten. */
export class BookCache {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /** Is this partition's last write still there? */
  async holds(partition: number, { epoch }: Pick<BooksSnapshot, 'epoch'>): Promise<boolean> {
    const json = await this.redis.hget(oddsBooksKey(this.prefix, partition), '');
    if (json === null) return false;
    const snapshot: BooksSnapshot = JSON.parse(json);
    return snapshot.epoch === epoch;
  }

  /** Writes changed books, or with `whole` replaces everything; readers see all of it or nothing. */
  async save(
    partition: number,
    snapshot: BooksSnapshot,
    {
      books,
      forgotten,
      whole,
    }: { readonly books: readonly MarketBook[]; readonly forgotten: readonly string[]; readonly whole: boolean },
  ): Promise<void> {
    const key = oddsBooksKey(this.prefix, partition);
    const transaction = this.redis.multi();
    if (whole) transaction.del(key);
    else if (forgotten.length > 0) transaction.hdel(key, ...forgotten);
    transaction.hset(key, {
      '': JSON.stringify(snapshot),
      ...Object.fromEntries(books.map((book) => [book.id, JSON.stringify(book)])),
    });
    const results = await transaction.exec();
    for (const [error] of results ?? []) if (error) throw error;
  }
}
