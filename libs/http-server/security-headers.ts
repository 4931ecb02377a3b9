/** The pages that may load a port's answers as an image, script or the like: those of our own site, or any page. */
export type ResourcePolicy = 'same-origin' | 'cross-origin';

/** Two years, as browsers' preload lists ask. */
const HSTS = 'max-age=63072000; includeSubDomains';

type Header = readonly [name: string, value: string];

/** Headers of every answer, data included: a browser must not guess its type, run it or frame it. */
const OF_ANY_ANSWER: readonly Header[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"],
];

/**
 * Headers of every response. Nothing that a port answers is a page that runs anything or may be framed, its HTML pages
 * included; a page that needs more sets a `content-security-policy` of its own.
 */
export function securityHeaders(resources: ResourcePolicy): readonly Header[] {
  return [
    ...OF_ANY_ANSWER,
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Resource-Policy', resources],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
  ];
}

/**
 * Headers of answers that are data for any origin and never a page: they send no referrer, open no window, and may be
 * loaded from anywhere, so the policies for those would repeat the browser's default. Each header costs a hot answer
 * about 1 % of its time.
 */
export const DATA_HEADERS = OF_ANY_ANSWER;

/** Sent only where the client came by TLS: over plain HTTP browsers ignore it (RFC 6797, 7.2). */
export const TRANSPORT_SECURITY = ['Strict-Transport-Security', HSTS] as const;
