/** Headers by which a request is delivered and framed (RFC 9110, 7.6.1; RFC 9112). No caller sets them. */
const OF_THE_TRANSPORT = new RegExp(
  `^(?:${[
    'host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|proxy-.*',
    'content-length|expect|accept-encoding',
  ].join('|')})$`,
);

/**
 * Headers that no config may set: those about the body, the cache and the identity of the client, which the client sets
 * itself. `Cookie` is not among them: its value is a named secret for named hosts, as for any header, and cookies that a
 * server sets are never kept.
 */
const NOT_FOR_CONFIG =
  /^(?:content-.*|if-.*|range|set-cookie2?|via|forwarded|x-forwarded-.*|x-real-ip|sec-.*|origin-trial)$/;

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Why no request may carry a header of this name; `undefined` where it may. */
export function transportHeaderProblem(name: string): string | undefined {
  if (!TOKEN.test(name)) return 'is no name of a header';
  return OF_THE_TRANSPORT.test(name.toLowerCase()) ? 'is a header of the transport' : undefined;
}

/** Why config may not set a header of this name; `undefined` where it may. */
export function configHeaderProblem(name: string): string | undefined {
  const problem = transportHeaderProblem(name);
  if (problem !== undefined) return problem;
  return NOT_FOR_CONFIG.test(name.toLowerCase()) ? 'is a header that config may not set' : undefined;
}

/** Headers that negotiate the answer, which carry no credential; and sessions, which expire without renewal. */
const NO_CREDENTIAL = /^(?:accept.*|user-agent|cookie2?)$/;

/** Why a credential may not travel in a header of this name; `undefined` where it may. */
export function credentialHeaderProblem(name: string): string | undefined {
  const problem = configHeaderProblem(name);
  if (problem !== undefined) return problem;
  if (!NO_CREDENTIAL.test(name.toLowerCase())) return undefined;
  return 'is a header that no credential travels in; expected one such as X-Api-Key';
}

/** Why this cannot be the value of a header (RFC 9110, 5.5): line breaks and other control characters begin something else. */
export function headerValueProblem(value: string): string | undefined {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? undefined : 'has characters that the value of a header cannot have';
}
