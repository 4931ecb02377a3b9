import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditResolver } from './audit.resolver.js';

/** The log in the GraphQL API. */
@Module({ imports: [AccessModule], providers: [AuditResolver] })
export class AuditApiModule {}
