/** Who may load what a port serves as an image, script or the like: pages of our own site alone, or any page. */
export type ResourcePolicy = 'same-origin' | 'cross-origin';

/** Two years, as browsers' preload lists ask. */
const HSTS = 'max-age=63072000; includeSubDomains';

/**
 * Headers of every response. Nothing that a port answers is a page that runs anything or may be framed, its HTML pages
 * included; a page that needs more sets a `content-security-policy` of its own.
 */
export function securityHeaders(resources: ResourcePolicy): readonly (readonly [name: string, value: string])[] {
  return [
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'no-referrer'],
    ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"],
    ['Cross-Origin-Resource-Policy', resources],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
  ];
}

/** Sent only where the client came by TLS: over plain HTTP browsers ignore it (RFC 6797, 7.2). */
export const TRANSPORT_SECURITY = ['Strict-Transport-Security', HSTS] as const;
