import { Module } from '@nestjs/common';
import { Audit } from './audit.js';

/** The log of deeds. */
@Module({ providers: [Audit], exports: [Audit] })
export class AuditModule {}
