import { Ajv } from 'ajv';
import {
  baseUrlProblem,
  KEY_PATTERN,
  MAX_KEY_LENGTH,
  pathPatternProblem,
  type ProxyUpstreamBody,
} from '@paddock/contracts';
import { credentialHeaderProblem } from '@paddock/outbound';

/** An upstream's config as it arrived, with an unchecked shape. */
export interface UpstreamDocument {
  readonly key: string;
  readonly body: unknown;
}

/** The config of upstreams is wrong; every mistake is named. */
export class InvalidUpstreams extends Error {}

const milliseconds = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum });
const name = { type: 'string', minLength: 1, maxLength: 100 };

/** The same checks as in the control plane, because an older or another publisher may not have run them. */
const SCHEMA = {
  type: 'object',
  required: ['baseUrl', 'windowMs', 'silenceMs', 'allow'],
  properties: {
    baseUrl: { type: 'string', maxLength: 500 },
    windowMs: milliseconds(100, 3_600_000),
    timeoutMs: milliseconds(100, 60_000),
    cooldownMs: milliseconds(100, 3_600_000),
    silenceMs: milliseconds(100, 86_400_000),
    maxBytes: milliseconds(1_024, 16 << 20),
    volatileParameters: { type: 'array', maxItems: 50, items: name },
    credential: {
      type: 'object',
      required: ['variable'],
      properties: { header: { ...name, pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }, query: name, variable: name },
      oneOf: [{ required: ['header'] }, { required: ['query'] }],
    },
    allow: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', maxLength: 300 } },
  },
};

const isBody = new Ajv({ allErrors: true, strict: false }).compile<ProxyUpstreamBody>(SCHEMA);

/** @throws InvalidUpstreams naming the document and every mistake by its place */
export function readUpstream({ key, body }: UpstreamDocument): ProxyUpstreamBody {
  const problems: string[] = [];
  if (key.length > MAX_KEY_LENGTH || !KEY_PATTERN.test(key)) problems.push('the key is invalid');
  if (isBody(body)) {
    const baseUrl = baseUrlProblem(body.baseUrl);
    if (baseUrl !== undefined) problems.push(`/baseUrl ${baseUrl}`);
    const header = body.credential?.header === undefined ? undefined : credentialHeaderProblem(body.credential.header);
    if (header !== undefined) problems.push(`/credential/header ${header}`);
    body.allow.forEach((pattern, at) => {
      const problem = pathPatternProblem(pattern);
      if (problem !== undefined) problems.push(`/allow/${at} ${problem}`);
    });
    if (problems.length === 0) return body;
  } else {
    problems.push(
      ...(isBody.errors ?? []).map(
        ({ instancePath, message }) => `${instancePath || 'the body'} ${message ?? 'is not valid'}`,
      ),
    );
  }
  throw new InvalidUpstreams(`proxy-upstream ${key}: ${problems.join('; ')}`);
}
