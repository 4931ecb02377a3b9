import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { LimitedConcurrency } from '@paddock/runtime';
import { normalizePassword } from './password-policy.js';

/** OWASP's minimum for argon2id (Password Storage Cheat Sheet); argon2id is the library's default algorithm. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Each hash takes 19 MiB and a thread of libuv's pool, which file and name lookups need as well. */
const AT_ONCE = 2;
const WAITING = 50;

/** More sign-ins at once than this process can check. */
export class TooManyHashes extends Error {}

/** Hashes and checks passwords, a few at a time, so that a flood of sign-ins starves nothing else. */
@Injectable()
export class Passwords {
  private readonly turns = new LimitedConcurrency(AT_ONCE);
  /** Checked where there is no user, so that an unknown address takes as long as a known one. */
  private readonly nobodys = hash(randomBytes(32), COST);

  /** Only for `NewPasswords`, which checks the password first. @returns argon2id in PHC format */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(normalizePassword(password), COST));
  }

  /** Takes the same time whether there is a hash or not. */
  async matches(password: string, expected: string | undefined): Promise<boolean> {
    const stored = expected ?? (await this.nobodys);
    const normalized = normalizePassword(password);
    const same = await this.inTurn(() => verify(stored, normalized));
    // Hashes of an older version are of the password as it was typed.
    const asTyped = !same && normalized !== password && (await this.inTurn(() => verify(stored, password)));
    return (same || asTyped) && expected !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.turns.queued >= WAITING) throw new TooManyHashes();
    return this.turns.run(work);
  }
}
