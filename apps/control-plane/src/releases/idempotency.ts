import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { canonicalJson, sha256Hex } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import type { Tx } from '../database/database.js';
import { FieldProblem, IdempotencyConflictProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { IdempotencyRow } from './release.entity.js';

/** One request under one key of an actor: the same request again gets the same release, another one under its key is refused. */
export interface KeyedRequest {
  /** Every actor has a separate set of keys: a request reveals nothing about the keys of others. */
  actor: string;
  key: string;
  requestHash: string;
}

const MAX_KEY = 200;

/** The actor of keys from before each actor had their own. Their request hash covers the actor. */
const OLDER_VERSION = '';

/** @throws ProblemError when the key is empty, too long or not printable ASCII */
export function keyedRequest(actor: Actor, operation: string, input: { idempotencyKey: string }): KeyedRequest {
  const { idempotencyKey: key, ...request } = input;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY) {
    const message = `must be 1 to ${MAX_KEY} printable ASCII characters without spaces`;
    throw new ProblemError(
      new ValidationProblem([new FieldProblem('idempotencyKey', 'INVALID_IDEMPOTENCY_KEY', message)]),
    );
  }
  return { actor: actor.id, key, requestHash: sha256Hex(canonicalJson({ actor: actor.id, operation, request })) };
}

/** The release that each key landed. Only landings are stored: a refused request may be corrected and sent again. */
@Injectable()
export class Idempotency {
  /**
   * The release that this request landed before, if any.
   * @throws ProblemError when the key belongs to another request
   */
  async find(manager: EntityManager, request: KeyedRequest): Promise<string | undefined> {
    const { actor, key, requestHash } = request;
    const rows = await manager.findBy(IdempotencyRow, { actor: In([actor, OLDER_VERSION]), key });
    const same = rows.find((row) => row.requestHash === requestHash);
    if (!same && rows.some((row) => row.actor === actor)) throw new ProblemError(new IdempotencyConflictProblem(key));
    return same?.releaseId;
  }

  async remember(tx: Tx, request: KeyedRequest, releaseId: string): Promise<void> {
    await tx.insert(IdempotencyRow, { ...request, releaseId, createdAt: new Date() });
  }
}
