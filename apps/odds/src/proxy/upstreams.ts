import { compileUpstream, type Upstream, type UpstreamEnvironment } from './upstream.js';
import { readUpstream, type UpstreamDocument } from './upstream-schema.js';

/** Upstreams that are ready, and why others cannot be used, by key. */
export interface PreparedUpstreams {
  readonly refused: ReadonlyMap<string, string>;
  /** Replaces the upstreams; cannot fail. */
  takeOver(): void;
}

/** The current upstreams. They change together or not at all. */
export class Upstreams {
  private current: ReadonlyMap<string, Upstream> = new Map();

  constructor(private readonly environment: UpstreamEnvironment) {}

  find(key: string): Upstream | undefined {
    return this.current.get(key);
  }

  get keys(): readonly string[] {
    return [...this.current.keys()];
  }

  /**
   * Prepares new upstreams. Answers from before the change stay in the memory of the proxy until their window ends, for
   * equal questions.
   */
  prepare(documents: Iterable<UpstreamDocument>): PreparedUpstreams {
    const next = new Map<string, Upstream>();
    const refused = new Map<string, string>();
    for (const document of documents) {
      try {
        next.set(document.key, compileUpstream(document.key, readUpstream(document), this.environment));
      } catch (error) {
        refused.set(document.key, error instanceof Error ? error.message : String(error));
      }
    }
    return { refused, takeOver: () => void (this.current = next) };
  }
}
