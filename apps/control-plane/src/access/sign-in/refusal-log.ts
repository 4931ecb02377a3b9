import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import { LOGGER, type Logger } from '../../process.js';
import { NOBODY } from '../actor.js';
import { RefusalWindow, type RefusedAttempt, WINDOW_MS } from './refusal-window.js';

/**
 * Writes refused sign-ins into the audit log. Those for a user that exists have an entry each: the limits bound them.
 * Those for unknown addresses have no such bound, since strangers can invent addresses: the first ones of a minute have
 * an entry each, the others one entry together, with their number.
 */
@Injectable()
export class RefusalLog implements BeforeApplicationShutdown {
  private readonly window = new RefusalWindow();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async note(attempt: RefusedAttempt): Promise<void> {
    const now = Date.now();
    if (this.window.isOver(now)) await this.flush();
    if (!this.window.countsAlone(attempt, now)) {
      this.timer ??= setTimeout(
        () => void this.flush().catch((err: unknown) => this.logger.warn({ err }, 'could not write refused sign-ins')),
        WINDOW_MS,
      ).unref();
      return;
    }
    const { email, ip, userId } = attempt;
    await this.append('session.refused', userId, { email, ip });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const summary = this.window.end();
    if (summary) await this.append('session.refused-many', null, summary);
  }

  private append(action: string, targetId: string | null, details: object): Promise<void> {
    return this.db.tx((tx) => this.audit.append(tx, { actor: NOBODY, action, targetType: 'user', targetId, details }));
  }
}
