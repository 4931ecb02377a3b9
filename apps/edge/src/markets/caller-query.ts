/** The query parameters that name the caller's site and environment; no secrets. */
export interface CallerQuery {
  readonly site?: string | undefined;
  readonly environment?: string | undefined;
}

/** A link for the caller: it repeats site and environment, which a key alone may not name. */
export function withCaller(
  path: string,
  query: readonly (readonly [name: string, value: string])[],
  { site, environment }: CallerQuery,
): string {
  const parameters = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]));
  if (site !== undefined) parameters.set('site', site);
  if (environment !== undefined) parameters.set('environment', environment);
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}
