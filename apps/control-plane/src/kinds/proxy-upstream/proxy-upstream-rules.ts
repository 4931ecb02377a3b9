import {
  baseUrlProblem,
  literalSecretInUrl,
  pathPatternProblem,
  PROXY_SECRET_PREFIX,
  type ProxyUpstreamBody,
} from '@paddock/contracts';
import { credentialHeaderProblem } from '@paddock/outbound';
import { LITERAL_SECRET } from '../../documents/config-kind.js';
import { Check, type Finding, found, inTurn, type Rule, wrongType } from '../rules/check.js';
import { text } from '../rules/text.js';

function each(max: number, what: string, rule: Rule): Rule {
  return (value) => {
    if (!Array.isArray(value)) return [wrongType(value, `a list of at most ${max} ${what}`)];
    if (value.length > max)
      return [{ code: 'TOO_MANY', message: `has ${value.length} members, at most ${max} are allowed` }];
    return value.flatMap((member: unknown, index): Finding[] =>
      rule(member).map((finding) => ({ path: `[${index}]`, ...finding })),
    );
  };
}

const expecting = (code: string, max: number, problem: (value: string) => string | undefined): Rule =>
  inTurn(text({ max, filled: true }), (value) => {
    const message = problem(String(value));
    return message === undefined ? [] : [{ code, message: `${found(value)} ${message}` }];
  });

/** User, password and query are refused with the base URL; a path may hold a credential too. */
const withoutSecret: Rule = (value) => {
  const message = typeof value === 'string' ? literalSecretInUrl(value) : undefined;
  return message === undefined ? [] : [{ code: LITERAL_SECRET, message }];
};

/** The address that everything is put below. */
export const BaseUrl = (): PropertyDecorator =>
  Check(inTurn(expecting('INVALID_BASE_URL', 500, baseUrlProblem), withoutSecret));

/** Paths that may be asked for; without one the upstream would be there for nothing. */
export const PathPatterns = (): PropertyDecorator =>
  Check(
    inTurn(each(100, 'path patterns', expecting('INVALID_PATH_PATTERN', 300, pathPatternProblem)), (value) =>
      Array.isArray(value) && value.length === 0
        ? [{ code: 'TOO_FEW', message: 'has no members; expected at least one path pattern, /** for every path' }]
        : [],
    ),
  );

export const ParameterNames = (): PropertyDecorator =>
  Check(each(50, 'names of query parameters', text({ max: 100, filled: true })));

export const HeaderName = (): PropertyDecorator => Check(expecting('INVALID_HEADER', 100, credentialHeaderProblem));

const SECRET_NAME = new RegExp(`^${PROXY_SECRET_PREFIX}[A-Z0-9_]+$`);

export const SecretVariable = (): PropertyDecorator =>
  Check(
    expecting('INVALID_VARIABLE', 100, (name) =>
      SECRET_NAME.test(name) && !name.endsWith('_HOSTS')
        ? undefined
        : `is not the name of a variable that begins with ${PROXY_SECRET_PREFIX}`,
    ),
  );

/** What only several fields together show. */
export function upstreamFindings({ windowMs, silenceMs, credential }: ProxyUpstreamBody): Finding[] {
  const findings: Finding[] = [];
  if (Number(silenceMs) < Number(windowMs)) {
    findings.push({
      path: 'silenceMs',
      code: 'OUT_OF_RANGE',
      message: `is ${silenceMs}, expected at least windowMs (${windowMs}): otherwise every answer would be too old before the next one may be asked for`,
    });
  }
  if (credential != null && (credential.header == null) === (credential.query == null)) {
    findings.push({ path: 'credential', code: 'ONE_OF', message: 'expected exactly one of header and query' });
  }
  return findings;
}
