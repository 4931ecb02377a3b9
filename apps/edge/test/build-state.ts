import {
  advanceStateHash,
  canonicalJson,
  EMPTY_STATE,
  type LandedChange,
  type LayoutBody,
  type PromoBody,
  sha256Hex,
} from '@paddock/contracts';
import { LayoutPages, PageCaches } from '../src/layouts/layout-pages.js';
import { BlobArena } from '../src/state/blob-arena.js';
import { BodyCache } from '../src/state/body-cache.js';
import { readBody } from '../src/state/decode-body.js';
import { Environment, type Step } from '../src/state/environment.js';
import { LiveState } from '../src/state/live-state.js';

/** An edit of a document without a site of its own to care about. */
export interface DocumentEdit {
  kind: 'promo' | 'layout';
  key: string;
  site?: string;
  /** Without a body it is removed. */
  body?: PromoBody | LayoutBody;
}

/** An environment in memory that releases can be landed in, without Redis or disk. */
export class MemoryEnvironment {
  readonly arena = new BlobArena();
  readonly cache = new BodyCache();
  readonly environment: Environment;

  constructor(name = 'production') {
    this.environment = new Environment(
      name,
      this.arena,
      new LayoutPages(name, new PageCaches(1 << 20), () => undefined),
    );
    this.environment.replace(new LiveState({ epoch: 'e1', seq: 0, stateHash: EMPTY_STATE }, this.cache.decode), {
      sha256: 'a'.repeat(64),
      settings: {
        environment: name,
        version: 1,
        anonymousReads: true,
        sites: ['acme-uk', 'acme-de'].map((key) => ({ key, name: key, jurisdiction: 'GB', locale: 'en-GB' })),
        clientKeys: [],
      },
    });
  }

  get state(): LiveState {
    const { state } = this.environment;
    if (!state) throw new Error('replaced in the constructor');
    return state;
  }

  /** A release as a step that can be written and applied. */
  step(edits: readonly DocumentEdit[]): Step {
    const updates = edits.map(({ kind, key, site = 'acme-uk', body }) => {
      const ref = { kind, site, key };
      if (!body) return this.state.prepare({ ref, next: null });
      const json = canonicalJson(body);
      const blob = this.arena.put(sha256Hex(json), Buffer.from(json));
      return this.state.prepare({ ref, next: { blob, ...readBody(kind, Buffer.from(json)) } });
    });
    const { epoch, seq, stateHash: before } = this.state.position;
    const items = updates.map(({ ref, next }) => ({ ...ref, sha256: next?.blob.sha256 ?? null }));
    const stateHash = advanceStateHash(
      before,
      updates.map(({ ref, previous, next }) => ({
        ref,
        before: previous?.document.blob.sha256 ?? null,
        after: next?.blob.sha256 ?? null,
      })),
    );
    const change: LandedChange = {
      seq: seq + 1,
      releaseId: `r${seq + 1}`,
      type: 'FORWARD',
      title: 'x',
      landedAt: '2026-11-20T12:00:00Z',
      items,
      stateHash,
    };
    return { position: { epoch, seq: seq + 1, stateHash }, changes: [change], updates, settings: undefined };
  }

  apply(step: Step): void {
    this.environment.advance(step, this.environment.impactOf(step.changes, step.updates));
  }

  land(edits: readonly DocumentEdit[]): Step {
    const step = this.step(edits);
    this.apply(step);
    return step;
  }
}

/** Everything live, as text that two states can be compared by. */
export function contentOf(state: LiveState): string[] {
  return [...state.documents()].map(({ ref, blob }) => `${ref} ${blob.bytes().toString('utf8')}`).sort();
}
