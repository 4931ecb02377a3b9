import { scheduleInstants } from '@paddock/audience';
import { ALL_SITES, type DocumentRef } from '@paddock/contracts';
import type { Placement } from '../documents/config-kind.js';

/** All possible visitors: the sites with their jurisdictions, and the scopes of client keys. */
export interface Visitors {
  environment: string;
  sites: readonly { key: string; jurisdiction: string }[];
  /** `null` stands for every site, and for the jurisdiction of the site. */
  clientKeys: readonly { site: string | null; jurisdiction: string | null }[];
}

/** The view of some visitors: pages and markets of a site, in a jurisdiction. */
export interface SeenFrom {
  site: string;
  jurisdiction: string;
}

/** A reason why no visitor will see a part of a document. */
export interface Unseen {
  code:
    | 'UNKNOWN_SITE'
    | 'SITE_OUT_OF_SCOPE'
    | 'JURISDICTION_WITHOUT_VISITORS'
    | 'NO_VISITOR'
    | 'PERCENTAGE_ZERO'
    | 'SCHEDULE_ENDED';
  /** Where in the body: `slots[0].items[1].audience.sites[0]`. */
  path: string;
  message: string;
  /** `ERROR` for a certain mistake; `WARNING` for a state that may be intended. */
  severity: 'ERROR' | 'WARNING';
}

/** Every view that some visitor has: each site in its own jurisdiction, and in those that client keys bind it to. */
export function viewsOf({ sites, clientKeys }: Pick<Visitors, 'sites' | 'clientKeys'>): SeenFrom[] {
  return sites.flatMap(({ key: site, jurisdiction }) => {
    const bound = clientKeys.filter((key) => key.site === null || key.site === site);
    const all = new Set([jurisdiction, ...bound.flatMap((key) => key.jurisdiction ?? [])]);
    return [...all].sort().map((one) => ({ site, jurisdiction: one }));
  });
}

/** Why no visitor will see a part of a document, from `now` on. Empty where some visitor may. */
export function unseen(ref: DocumentRef, placement: Placement, visitors: Visitors, now: Date): Unseen[] {
  const { audience, schedule, path: at } = placement;
  const path = (field: string) => (at === '' ? field : `${at}.${field}`);
  const found = audience
    ? [
        ...unknownSites(audience.sites ?? [], visitors, path),
        ...foreignSites(audience.sites ?? [], ref, visitors, path),
        ...strangeJurisdictions(audience.jurisdictions ?? [], visitors, path),
      ]
    : [];
  if (audience && !found.some(({ severity }) => severity === 'ERROR'))
    found.push(...noView(ref, audience, visitors, path));
  if (audience?.percentage === 0)
    found.push(warning('PERCENTAGE_ZERO', path('audience.percentage'), 'is 0, so no visitor will see it'));
  if (schedule && scheduleInstants(schedule).to <= now.getTime())
    found.push(
      warning(
        'SCHEDULE_ENDED',
        path('schedule.to'),
        `ended at ${schedule.to} (${schedule.timeZone}), so no visitor will see it`,
      ),
    );
  return found;
}

type Paths = (field: string) => string;

function unknownSites(sites: readonly string[], visitors: Visitors, path: Paths): Unseen[] {
  return sites.flatMap((site, index) =>
    isSite(site, visitors)
      ? []
      : [error('UNKNOWN_SITE', path(`audience.sites[${index}]`), `there is no site ${JSON.stringify(site)}`)],
  );
}

/** Sites without the document. A mistake if no other site remains, superfluous otherwise. */
function foreignSites(sites: readonly string[], ref: DocumentRef, visitors: Visitors, path: Paths): Unseen[] {
  if (ref.site === ALL_SITES) return [];
  const make = sites.includes(ref.site) ? warning : error;
  return sites.flatMap((site, index) => {
    if (site === ref.site || !isSite(site, visitors)) return [];
    const message = `the document is one of the site ${ref.site}, so ${site} never shows it`;
    return [make('SITE_OUT_OF_SCOPE', path(`audience.sites[${index}]`), message)];
  });
}

function strangeJurisdictions(jurisdictions: readonly string[], visitors: Visitors, path: Paths): Unseen[] {
  const known = new Set(viewsOf(visitors).map(({ jurisdiction }) => jurisdiction));
  return jurisdictions.flatMap((jurisdiction, index) =>
    known.has(jurisdiction)
      ? []
      : [
          warning(
            'JURISDICTION_WITHOUT_VISITORS',
            path(`audience.jurisdictions[${index}]`),
            `no site and no client key of ${visitors.environment} has the jurisdiction ${jurisdiction}`,
          ),
        ],
  );
}

/** Sites and jurisdictions that each have visitors, but no common ones. */
function noView(
  ref: DocumentRef,
  { sites, jurisdictions = [] }: NonNullable<Placement['audience']>,
  visitors: Visitors,
  path: Paths,
): Unseen[] {
  const views = viewsOf(visitors).filter(({ jurisdiction }) => jurisdictions.includes(jurisdiction));
  const seen = views.some(
    ({ site }) => (ref.site === ALL_SITES || site === ref.site) && (sites === undefined || sites.includes(site)),
  );
  // Without any view, each jurisdiction has been named already.
  if (seen || views.length === 0) return [];
  const where = ref.site === ALL_SITES ? (sites ?? []).join(', ') : ref.site;
  const message = `no visitor sees it: ${where} has no visitors in ${jurisdictions.join(', ')}`;
  return [warning('NO_VISITOR', path('audience'), message)];
}

function isSite(site: string, { sites }: Visitors): boolean {
  return sites.some(({ key }) => key === site);
}

const warning = (code: Unseen['code'], path: string, message: string): Unseen => ({
  code,
  path,
  message,
  severity: 'WARNING',
});
const error = (code: Unseen['code'], path: string, message: string): Unseen => ({
  code,
  path,
  message,
  severity: 'ERROR',
});
