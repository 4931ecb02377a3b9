import { Injectable } from '@nestjs/common';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import { ProblemError } from '../../graphql/problems.js';
import { UserRow } from '../access.entity.js';
import { type Actor, NOBODY } from '../actor.js';
import { Actors } from '../actors.js';
import type { Credential } from '../credential.js';
import { Passwords, TooManyHashes } from './passwords.js';
import { type NewSession, Sessions } from './sessions.js';
import { InvalidCredentialsProblem, RateLimitedProblem } from './sign-in.problems.js';
import { type Attempt, SignInLimits } from './sign-in-limits.js';

export interface SignedIn extends NewSession {
  user: UserRow;
  actor: Actor;
}

/** The ways into a session and out of it. */
@Injectable()
export class SignIn {
  constructor(
    private readonly db: Database,
    private readonly actors: Actors,
    private readonly passwords: Passwords,
    private readonly limits: SignInLimits,
    private readonly sessions: Sessions,
    private readonly audit: Audit,
  ) {}

  /** @throws ProblemError with an InvalidCredentialsProblem or a RateLimitedProblem */
  async signIn(email: string, password: string, ip: string): Promise<SignedIn> {
    const attempt = { email: email.toLowerCase(), ip };
    const user = await this.userBehind(attempt, password);
    const actor = user && (await this.actors.ofUser(user));
    if (!user || !actor) {
      await this.noteRefusal(attempt, user);
      throw new ProblemError(new InvalidCredentialsProblem());
    }
    const session = await this.db.tx(async (tx) => {
      const begun = await this.sessions.begin(tx, user.id);
      await this.audit.append(tx, { actor, action: 'session.began', targetType: 'user', targetId: user.id, details: { ip } });
      return begun;
    });
    await this.limits.forgive(attempt);
    return { ...session, user, actor };
  }

  async signOut(actor: Actor, credential: Credential): Promise<void> {
    if (credential.type !== 'SESSION') return;
    await this.db.tx(async (tx) => {
      await this.sessions.end(tx, credential.sha256);
      await this.audit.append(tx, { actor, action: 'session.ended', targetType: 'user', targetId: actor.id, details: {} });
    });
  }

  /** Counts as an attempt. @returns the user whose password this is */
  async userBehind(attempt: Attempt, password: string): Promise<UserRow | undefined> {
    const waitSeconds = await this.limits.count(attempt);
    if (waitSeconds !== undefined) throw new ProblemError(new RateLimitedProblem(waitSeconds));
    const found = await this.db.manager.findOneBy(UserRow, { email: attempt.email });
    // The column compares without accents, the limits do not: only the very address counts, or its variants would each have their own attempts.
    const user = found?.email === attempt.email ? found : undefined;
    try {
      return (await this.passwords.matches(password, user?.passwordHash)) ? user : undefined;
    } catch (error) {
      if (error instanceof TooManyHashes) throw new ProblemError(new RateLimitedProblem(1));
      throw error;
    }
  }

  private async noteRefusal(attempt: Attempt, user: UserRow | undefined): Promise<void> {
    await this.db.tx((tx) =>
      this.audit.append(tx, {
        actor: NOBODY,
        action: 'session.refused',
        targetType: 'user',
        targetId: user?.id ?? null,
        details: { ...attempt },
      }),
    );
  }
}
