import { type LayoutPages } from '../layouts/layout-pages.js';
import { BlobArena } from './blob-arena.js';
import { Environment, type EnvironmentListener } from './environment.js';

/** The environments that this edge knows. Once known, one is served for good: that Redis lost it is no reason to stop. */
export class Environments {
  readonly arena = new BlobArena();
  private readonly byName = new Map<string, Environment>();
  private readonly listeners: EnvironmentListener[] = [];
  /** Has the list of environments been read? Until then an unknown name may still become valid. */
  complete = false;

  constructor(private readonly pagesOf: (environment: string) => LayoutPages) {}

  find(name: string): Environment | undefined {
    return this.byName.get(name);
  }

  all(): Environment[] {
    return [...this.byName.values()];
  }

  /** The environment of that name, from now on known. */
  add(name: string): Environment {
    const known = this.byName.get(name);
    if (known) return known;
    const environment = new Environment(name, this.arena, this.pagesOf(name));
    for (const listener of this.listeners) environment.listen(listener);
    this.byName.set(name, environment);
    return environment;
  }

  /** Hears of every environment, also of those that turn up later. */
  listen(listener: EnvironmentListener): void {
    this.listeners.push(listener);
    for (const environment of this.byName.values()) environment.listen(listener);
  }
}
