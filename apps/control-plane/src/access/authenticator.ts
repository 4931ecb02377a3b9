import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../graphql/request-scope.js';
import { Database } from '../database/database.js';
import { ApiTokenRow, SessionRow, UserRow } from './access.entity.js';
import { Actors } from './actors.js';
import type { Credential } from './credential.js';

/** How long a session lives without a request. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** How long a session lives at most. */
export const SESSION_MAX_MS = 12 * 3_600_000;

/** "Last seen" and "last used" are written at most so often. */
const TOUCH_EVERY_MS = 60_000;

/** Finds out who a credential belongs to. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly db: Database,
    private readonly actors: Actors,
  ) {}

  /** Who sends this; using it counts as activity. */
  async identify(credential: Credential): Promise<Caller> {
    return this.check(credential, true);
  }

  /** Who it belongs to now. Asking is no activity: an open socket keeps no session alive. */
  async identifySilently(credential: Credential): Promise<Caller> {
    return this.check(credential, false);
  }

  private check(credential: Credential, touch: boolean): Promise<Caller> {
    if (credential.type === 'SESSION') return this.session(credential, touch);
    if (credential.type === 'API_TOKEN') return this.apiToken(credential, touch);
    return Promise.resolve({ refusal: 'this is neither a session token nor an API token' });
  }

  private async session(credential: Credential & { type: 'SESSION' }, touch: boolean): Promise<Caller> {
    const now = Date.now();
    const session = await this.db.manager.findOneBy(SessionRow, { tokenSha256: credential.sha256 });
    const ended =
      !session || session.expiresAt.getTime() <= now || session.lastSeenAt.getTime() + SESSION_IDLE_MS <= now;
    const user = ended ? null : await this.db.manager.findOneBy(UserRow, { id: session.userId });
    const actor = user ? await this.actors.ofUser(user) : undefined;
    if (ended || !actor) return { refusal: 'the session has ended; sign in again' };
    if (touch && session.lastSeenAt.getTime() + TOUCH_EVERY_MS <= now) {
      await this.db.manager.update(SessionRow, { tokenSha256: credential.sha256 }, { lastSeenAt: new Date(now) });
    }
    return { actor, credential, confirmedAt: session.confirmedAt ?? session.createdAt };
  }

  private async apiToken(credential: Credential & { type: 'API_TOKEN' }, touch: boolean): Promise<Caller> {
    const now = Date.now();
    const token = await this.db.manager.findOneBy(ApiTokenRow, { id: credential.id });
    const known =
      token !== null && timingSafeEqual(Buffer.from(token.secretSha256, 'hex'), Buffer.from(credential.sha256, 'hex'));
    const actor = known ? await this.actors.ofToken(token, new Date(now)) : undefined;
    if (!known || !actor) return { refusal: 'the API token is unknown, expired or revoked' };
    if (touch && (token.lastUsedAt?.getTime() ?? 0) + TOUCH_EVERY_MS <= now) {
      await this.db.manager.update(ApiTokenRow, { id: token.id }, { lastUsedAt: new Date(now) });
    }
    return { actor, credential };
  }
}
