import type { News } from './shared-state.js';

/** Notifies the waiters of this process about questions. */
export class Notifier {
  private readonly listeners = new Map<string, Set<() => void>>();

  /** Wakes the waiters of a question. */
  notify(id: string): void {
    for (const listener of this.listeners.get(id) ?? []) listener();
  }

  subscribe(id: string): News {
    let unheard = false;
    let wake: (() => void) | undefined;
    const listener = (): void => {
      unheard = true;
      wake?.();
    };
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return {
      async next(ms, signal) {
        if (!unheard && !signal.aborted) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, ms);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
            signal.addEventListener('abort', wake, { once: true });
          });
          if (wake) signal.removeEventListener('abort', wake);
        }
        wake = undefined;
        unheard = false;
      },
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.listeners.get(id) === listeners) this.listeners.delete(id);
      },
    };
  }
}
