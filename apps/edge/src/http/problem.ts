import { Problem, quote, type RequestMistake } from '@paddock/http-server';

export { Problem, PROBLEM_TYPE, quote, type RequestMistake } from '@paddock/http-server';

/** Nothing of this environment was ever seen here. */
export function notReady(environment: string): Problem {
  return new Problem(503, 'NO_STATE', `this edge has no state of ${quote(environment)} yet`, {
    headers: { 'Retry-After': '1' },
  });
}

export function invalidParameters(errors: RequestMistake[]): Problem {
  return new Problem(400, 'INVALID_PARAMETERS', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), {
    errors,
  });
}

/** The field of a mistake that concerns a body as a whole. */
export const BODY = 'body';

/** Mistakes in the members of a JSON body. */
export function invalidBody(errors: RequestMistake[]): Problem {
  return invalidParameters(
    errors.map((mistake) => ({ ...mistake, pointer: mistake.field === BODY ? '#' : `#/${mistake.field}` })),
  );
}
