import { Injectable } from '@nestjs/common';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import { ForbiddenProblem, ProblemError } from '../../graphql/problems.js';
import { UserRow } from '../access.entity.js';
import type { Actor } from '../actor.js';
import { Actors } from '../actors.js';
import type { Credential } from '../credential.js';
import { Passwords, TooManyHashes } from '../passwords/passwords.js';
import { RefusalLog } from './refusal-log.js';
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
    private readonly refusals: RefusalLog,
  ) {}

  /** @throws ProblemError with an InvalidCredentialsProblem or a RateLimitedProblem */
  async signIn(email: string, password: string, ip: string): Promise<SignedIn> {
    const attempt = { email: email.toLowerCase(), ip };
    const { known, right } = await this.check(attempt, password);
    const user = right ? known : undefined;
    const actor = user && (await this.actors.ofUser(user));
    if (!user || !actor) {
      await this.refusals.note({ ...attempt, userId: known?.id ?? null });
      throw new ProblemError(new InvalidCredentialsProblem());
    }
    const session = await this.db.tx(async (tx) => {
      const begun = await this.sessions.begin(tx, user.id, ip);
      await this.audit.append(tx, {
        actor,
        action: 'session.began',
        targetType: 'user',
        targetId: user.id,
        details: { ip },
      });
      return begun;
    });
    await this.limits.forgive(attempt);
    return { ...session, user, actor };
  }

  /**
   * Checks the password again, for actions that need a fresh sign-in. @returns the time of the check
   * @throws ProblemError with an InvalidCredentialsProblem or a RateLimitedProblem
   */
  async confirm(actor: Actor, credential: Credential | undefined, password: string, ip: string): Promise<Date> {
    if (credential?.type !== 'SESSION') throw new ProblemError(new ForbiddenProblem(`${actor.name} has no session`));
    const user = await this.provenOwner(actor, password, ip);
    const confirmedAt = new Date();
    await this.db.tx(async (tx) => {
      await this.sessions.confirm(tx, credential.sha256, confirmedAt);
      await this.audit.append(tx, {
        actor,
        action: 'session.confirmed',
        targetType: 'user',
        targetId: user.id,
        details: { ip },
      });
    });
    await this.limits.forgive({ email: actor.name, ip });
    return confirmedAt;
  }

  /**
   * The signed-in user, where this is their password. Counts as an attempt to sign in.
   * @throws ProblemError with an InvalidCredentialsProblem or a RateLimitedProblem
   */
  async provenOwner(actor: Actor, password: string, ip: string): Promise<UserRow> {
    if (actor.type !== 'USER') throw new ProblemError(new ForbiddenProblem(`${actor.name} has no password`));
    const attempt = { email: actor.name, ip };
    const { known, right } = await this.check(attempt, password);
    if (known && right) return known;
    await this.refusals.note({ ...attempt, userId: actor.id });
    throw new ProblemError(new InvalidCredentialsProblem());
  }

  async signOut(actor: Actor, credential: Credential): Promise<void> {
    if (credential.type !== 'SESSION') return;
    await this.db.tx(async (tx) => {
      await this.sessions.end(tx, credential.sha256);
      await this.audit.append(tx, {
        actor,
        action: 'session.ended',
        targetType: 'user',
        targetId: actor.id,
        details: {},
      });
    });
  }

  /** Counts as an attempt. @returns the user with that address, and whether it is their password */
  private async check(attempt: Attempt, password: string): Promise<{ known: UserRow | undefined; right: boolean }> {
    const waitSeconds = await this.limits.count(attempt);
    if (waitSeconds !== undefined) throw new ProblemError(new RateLimitedProblem(waitSeconds));
    const found = await this.db.manager.findOneBy(UserRow, { email: attempt.email });
    // The column compares without accents, the limits do not: only the very address counts, or its variants would each have their own attempts.
    const known = found?.email === attempt.email ? found : undefined;
    try {
      return { known, right: await this.passwords.matches(password, known?.passwordHash) };
    } catch (error) {
      if (error instanceof TooManyHashes) throw new ProblemError(new RateLimitedProblem(1));
      throw error;
    }
  }
}
