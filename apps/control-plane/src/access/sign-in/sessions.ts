import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import type { Tx } from '../../database/database.js';
import { SessionRow } from '../access.entity.js';
import { SESSION_IDLE_MS, SESSION_MAX_MS } from '../authenticator.js';
import { newSessionToken } from '../credential.js';

export interface NewSession {
  /** Shown to its holder; stored nowhere. */
  token: string;
  expiresAt: Date;
}

/** Sessions of users. */
@Injectable()
export class Sessions {
  async begin(tx: Tx, userId: string): Promise<NewSession> {
    const now = new Date();
    const { token, sha256 } = newSessionToken();
    const expiresAt = new Date(now.getTime() + SESSION_MAX_MS);
    // Whoever signs in clears away what nobody ended.
    await tx.delete(SessionRow, { userId, lastSeenAt: LessThan(new Date(now.getTime() - SESSION_IDLE_MS)) });
    await tx.insert(SessionRow, { tokenSha256: sha256, userId, createdAt: now, lastSeenAt: now, expiresAt });
    return { token, expiresAt };
  }

  async end(tx: Tx, tokenSha256: string): Promise<void> {
    await tx.delete(SessionRow, { tokenSha256 });
  }

  /** All of a user's. */
  async endAll(tx: Tx, userId: string): Promise<void> {
    await tx.delete(SessionRow, { userId });
  }
}
