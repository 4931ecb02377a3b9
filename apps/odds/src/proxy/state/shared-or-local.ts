import { LocalState } from './local-state.js';
import type { Claim, News, Permit, Question, SharedState } from './shared-state.js';

/** After a failure of the shared state, how long the process decides by itself before it tries again. */
const BY_OURSELVES_MS = 2_000;

/**
 * Agrees with other processes where that is possible, and within this one where it is not. Requests of this process are
 * noted in both, so that it asks nothing twice when the shared state is lost in the middle of a window.
 */
export class SharedOrLocal implements SharedState {
  private aloneUntil = 0;

  constructor(
    private readonly shared: SharedState,
    private readonly onFailure: (error: unknown) => void,
    private readonly local = new LocalState(),
    private readonly now: () => number = Date.now,
  ) {}

  get alone(): boolean {
    return this.now() < this.aloneUntil;
  }

  async claim(question: Question, counted: string | undefined): Promise<Claim> {
    if (this.alone) return this.local.claim(question, counted);
    let claim: Claim;
    try {
      claim = await this.shared.claim(question, counted);
    } catch (error) {
      this.failed(error);
      return this.local.claim(question, counted);
    }
    if (claim.kind === 'RUNNING') {
      const { leave } = claim;
      return { ...claim, leave: () => leave().catch((error: unknown) => this.failed(error)) };
    }
    if (claim.kind !== 'YOURS') return claim;
    const noted = await this.local.claim(question, undefined);
    return { kind: 'YOURS', permit: this.both(claim.permit, noted.kind === 'YOURS' ? noted.permit : undefined) };
  }

  news(question: Question): News {
    const [shared, local] = [this.shared.news(question), this.local.news(question)];
    return {
      async next(ms, signal) {
        const heard = new AbortController();
        const either = AbortSignal.any([signal, heard.signal]);
        await Promise.race([shared.next(ms, either), local.next(ms, either)]);
        heard.abort();
      },
      close() {
        shared.close();
        local.close();
      },
    };
  }

  private both(permit: Permit, noted: Permit | undefined): Permit {
    return {
      window: permit.window,
      settle: async (outcome) => {
        await noted?.settle(outcome);
        try {
          return await permit.settle(outcome);
        } catch (error) {
          this.failed(error);
          return true;
        }
      },
      abandon: async () => {
        try {
          if (!(await permit.abandon())) return false;
        } catch (error) {
          this.failed(error);
        }
        await noted?.abandon();
        return true;
      },
    };
  }

  private failed(error: unknown): void {
    this.aloneUntil = this.now() + BY_OURSELVES_MS;
    this.onFailure(error);
  }
}
