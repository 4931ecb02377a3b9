import type { FastifyInstance } from 'fastify';

/** A route as Fastify has it: `/v1/:environment/changes`. */
export interface ServedRoute {
  readonly method: string;
  readonly url: string;
}

/** By the server that all scopes of one Fastify instance share. */
const tables = new WeakMap<object, ServedRoute[]>();

/** Notes every route that is added from now on, so that refusals and documentation know what there is. */
export function noteRoutes(fastify: FastifyInstance): void {
  const routes: ServedRoute[] = [];
  tables.set(fastify.server, routes);
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
}

/** The routes of a server, in the order in which they were added. */
export function routesOf({ server }: Pick<FastifyInstance, 'server'>): readonly ServedRoute[] {
  return tables.get(server) ?? [];
}

/** The methods that an address takes; none where there is nothing. */
export function methodsAt(fastify: Pick<FastifyInstance, 'server'>, url: string): string[] {
  const path = url.split('?', 1)[0] ?? '';
  const methods = routesOf(fastify).flatMap(({ method, url: pattern }) => (matches(pattern, path) ? [method] : []));
  return [...new Set(methods)].sort();
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern, path].map((text) => text.replace(/\/$/, '').split('/'));
  if (!wanted || !given) return false;
  const rest = wanted.at(-1) === '*';
  if (rest ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((part, at) => part === '*' || part.startsWith(':') || part === given[at]);
}
