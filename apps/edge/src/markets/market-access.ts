import { holderOfKey } from '@paddock/http-server';
import { authorizeSite, openEnvironment } from '../http/client-access.js';
import { invalidParameters, Problem, quote } from '../http/problem.js';
import type { Environment } from '../state/environment.js';
import type { Environments } from '../state/environments.js';
import type { BrandView } from './brand-view.js';
import type { Markets } from './markets.js';

/** The caller of a market route. */
export interface MarketCaller {
  readonly secret: string | undefined;
  /** Only where the key is bound to no site. */
  readonly site?: string | undefined;
  /** Only where the same key is known in several environments. */
  readonly environment?: string | undefined;
}

/** The view that a caller may read, with its environment and key. */
export interface OpenedMarkets {
  readonly view: BrandView;
  readonly environment: Environment;
  /** The name under which the key's holder is counted. */
  readonly client: string;
  /** The id of the key, which is no secret. */
  readonly keyId: string;
  /** Does the key still open exactly this view? */
  stillHolds(): boolean;
}

/** Finds the view of a client key: the one thing that says which markets are seen. */
export class MarketAccess {
  constructor(
    private readonly environments: Environments,
    private readonly markets: Markets,
  ) {}

  /** @throws Problem 400, 401, 403, 404 or 503 */
  open(caller: MarketCaller): OpenedMarkets {
    const { environment, site, jurisdiction, client, keyId } = this.find(caller);
    if (!this.markets.hub.isReady)
      throw new Problem(503, 'MARKETS_NOT_READY', 'this edge has not read the markets yet', {
        headers: { 'Retry-After': '1' },
      });
    const view = this.markets.view({ environment, site, jurisdiction });
    return { view, environment, client, keyId, stillHolds: () => this.opens(caller, view) };
  }

  private opens(caller: MarketCaller, view: BrandView): boolean {
    try {
      const { environment, site, jurisdiction } = this.find(caller);
      return view.name === `${environment.name}/${site}/${jurisdiction}`;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  private find({ secret, site, environment: wanted }: MarketCaller): {
    environment: Environment;
    site: string;
    jurisdiction: string;
    client: string;
    keyId: string;
  } {
    if (secret === undefined)
      throw new Problem(401, 'CLIENT_KEY_REQUIRED', 'send a client key: it says which markets may be seen');
    const access = openEnvironment(this.environments, this.environmentOf(secret, wanted), secret, 'read');
    const key = access.key?.site ?? undefined;
    if (site !== undefined) authorizeSite(access, site);
    const name = key ?? site;
    if (name === undefined)
      throw invalidParameters([{ field: 'site', message: 'is needed, because the client key is bound to no site' }]);
    const found = access.settings.site(name);
    if (!found)
      throw new Problem(404, 'UNKNOWN_SITE', `there is no site ${quote(name)} in ${quote(access.environment.name)}`);
    return {
      environment: access.environment,
      site: found.key,
      jurisdiction: access.key?.jurisdiction ?? found.jurisdiction,
      client: access.key?.consumer ?? '',
      keyId: access.key?.id ?? '',
    };
  }

  private environmentOf(secret: string, wanted: string | undefined): string {
    if (wanted !== undefined) return wanted;
    const all = this.environments.all();
    const knowing = holderOfKey(secret, (sha256) =>
      all.find(({ settings }) => settings?.clientKeyBySha256(sha256) !== undefined),
    );
    if (knowing) return knowing.name;
    if (!this.environments.complete || all.some(({ serves }) => !serves))
      throw new Problem(503, 'NO_STATE', 'this edge does not know all client keys yet', {
        headers: { 'Retry-After': '1' },
      });
    throw new Problem(401, 'UNKNOWN_CLIENT_KEY', 'the client key is not known');
  }
}
