import {
  arrayOf,
  objectSchema,
  type ParameterDescription,
  type RouteDescription,
  schemaRef,
} from '@paddock/http-server';

const TEXT = { type: 'string' };
const SEQ = { type: 'integer', minimum: 0 };
const SHA256 = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const ENVIRONMENT: ParameterDescription = {
  name: 'environment',
  in: 'path',
  description: 'Such as `production`.',
  schema: TEXT,
};
const KEY_PROBLEMS = [
  'INVALID_PARAMETERS',
  'CLIENT_KEY_REQUIRED',
  'UNKNOWN_CLIENT_KEY',
  'SCOPE_MISSING',
  'UNKNOWN_ENVIRONMENT',
  'NO_STATE',
  'TOO_MANY_WRONG_KEYS',
] as const;

/** Schemas of releases and of what is live. */
export const CHANGE_SCHEMAS = {
  Change: objectSchema(
    {
      seq: { ...SEQ, description: 'The number of the release in its environment, without gaps.' },
      type: { enum: ['FORWARD', 'ROLLBACK', 'AUTO_ROLLBACK'] },
      landedAt: { type: 'string', format: 'date-time' },
      pages: arrayOf(objectSchema({ site: TEXT, page: TEXT }), 'The pages that look different now.'),
      stateHash: { ...SHA256, description: 'Proves what is live after the release.' },
      items: arrayOf(
        objectSchema(
          {
            kind: TEXT,
            site: TEXT,
            key: TEXT,
            sha256: { type: ['string', 'null'], description: 'The blob that is live now; null where it was removed.' },
            revision: { type: 'integer', minimum: 1, description: 'The number of the revision that is live now.' },
          },
          { optional: ['revision'] },
        ),
        'The documents that changed, for keys with the scope sync.',
      ),
    },
    { optional: ['items'], description: 'One release, as far as the key may see it.' },
  ),
  ChangeList: objectSchema({
    epoch: { ...TEXT, description: 'Another epoch means that the database was restored: read the manifest again.' },
    from: SEQ,
    to: { ...SEQ, description: 'Ask again with `since` at this seq.' },
    current: SEQ,
    changes: arrayOf(schemaRef('Change')),
  }),
  Manifest: objectSchema({
    environment: TEXT,
    epoch: TEXT,
    seq: SEQ,
    stateHash: SHA256,
    documents: arrayOf(objectSchema({ kind: TEXT, site: TEXT, key: TEXT, sha256: SHA256 })),
  }),
};

/** Routes for consumers that follow releases or keep a copy. */
export const CHANGE_ROUTES: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/v1/{environment}/changes',
    tag: 'Changes',
    summary: 'Releases as they land: a stream, or a list with `since`.',
    description:
      'Without `since`, server-sent events whose `id` is the seq. The first is `head` with `{ seq, current }`: from which release the stream continues, and which one is current. `release` carries a release, as in the list. `reset` with `{ seq, stateHash }` says that too much was missed: read everything again. Use `addEventListener("release", …)`; `onmessage` receives none of them.',
    security: ['none', 'clientKey', 'clientKeyInQuery'],
    parameters: [
      ENVIRONMENT,
      { name: 'since', in: 'query', description: 'List the releases after this seq.', schema: SEQ },
      { name: 'lastEventId', in: 'query', description: 'Like `Last-Event-ID`.', schema: SEQ },
      { name: 'Last-Event-ID', in: 'header', description: 'Resume the stream after this seq.', schema: TEXT },
    ],
    answers: {
      200: {
        description: 'The list, or the stream.',
        content: { 'application/json': schemaRef('ChangeList'), 'text/event-stream': TEXT },
      },
    },
    problems: [...KEY_PROBLEMS, 'CHANGES_GONE', 'BEHIND', 'TOO_MANY_STREAMS'],
  },
  {
    method: 'GET',
    path: '/v1/{environment}/manifest',
    tag: 'Changes',
    summary: 'Everything live, by name and hash.',
    security: ['clientKey'],
    parameters: [
      ENVIRONMENT,
      { name: 'If-None-Match', in: 'header', description: 'The ETag of an earlier answer.', schema: TEXT },
    ],
    answers: {
      200: { description: 'The manifest.', content: { 'application/json': schemaRef('Manifest') } },
      304: { description: 'Nothing has changed since the answer with this ETag.' },
    },
    problems: KEY_PROBLEMS,
  },
  {
    method: 'GET',
    path: '/v1/{environment}/blobs/{sha256}',
    tag: 'Changes',
    summary: 'The body of a document, by its hash.',
    description: 'Its bytes never change.',
    security: ['clientKey'],
    parameters: [
      ENVIRONMENT,
      { name: 'sha256', in: 'path', description: 'The SHA-256 of the body in lower-case hexadecimal.', schema: SHA256 },
      { name: 'If-None-Match', in: 'header', description: 'The ETag of an earlier answer.', schema: TEXT },
    ],
    answers: {
      200: { description: 'The body.', content: { 'application/json': { type: 'object' } } },
      304: { description: 'You have it.' },
    },
    problems: [...KEY_PROBLEMS, 'UNKNOWN_BLOB'],
  },
];
