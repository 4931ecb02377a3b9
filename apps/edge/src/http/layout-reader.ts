import type { Selected } from '../layouts/layout-pages.js';
import type { Environment } from '../state/environment.js';
import type { Environments } from '../state/environments.js';
import { authorizeSite, openEnvironment } from './client-access.js';
import { type VisitorClaims, visitorOf } from './layout-request.js';
import { Problem, quote } from './problem.js';

/** Which page is asked for. */
export interface PageAddress {
  environment: string;
  site: string;
  page: string;
}

/** A page as a visitor sees it, and the environment that it is from. */
export interface ReadLayout extends Selected {
  environment: Environment;
}

/** Finds what a caller may see of a page; the one way for REST and GraphQL. */
export class LayoutReader {
  constructor(private readonly environments: Environments) {}

  /**
   * `claims` is asked only when the caller may read at all.
   * @throws Problem 400, 401, 403, 404 or 503
   */
  read(address: PageAddress, secret: string | undefined, claims: () => VisitorClaims, now: number): ReadLayout {
    const access = openEnvironment(this.environments, address.environment, secret, 'read');
    authorizeSite(access, address.site);
    const visitor = claims();
    const { environment, state, settings } = access;
    const site = settings.site(address.site);
    if (!site)
      throw new Problem(404, 'UNKNOWN_SITE', `there is no site ${quote(address.site)} in ${quote(environment.name)}`);
    const selected = environment.pages.select(
      state,
      address.page,
      visitorOf(access, site, visitor),
      now,
      access.key?.jurisdiction ?? site.jurisdiction,
    );
    if (!selected)
      throw new Problem(404, 'UNKNOWN_PAGE', `the site ${quote(site.key)} has no page ${quote(address.page)}`);
    return { environment, ...selected };
  }
}
