import { Module } from '@nestjs/common';
import { Audit } from './audit.js';
import { AuditTail } from './tail/audit-tail.js';

/** The log of deeds, and what follows it. */
@Module({ providers: [Audit, AuditTail], exports: [Audit, AuditTail] })
export class AuditModule {}
