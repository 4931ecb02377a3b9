import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isHazardRun, until } from '@paddock/testing';
import type { Release } from '../../apps/control-plane/src/testing/editor.js';
import type { GraphqlResult } from '../../apps/control-plane/src/testing/graphql-client.js';
import type { Installation } from './installation.js';
import type { Attempt } from './judge/history.js';

/** Where two promos stand that every release changes together: a response in which they differ mixes two releases. */
export const TWINS_PATH = '/v1/production/sites/acme-uk/layouts/twins';

/** `npm test` publishes at a busy editors' pace, `npm run test:hazards` as fast as publishes are answered. */
const PACE_MS = isHazardRun() ? 0 : 150;
/** Longer than the longest outage. */
const PATIENCE_MS = 240_000;

/**
 * Publishes a page with two promos and records every answer. After a broken connection it retries with the same key.
 */
export class TwinPublisher {
  readonly attempts: Attempt[] = [];

  private readonly keys: readonly string[];

  constructor(
    private readonly installation: Installation,
    /** Of the page; begins the keys of its promos. */
    private readonly name = 'twins',
  ) {
    this.keys = [`${name}-a`, `${name}-b`];
  }

  /** Puts the page there. */
  async begin(): Promise<void> {
    const { editor } = this.installation;
    const promos = await Promise.all(this.keys.map((key) => editor.promo(key, { title: 'begin' })));
    const layout = await editor.layout(this.name, {
      page: this.name,
      slots: [{ name: 'pair', items: this.keys.map((promo) => ({ promo })) }],
    });
    await editor.land([...promos, layout], { title: `Begin ${this.name}` });
    await this.installation.converged();
  }

  /** Edits and creates a release, retrying through failures; nothing becomes live yet. */
  async prepare(marker = `${this.name} ${this.attempts.length + 1}`): Promise<{ release: Release; marker: string }> {
    const { editor } = this.installation;
    const release = await until(
      async () => {
        const promos: string[] = [];
        for (const key of this.keys) promos.push(await editor.promo(key, { title: marker }));
        const { data } = await editor.createRelease(promos, { title: marker });
        const created = data?.createRelease as (Release & { __typename: string }) | undefined;
        return created?.__typename === 'Release' ? created : undefined;
      },
      { timeoutMs: PATIENCE_MS, what: `a release of ${marker}` },
    );
    return { release, marker };
  }

  /** Publishes what was prepared, asking until the answer is known. */
  async land({ release, marker }: { release: Release; marker: string }): Promise<Attempt> {
    const attempt: Attempt = { key: randomUUID(), marker, from: performance.now(), unknown: [], settled: undefined };
    this.attempts.push(attempt);
    await until(
      async () => {
        attempt.settled = await this.ask(release, attempt);
        return attempt.settled;
      },
      { timeoutMs: PATIENCE_MS, everyMs: 100, what: `an answer about ${marker}` },
    );
    return attempt;
  }

  async publish(marker?: string): Promise<Attempt> {
    return this.land(await this.prepare(marker));
  }

  /** Publishes again and again, at most once in `everyMs`; the returned function ends that after the publish under way. */
  repeat(everyMs = PACE_MS): () => Promise<void> {
    let stopping = false;
    const done = (async () => {
      while (!stopping) await Promise.all([this.publish(), delay(everyMs)]);
    })();
    // The caller that stops it awaits it; until then a failure must not end the process.
    done.catch(() => undefined);
    return () => {
      stopping = true;
      return done;
    };
  }

  private async ask(release: Release, attempt: Attempt): Promise<Attempt['settled']> {
    const result = await this.installation.editor
      .publish(release.id, release.plan?.planHash ?? '', attempt.key)
      .catch((error: unknown) => String(error));
    if (typeof result === 'string') {
      attempt.unknown.push(result);
      return undefined;
    }
    return this.understand(result, attempt);
  }

  private understand({ status, data, errors }: GraphqlResult, attempt: Attempt): Attempt['settled'] {
    const answer = data?.publishRelease as
      { __typename: string; id: string; seq: number; code: string } | null | undefined;
    if (answer?.__typename === 'Release') return { releaseId: answer.id, seq: answer.seq };
    if (answer) return { refused: answer.code };
    // Several fields of one answer may have lost the database.
    attempt.unknown.push(`${status} ${[...new Set(errors.map(({ extensions }) => extensions.code))].join()}`);
    return undefined;
  }
}
