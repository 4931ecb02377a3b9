import { compileUpstream, RefusedCredential, type Upstream, type UpstreamEnvironment } from './upstream.js';
import { readUpstream, type UpstreamDocument } from './upstream-schema.js';

/** The upstreams that there are now. They change together or not at all. */
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
   * Makes other upstreams ready; what it returns puts them in the place of those before, and cannot fail. An upstream
   * whose credential may not be sent to it is left out, and said; it holds up no other. What an upstream
   * was asked under other terms stays in the memory of the proxy until its window ends, for questions that are the same.
   * @throws InvalidUpstreams or UnusableUpstream
   */
  prepare(documents: Iterable<UpstreamDocument>): () => string[] {
    const next = new Map<string, Upstream>();
    const refused: string[] = [];
    for (const document of documents) {
      try {
        next.set(document.key, compileUpstream(document.key, readUpstream(document), this.environment));
      } catch (error) {
        if (!(error instanceof RefusedCredential)) throw error;
        refused.push(error.message);
      }
    }
    return () => {
      this.current = next;
      return refused;
    };
  }
}
