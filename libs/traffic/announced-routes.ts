import type { Redis } from 'ioredis';
import { redisAreas } from '@paddock/contracts';
import { type LegacyRoute, LegacyRoutes } from './legacy-route.js';

function announcedKey(prefix: string): string {
  return `${redisAreas(prefix).traffic}legacy`;
}

/** Announces the old routes that a service still serves, so that their users can be reported; call it at every start. */
export async function announceLegacyRoutes(redis: Redis, prefix: string, legacy: LegacyRoutes): Promise<void> {
  const fields = legacy.all.map((route) => [route.route, JSON.stringify(route)] as const);
  if (fields.length > 0) await redis.hset(announcedKey(prefix), Object.fromEntries(fields));
}

/** The old routes of all services. One that cannot be read is left out. */
export async function readLegacyRoutes(redis: Redis, prefix: string): Promise<LegacyRoutes> {
  const routes = Object.values(await redis.hgetall(announcedKey(prefix))).flatMap((json) => read(json) ?? []);
  return new LegacyRoutes(routes);
}

function read(json: string): LegacyRoute | undefined {
  const {
    deprecatedAt,
    sunsetAt,
    ...route
  }: Omit<LegacyRoute, 'deprecatedAt' | 'sunsetAt'> & { deprecatedAt: string; sunsetAt: string } = JSON.parse(json);
  const legacy = { ...route, deprecatedAt: new Date(deprecatedAt), sunsetAt: new Date(sunsetAt) };
  return legacy.sunsetAt.getTime() >= legacy.deprecatedAt.getTime() ? legacy : undefined;
}
