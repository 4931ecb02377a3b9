import { compileUpstream, type Upstream, type UpstreamEnvironment } from './upstream.js';
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
   * Makes other upstreams ready; what it returns puts them in the place of those before, and cannot fail. What an upstream
   * was asked under other terms stays in the memory of the proxy until its window ends, for questions that are the same.
   * @throws InvalidUpstreams or UnusableUpstream
   */
  prepare(documents: Iterable<UpstreamDocument>): () => void {
    const next = new Map<string, Upstream>();
    for (const document of documents) next.set(document.key, compileUpstream(document.key, readUpstream(document), this.environment));
    return () => {
      this.current = next;
    };
  }
}
