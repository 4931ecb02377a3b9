import { randomBytes } from 'node:crypto';
import { inLocal, readJson, writeJson } from './files.mjs';

/** A secret of this installation, such as the key that encrypts the passwords of adopted databases here: made once, and lost together with what it protects. */
export async function ownSecret(
  /** @type {'adoption-key' | 'analytics-token' | 'analytics-operator-key' | 'audit-signing-key'} */ name,
) {
  const file = inLocal(`${name}.json`);
  const kept = await readJson(file);
  if (typeof kept?.key === 'string') return kept.key;
  const key = randomBytes(32).toString('hex');
  await writeJson(file, { key });
  return key;
}
