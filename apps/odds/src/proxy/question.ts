import { canonicalTarget, RefusedUrl } from '@paddock/traffic';
import { sha256Hex } from '@paddock/contracts';
import { Problem, quote } from '@paddock/http-server';
import type { Question } from './state/shared-state.js';
import type { Upstream } from './upstream.js';

/** Longest request target that is parsed. */
const MAX_URL_LENGTH = 4_096;

export const PROXY_PATH = '/v1/proxy/';

/**
 * Reads a request's raw URL: `/v1/proxy/{upstream}/…`. It was not resolved or normalized before, so that the checks see
 * what was sent.
 * @throws Problem 400, 403, 404 or 414
 */
export function questionOf(url: string, find: (key: string) => Upstream | undefined): Question {
  if (url.length > MAX_URL_LENGTH)
    throw new Problem(414, 'URL_TOO_LONG', `the URL has ${url.length} characters; at most ${MAX_URL_LENGTH} are read`);
  const [, key = '', path = '', query = ''] = /^\/v1\/proxy\/([^/?]*)([^?]*)\??(.*)$/.exec(url) ?? [];
  const upstream = find(key);
  if (!upstream) throw new Problem(404, 'UNKNOWN_UPSTREAM', `there is no upstream ${quote(key)}`);
  try {
    const target = canonicalTarget(path, query, upstream.ignoredParameters);
    if (!upstream.allows(target.path))
      throw new Problem(
        403,
        'PATH_NOT_ALLOWED',
        `the path ${quote(target.path)} of the upstream ${upstream.key} may not be asked for`,
      );
    return { id: sha256Hex(`${upstream.key} ${upstream.base.href} ${target.path}?${target.query}`), upstream, target };
  } catch (error) {
    if (error instanceof RefusedUrl)
      throw new Problem(400, 'REFUSED_URL', `the ${error.field} ${error.message}`, {
        errors: [{ field: error.field, message: error.message }],
      });
    throw error;
  }
}
