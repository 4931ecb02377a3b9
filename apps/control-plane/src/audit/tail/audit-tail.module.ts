import { Module } from '@nestjs/common';
import { AuditTail } from './audit-tail.js';

/** Who follows the log as it grows: processes with an API, and no program that only writes an entry. */
@Module({ providers: [AuditTail], exports: [AuditTail] })
export class AuditTailModule {}
