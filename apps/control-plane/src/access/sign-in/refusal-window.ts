export const WINDOW_MS = 60_000;

/** Number of refused attempts per minute for unknown addresses that have their own entry. */
export const ALONE_PER_WINDOW = 20;

/** How many different addresses are counted; beyond that there are "this many or more". */
const MAX_DISTINCT = 10_000;

export interface RefusedAttempt {
  email: string;
  ip: string;
  /** Of the user with that address, where there is one. */
  userId: string | null;
}

/** The summary of attempts without their own entry. */
export interface RefusalSummary {
  attempts: number;
  /** How many different e-mail addresses were tried, and from how many network addresses. */
  emails: number;
  ips: number;
  since: string;
  until: string;
}

/** Counts refused attempts for unknown addresses within a minute. */
export class RefusalWindow {
  private startedAt: number | undefined;
  private alone = 0;
  private attempts = 0;
  private readonly emails = new Set<string>();
  private readonly ips = new Set<string>();
  private since = 0;
  private until = 0;

  isOver(now: number): boolean {
    return this.startedAt !== undefined && now >= this.startedAt + WINDOW_MS;
  }

  /** Whether this attempt gets its own entry. An attempt for an existing user always does: their number is limited per address. */
  countsAlone({ email, ip, userId }: RefusedAttempt, now: number): boolean {
    if (userId !== null) return true;
    this.startedAt ??= now;
    if (this.alone < ALONE_PER_WINDOW) {
      this.alone += 1;
      return true;
    }
    if (this.attempts === 0) this.since = now;
    this.until = now;
    this.attempts += 1;
    if (this.emails.size < MAX_DISTINCT) this.emails.add(email);
    if (this.ips.size < MAX_DISTINCT) this.ips.add(ip);
    return false;
  }

  /** Starts a new window. @returns the refusals that had no entry of their own, if any */
  end(): RefusalSummary | undefined {
    const { attempts, emails, ips, since, until } = this;
    const summary = {
      attempts,
      emails: emails.size,
      ips: ips.size,
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
    };
    this.startedAt = undefined;
    this.alone = 0;
    this.attempts = 0;
    emails.clear();
    ips.clear();
    return attempts > 0 ? summary : undefined;
  }
}
