import { decodeSettings, sha256Hex } from '#contracts';
import type { RedisSource } from '#live-config';
import type { NamedSettings } from '../state/environment.js';

export type FetchedSettings = { ok: true; named: NamedSettings } | { ok: false; reason: string };

/** Fetches an environment's settings by their hash and checks that they are those, whole, and of this environment. */
export async function fetchSettings(
  source: RedisSource,
  environment: string,
  sha256: string,
): Promise<FetchedSettings> {
  const json = await source.settings(sha256);
  if (json === null) return { ok: false, reason: `settings ${sha256} are missing` };
  if (sha256Hex(json) !== sha256)
    return { ok: false, reason: `settings ${sha256} do not have the bytes that their name says` };
  try {
    const settings = decodeSettings(JSON.parse(json));
    if (settings.environment !== environment)
      return { ok: false, reason: `settings ${sha256} are those of ${settings.environment}` };
    return { ok: true, named: { sha256, settings } };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
