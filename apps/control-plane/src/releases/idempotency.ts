import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { canonicalJson, sha256Hex } from '#contracts';
import type { Actor } from '../access/actor.js';
import type { Tx } from '../database/database.js';
import { FieldProblem, IdempotencyConflictProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { IdempotencyRow } from './release.entity.js';

/** One request under one key: the same request again gets the same release, another one under its key is refused. */
export interface KeyedRequest {
  key: string;
  requestHash: string;
}

const MAX_KEY = 200;

/** @throws ProblemError when the key is empty, too long or not printable ASCII */
export function keyedRequest(actor: Actor, operation: string, input: { idempotencyKey: string }): KeyedRequest {
  const { idempotencyKey: key, ...request } = input;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY) {
    const message = `must be 1 to ${MAX_KEY} printable ASCII characters without spaces`;
    throw new ProblemError(new ValidationProblem([new FieldProblem('idempotencyKey', 'INVALID_IDEMPOTENCY_KEY', message)]));
  }
  return { key, requestHash: sha256Hex(canonicalJson({ actor: actor.id, operation, request })) };
}

/** Which release each key landed. Only landings are remembered: a refused request may be mended and sent again. */
@Injectable()
export class Idempotency {
  /**
   * The release that this request landed before, if any.
   * @throws ProblemError when the key belongs to another request
   */
  async find(manager: EntityManager, request: KeyedRequest): Promise<string | undefined> {
    const row = await manager.findOneBy(IdempotencyRow, { key: request.key });
    if (!row) return undefined;
    if (row.requestHash !== request.requestHash) throw new ProblemError(new IdempotencyConflictProblem(request.key));
    return row.releaseId;
  }

  async remember(tx: Tx, request: KeyedRequest, releaseId: string): Promise<void> {
    await tx.insert(IdempotencyRow, { ...request, releaseId, createdAt: new Date() });
  }
}
