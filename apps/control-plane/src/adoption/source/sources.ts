import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { SourceError, SourceSession } from '@paddock/foreign-database';
import { Access } from '../../access/access.js';
import { EVERYWHERE } from '../../access/ability.js';
import type { Actor } from '../../access/actor.js';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { type ControlPlaneSettings, SETTINGS } from '../../settings.js';
import { AdoptedTableRow, SourceRow } from '../adoption.entity.js';
import { open, parseSealingKey, seal } from './sealed-secret.js';

export interface SourceToSave {
  key: string;
  name: string;
  host: string;
  port: number;
  database: string;
  user: string;
  /** Absent: the one that is kept. */
  password: string | undefined;
  tls: boolean;
  writable: boolean;
  statementTimeoutMs: number;
  maxRows: number;
}

/** The foreign databases that may be adopted from, and the way into them. */
@Injectable()
export class Sources {
  constructor(
    @Inject(SETTINGS) private readonly settings: ControlPlaneSettings,
    private readonly db: Database,
    private readonly access: Access,
    private readonly audit: Audit,
  ) {}

  list(actor: Actor): Promise<SourceRow[]> {
    this.access.authorize(actor, 'settings:manage', EVERYWHERE);
    return this.db.manager.find(SourceRow, { order: { key: 'ASC' } });
  }

  /** Makes a source or replaces what it says. */
  async save(actor: Actor, source: SourceToSave): Promise<SourceRow> {
    this.access.authorize(actor, 'settings:manage', EVERYWHERE);
    const { password, ...rest } = source;
    const now = new Date();
    return this.db.tx(async (tx) => {
      const before = await tx.findOne(SourceRow, { where: { key: source.key }, lock: { mode: 'pessimistic_write' } });
      if (password === undefined) mustKeepItsAddress(before, source);
      const sealedPassword =
        password === undefined ? (before?.sealedPassword ?? '') : seal(password, this.key(), source.key);
      const row = tx.create(SourceRow, {
        ...rest,
        sealedPassword,
        createdAt: before?.createdAt ?? now,
        updatedAt: now,
      });
      await tx.save(SourceRow, row);
      await this.audit.append(tx, {
        ...{ actor, action: before ? 'source.changed' : 'source.created', targetType: 'source', targetId: source.key },
        details: { ...rest, passwordChanged: password !== undefined },
      });
      return row;
    });
  }

  async remove(actor: Actor, key: string): Promise<SourceRow> {
    this.access.authorize(actor, 'settings:manage', EVERYWHERE);
    return this.db.tx(async (tx) => {
      const row = await tx.findOneBy(SourceRow, { key });
      if (!row) throw new ProblemError(new NotFoundProblem(`key: there is no source ${key}`));
      const used = await tx.findBy(AdoptedTableRow, { source: key });
      const active = used.filter(({ mode }) => mode !== 'RETIRED').map(({ tableName }) => tableName);
      if (active.length > 0) {
        throw new ProblemError(
          new ValidationProblem([
            new FieldProblem(
              'key',
              'IN_USE',
              `tables of it are adopted: ${active.join(', ')}; retire their mappings first`,
            ),
          ]),
        );
      }
      await tx.delete(SourceRow, { key });
      await this.audit.append(tx, {
        actor,
        action: 'source.removed',
        targetType: 'source',
        targetId: key,
        details: {},
      });
      return row;
    });
  }

  /** @throws ProblemError where there is no such source */
  async findOrThrow(key: string, field = 'source'): Promise<SourceRow> {
    const row = await this.db.manager.findOneBy(SourceRow, { key });
    if (row) return row;
    throw new ProblemError(
      new ValidationProblem([
        new FieldProblem(field, 'UNKNOWN_SOURCE', `there is no source ${JSON.stringify(key.slice(0, 100))}`),
      ]),
    );
  }

  /**
   * Opens a session and hands it to `work`. Never into this system's own database.
   * @throws SourceError
   */
  async use<T>(
    source: SourceRow,
    { write }: { write: boolean },
    work: (session: SourceSession) => Promise<T>,
  ): Promise<T> {
    if (write && !source.writable)
      throw new SourceError('NOT_WRITABLE', `source ${source.key} is read-only; allow write-back for it first`);
    const password = open(source.sealedPassword, this.key(), source.key);
    if (password === undefined)
      throw new SourceError(
        'NO_SEALING_KEY',
        `source ${source.key}: its password was encrypted with another ADOPTION_KEY; set it again`,
      );
    const { key: name, host, port, database, user, tls, statementTimeoutMs } = source;
    const session = await SourceSession.open(
      { name, host, port, database, user, password, tls },
      { policy: this.settings.outbound.sources, write, statementTimeoutMs },
    );
    try {
      await this.refuseOwnDatabase(source, session);
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /**
   * By a lock that only this server can know of: addresses may be aliases, tunnels or proxies. What Paddock keeps about
   * itself must not become its own content.
   */
  private async refuseOwnDatabase({ key }: SourceRow, session: SourceSession): Promise<void> {
    const lock = `paddock-${randomUUID()}`;
    await this.db.tx(async (tx) => {
      const [own]: { taken: string; name: string }[] = await tx.query(
        'SELECT GET_LOCK(?, 0) AS taken, DATABASE() AS name',
        [lock],
      );
      try {
        const [theirs] = await session.query<RowDataPacket & { holder: unknown; name: string }>(
          'SELECT IS_USED_LOCK(?) AS holder, DATABASE() AS name',
          [lock],
        );
        if (theirs?.holder === null || theirs?.name.toLowerCase() !== own?.name.toLowerCase()) return;
        throw new SourceError('OWN_DATABASE', `source ${key} is this system's own database`);
      } finally {
        await tx.query('SELECT RELEASE_LOCK(?)', [lock]);
      }
    });
  }

  private key(): Buffer {
    const key = parseSealingKey(this.settings.adoption.sealingKey ?? '');
    if (key) return key;
    throw new SourceError('NO_SEALING_KEY', 'passwords of sources are encrypted with ADOPTION_KEY, which is not set');
  }
}

/** A stored password is never sent to a new host: otherwise a user who may change the host could learn it. */
function mustKeepItsAddress(before: SourceRow | null, after: SourceToSave): void {
  const same =
    before &&
    (['host', 'port', 'database', 'user'] as const).every((name) => before[name] === after[name]) &&
    !(before.tls && !after.tls);
  if (same) return;
  const why = before
    ? 'is required where the host, port, database, user or encryption changes'
    : 'is required for a new source';
  throw new ProblemError(new ValidationProblem([new FieldProblem('password', 'REQUIRED', why)]));
}
