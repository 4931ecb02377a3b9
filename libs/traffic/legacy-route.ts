/** A route that clients should leave, and where they should go. */
export interface LegacyRoute {
  /** Its pattern, as counters have it: `/v1/odds/events/:id`. */
  readonly route: string;
  /** `v1` */
  readonly version: string;
  /** The successor of the route in the current version. */
  readonly successor: string;
  /** Since when it should not be used any more. */
  readonly deprecatedAt: Date;
  /** When it ends: from then on it answers 410. */
  readonly sunsetAt: Date;
  /** A page about the move. */
  readonly documentation?: string;
}

/** Routes that clients should leave, by their patterns. */
export class LegacyRoutes {
  private readonly byRoute: ReadonlyMap<string, LegacyRoute>;

  /** @throws Error for a route that ends before it is deprecated (RFC 9745, 4), or that stands there twice */
  constructor(routes: readonly LegacyRoute[]) {
    for (const { route, deprecatedAt, sunsetAt } of routes) {
      if (!(sunsetAt.getTime() >= deprecatedAt.getTime())) throw new Error(`${route} ends before it is deprecated`);
    }
    this.byRoute = new Map(routes.map((legacy) => [legacy.route, legacy]));
    if (this.byRoute.size < routes.length) throw new Error('a legacy route stands there twice');
  }

  find(route: string): LegacyRoute | undefined {
    return this.byRoute.get(route);
  }

  get all(): readonly LegacyRoute[] {
    return [...this.byRoute.values()];
  }
}

/** Does it answer 410 by now? */
export function isGone({ sunsetAt }: LegacyRoute, now: number): boolean {
  return now >= sunsetAt.getTime();
}

/**
 * The headers of every answer of such a route: `Deprecation` (RFC 9745: a structured date), `Sunset` (RFC 8594: an HTTP date)
 * and `Link` to the successor and the documentation.
 * @param successor the address for this very request; the route's own pattern where absent
 */
export function legacyHeaders(
  legacy: LegacyRoute,
  successor = legacy.successor,
): Readonly<Record<'deprecation' | 'sunset' | 'link', string>> {
  const { deprecatedAt, sunsetAt, documentation } = legacy;
  const links = [`<${successor}>; rel="successor-version"`];
  if (documentation !== undefined)
    links.push(
      `<${documentation}>; rel="deprecation"; type="text/html"`,
      `<${documentation}>; rel="sunset"; type="text/html"`,
    );
  return {
    deprecation: `@${Math.floor(deprecatedAt.getTime() / 1_000)}`,
    sunset: sunsetAt.toUTCString(),
    link: links.join(', '),
  };
}
