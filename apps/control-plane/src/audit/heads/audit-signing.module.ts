import { Module } from '@nestjs/common';
import { type ControlPlaneSettings, SETTINGS } from '../../settings.js';
import { AuditSigningRoutine } from './audit-signing.routine.js';
import { CheckpointFiles } from './checkpoint-files.js';
import { HEAD_SIGNING, HeadSigner, type HeadSigning } from './head-signer.js';
import { parsePublicKeys, parseSigningKey } from './signed-head.js';

/**
 * Signs the audit log. Only the worker has it: the control plane, which serves the network and adds most entries, must
 * not be able to sign its own entries.
 */
@Module({
  providers: [{ provide: HEAD_SIGNING, useFactory: signingBy, inject: [SETTINGS] }, HeadSigner, AuditSigningRoutine],
})
export class AuditSigningModule {}

function signingBy({ audit }: ControlPlaneSettings): HeadSigning | undefined {
  const key = audit.signingKey === undefined ? undefined : parseSigningKey(audit.signingKey);
  if (!key) return undefined;
  const trusted = parsePublicKeys([key.publicKey, ...audit.publicKeys].join(',')) ?? new Map();
  const checkpoints = audit.checkpoints === undefined ? undefined : new CheckpointFiles(audit.checkpoints);
  return { key, trusted, checkpoints, now: () => new Date() };
}
