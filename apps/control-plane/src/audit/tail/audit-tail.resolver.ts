import { Context, Resolver, Subscription } from '@nestjs/graphql';
import { Access } from '../../access/access.js';
import { EVERYWHERE } from '../../access/ability.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { eventsForReader } from '../../graphql/events-for-reader.js';
import { RequestScope } from '../../graphql/request-scope.js';
import type { AuditEntryRow } from '../audit.entity.js';
import { AuditEntry } from '../audit.resolver.js';
import { AuditTail } from './audit-tail.js';

@Resolver()
export class AuditTailResolver {
  constructor(
    private readonly tail: AuditTail,
    private readonly access: Access,
  ) {}

  @Subscription(() => AuditEntry, {
    description: 'Every entry of the audit log from now on, in order and without gaps.',
    resolve: (row: AuditEntryRow) => AuditEntry.of({ row, details: JSON.parse(row.details), whole: true }),
  })
  @Requires('audit:read')
  async auditEntryAdded(
    @CurrentActor() actor: Actor,
    @Context() scope: RequestScope,
  ): Promise<AsyncIterableIterator<AuditEntryRow>> {
    this.access.authorize(actor, 'audit:read', EVERYWHERE);
    // Every entry is an event of its own.
    const entries = await this.tail.follow(({ number }) => String(number));
    return eventsForReader(entries, scope, (reader, [entry]) =>
      Promise.resolve(this.access.may(reader, 'audit:read', EVERYWHERE) ? entry : undefined),
    );
  }
}
