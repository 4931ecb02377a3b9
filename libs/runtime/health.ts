/** The result of a check. `ok: false` makes the process not ready; further members are shown to the operator unchanged. */
export interface CheckResult {
  ok: boolean;
  [detail: string]: unknown;
}

/** Whether a process can do its work, check by check. */
export interface Readiness {
  ready: boolean;
  checks: Record<string, CheckResult>;
  /** Further facts, added by {@link Health.tell}. */
  [fact: string]: unknown;
}

/** A check that takes longer counts as failed. */
const CHECK_TIMEOUT_MS = 2_000;

/** Collects the checks of a process's parts; `/readyz` answers with all of them. */
export class Health {
  private readonly checks = new Map<string, () => Promise<CheckResult> | CheckResult>();
  private readonly facts = new Map<string, () => unknown>();

  /** Registers a check. It may throw: the message is then shown and the process is not ready. */
  register(name: string, check: () => Promise<CheckResult> | CheckResult): void {
    this.checks.set(name, check);
  }

  /** Registers a fact that is shown beside the checks and has no effect on readiness. */
  tell(name: string, fact: () => unknown): void {
    this.facts.set(name, fact);
  }

  async readiness(): Promise<Readiness> {
    const results = await Promise.all([...this.checks].map(async ([name, check]) => [name, await run(check)] as const));
    const facts = Object.fromEntries([...this.facts].map(([name, fact]) => [name, fact()]));
    return { ...facts, ready: results.every(([, result]) => result.ok), checks: Object.fromEntries(results) };
  }
}

async function run(check: () => Promise<CheckResult> | CheckResult): Promise<CheckResult> {
  const timeout = Promise.withResolvers<CheckResult>();
  const timer = setTimeout(
    () => timeout.resolve({ ok: false, error: `no answer within ${CHECK_TIMEOUT_MS} ms` }),
    CHECK_TIMEOUT_MS,
  );
  try {
    return await Promise.race([check(), timeout.promise]);
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
