import { objectSchema, type RouteDescription, schemaRef } from '@paddock/http-server';

const TEXT = { type: 'string' };

/** Schema of what a consumer reports. */
export const RECEIPT_SCHEMAS = {
  Receipt: objectSchema(
    {
      environment: TEXT,
      seq: { type: 'integer', minimum: 0, description: 'The release that it is about.' },
      instance: { ...TEXT, description: 'The name of the instance.' },
      state: { enum: ['APPLIED', 'REJECTED', 'SKIPPED'] },
      error: { ...TEXT, description: 'Why it was rejected.' },
      stateHash: { ...TEXT, description: 'The hash over everything that the instance holds.' },
      appliedAt: { type: 'string', format: 'date-time' },
      ms: { type: 'number', description: 'Milliseconds from the landing to the instance.' },
      leaseMs: {
        type: 'integer',
        description: 'For how many milliseconds the instance counts as alive; 60,000 if absent.',
      },
      requestId: TEXT,
      traceparent: TEXT,
    },
    {
      optional: ['error', 'stateHash', 'appliedAt', 'ms', 'leaseMs', 'requestId', 'traceparent'],
      description: 'What an instance did with a release.',
    },
  ),
};

/** `POST /v1/receipts`. */
export const RECEIPT_ROUTES: readonly RouteDescription[] = [
  {
    method: 'POST',
    path: '/v1/receipts',
    tag: 'Changes',
    summary: 'Reports what an instance did with a release.',
    description: 'Sending the same receipt again changes nothing but renews the lease.',
    security: ['clientKey'],
    body: { description: 'The receipt.', content: { 'application/json': schemaRef('Receipt') } },
    answers: {
      202: {
        description: 'It is stored.',
        content: { 'application/json': objectSchema({ accepted: { const: true } }) },
      },
    },
    problems: [
      'INVALID_PARAMETERS',
      'BAD_JSON',
      'JSON_TOO_DEEP',
      'JSON_TOO_MANY_MEMBERS',
      'PAYLOAD_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'CLIENT_KEY_REQUIRED',
      'UNKNOWN_CLIENT_KEY',
      'SCOPE_MISSING',
      'SITE_BOUND_KEY',
      'RESERVED_CONSUMER',
      'UNKNOWN_ENVIRONMENT',
      'NO_STATE',
      'BEHIND',
      'QUEUE_AWAY',
      'TOO_MANY_WRONG_KEYS',
    ],
  },
];
