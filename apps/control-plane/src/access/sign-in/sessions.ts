import { Injectable } from '@nestjs/common';
import { LessThan, MoreThan } from 'typeorm';
import { Database, type Tx } from '../../database/database.js';
import { SessionRow } from '../access.entity.js';
import { SESSION_IDLE_MS, SESSION_MAX_MS } from '../authenticator.js';
import { newSessionToken } from '../credential.js';

export interface NewSession {
  /** Shown to its holder; stored nowhere. */
  token: string;
  expiresAt: Date;
  /** When the password was proved. */
  confirmedAt: Date;
}

const MAX_LISTED = 100;

/** Sessions of users. */
@Injectable()
export class Sessions {
  constructor(private readonly db: Database) {}

  /** @param ip where it begins */
  async begin(tx: Tx, userId: string, ip: string | null = null): Promise<NewSession> {
    const now = new Date();
    const { token, sha256 } = newSessionToken();
    const expiresAt = new Date(now.getTime() + SESSION_MAX_MS);
    // A sign-in deletes expired sessions that were not ended.
    await tx.delete(SessionRow, { userId, lastSeenAt: LessThan(new Date(now.getTime() - SESSION_IDLE_MS)) });
    await tx.insert(SessionRow, {
      tokenSha256: sha256,
      userId,
      createdAt: now,
      lastSeenAt: now,
      expiresAt,
      ip,
      confirmedAt: now,
    });
    return { token, expiresAt, confirmedAt: now };
  }

  /** Its holder has proved their password again. */
  async confirm(tx: Tx, tokenSha256: string, confirmedAt: Date): Promise<void> {
    await tx.update(SessionRow, { tokenSha256 }, { confirmedAt });
  }

  /** A user's that have not ended, the newest first. */
  async list(userId: string): Promise<SessionRow[]> {
    const now = Date.now();
    const where = { userId, lastSeenAt: MoreThan(new Date(now - SESSION_IDLE_MS)), expiresAt: MoreThan(new Date(now)) };
    return this.db.manager.find(SessionRow, { where, order: { createdAt: 'DESC' }, take: MAX_LISTED });
  }

  async end(tx: Tx, tokenSha256: string): Promise<void> {
    await tx.delete(SessionRow, { tokenSha256 });
  }

  /** All of a user's. */
  async endAll(tx: Tx, userId: string): Promise<void> {
    await tx.delete(SessionRow, { userId });
  }
}
