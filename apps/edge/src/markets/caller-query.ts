/** What a URL says of its caller that is no secret. */
export interface CallerQuery {
  readonly site?: string | undefined;
  readonly environment?: string | undefined;
}

/** An address to which somebody is sent: where the key alone does not say whose markets are meant, the address must. */
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
