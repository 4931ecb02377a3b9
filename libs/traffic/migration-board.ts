import { isGone, type LegacyRoutes } from './legacy-route.js';
import type { TrafficCount } from './traffic-counters.js';

/** The stage of a client: `LEGACY` uses old routes alone, `MIXED` both, `MOVED` no old route on the last day. */
export type MigrationState = 'LEGACY' | 'MIXED' | 'MOVED';

/** One client's use of old routes. */
export interface ClientMigration {
  readonly client: string;
  readonly state: MigrationState;
  readonly legacyRequests: number;
  readonly currentRequests: number;
  /** Of them, by old route, the most used first. */
  readonly routes: readonly {
    readonly route: string;
    readonly successor: string;
    readonly requests: number;
    readonly lastAt: string;
    readonly sunsetAt: string;
    readonly gone: boolean;
  }[];
  /** When it last used an old route. */
  readonly lastLegacyAt: string | null;
  /** The first end that it runs into; `null` where it has moved. */
  readonly nextSunsetAt: string | null;
}

/** A client without requests to old routes for this long has moved. */
const MOVED_AFTER_MS = 86_400_000;

/** The clients of deprecated routes, those with the most requests first. Clients that never used an old route are not listed. */
export function migrationBoard(counts: readonly TrafficCount[], legacy: LegacyRoutes, now: number): ClientMigration[] {
  const clients = Map.groupBy(counts, ({ client }) => client);
  return [...clients]
    .flatMap(([client, its]) => migrationOf(client, its, legacy, now) ?? [])
    .sort(
      (one, other) =>
        rank(one) - rank(other) || other.legacyRequests - one.legacyRequests || (one.client < other.client ? -1 : 1),
    );
}

const rank = ({ state }: ClientMigration): number => ['LEGACY', 'MIXED', 'MOVED'].indexOf(state);

function migrationOf(
  client: string,
  counts: readonly TrafficCount[],
  legacy: LegacyRoutes,
  now: number,
): ClientMigration | undefined {
  const old = counts.filter(({ route }) => legacy.find(route));
  if (old.length === 0) return undefined;
  const lastAt = Math.max(...old.map((count) => count.lastAt));
  const legacyRequests = sum(old);
  const currentRequests = sum(counts) - legacyRequests;
  const routes = [...Map.groupBy(old, ({ route }) => route)].flatMap(([route, its]) => {
    const known = legacy.find(route);
    if (!known) return [];
    const last = new Date(Math.max(...its.map((count) => count.lastAt))).toISOString();
    return [
      {
        route,
        successor: known.successor,
        requests: sum(its),
        lastAt: last,
        sunsetAt: known.sunsetAt.toISOString(),
        gone: isGone(known, now),
      },
    ];
  });
  const moved = now - lastAt > MOVED_AFTER_MS;
  return {
    client,
    state: moved ? 'MOVED' : currentRequests > 0 ? 'MIXED' : 'LEGACY',
    legacyRequests,
    currentRequests,
    routes: routes.sort((one, other) => other.requests - one.requests),
    lastLegacyAt: new Date(lastAt).toISOString(),
    nextSunsetAt: moved ? null : (routes.map(({ sunsetAt }) => sunsetAt).sort()[0] ?? null),
  };
}

const sum = (counts: readonly TrafficCount[]): number => counts.reduce((total, { requests }) => total + requests, 0);
