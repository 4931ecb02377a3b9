import { DEVICES } from '@paddock/contracts';
import { arrayOf, objectSchema, type RouteDescription, schemaRef } from '@paddock/http-server';

const TEXT = { type: 'string' };
const INSTANT = { type: 'string', format: 'date-time' };
const VALID_UNTIL = { ...INSTANT, description: 'From then on the item must not be shown.' };

/** Schemas of pages as visitors see them. */
export const LAYOUT_SCHEMAS = {
  Layout: objectSchema(
    {
      site: TEXT,
      page: TEXT,
      environment: TEXT,
      validUntil: {
        type: ['string', 'null'],
        format: 'date-time',
        description: 'When schedules change the page next.',
      },
      slots: arrayOf(objectSchema({ name: TEXT, items: arrayOf(schemaRef('LayoutItem')) }), 'The places of the page.'),
    },
    { description: 'A page as one visitor sees it now.' },
  ),
  LayoutItem: {
    oneOf: [schemaRef('PromoItem'), schemaRef('ComponentItem'), schemaRef('MarketsItem')],
    description: 'What can stand in a slot; `type` says which.',
  },
  PromoItem: objectSchema(
    {
      type: { const: 'promo' },
      key: TEXT,
      title: TEXT,
      subtitle: TEXT,
      text: arrayOf(schemaRef('RichTextNode'), 'Rich text as a tree of nodes, never HTML.'),
      image: objectSchema({ url: TEXT, alt: TEXT }),
      cta: objectSchema({ label: TEXT, href: TEXT }, { description: 'A button or link.' }),
      badge: TEXT,
      terms: { ...TEXT, description: 'Terms that must be shown with the promo.' },
      tags: arrayOf(TEXT),
      component: { ...TEXT, description: 'The component that renders the promo.' },
      props: { description: 'Input of the component.' },
      validUntil: VALID_UNTIL,
    },
    {
      optional: ['subtitle', 'text', 'image', 'cta', 'badge', 'terms', 'tags', 'component', 'props', 'validUntil'],
    },
  ),
  RichTextNode: objectSchema(
    {
      type: {
        enum: ['paragraph', 'heading', 'list', 'item', 'text', 'emphasis', 'strong', 'code', 'link', 'image', 'break'],
      },
      children: arrayOf(
        schemaRef('RichTextNode'),
        'What is within a paragraph, heading, item, emphasis, strong or link.',
      ),
      items: arrayOf(schemaRef('RichTextNode'), 'The items of a list.'),
      ordered: { type: 'boolean', description: 'Is the list numbered?' },
      start: { type: 'integer', description: 'The first number of a numbered list that does not begin at 1.' },
      level: { enum: [2, 3, 4], description: 'The level of a heading; level 1 belongs to the page.' },
      value: { ...TEXT, description: 'The characters of a text or of code.' },
      url: { ...TEXT, description: 'Where a link leads, or where an image is: `https:` or a relative path.' },
      alt: { ...TEXT, description: 'What an image shows.' },
      title: TEXT,
    },
    { optional: ['children', 'items', 'ordered', 'start', 'level', 'value', 'url', 'alt', 'title'] },
  ),
  ComponentItem: objectSchema(
    { type: { const: 'component' }, component: TEXT, props: {}, validUntil: VALID_UNTIL },
    { optional: ['props', 'validUntil'] },
  ),
  MarketsItem: objectSchema(
    {
      type: { const: 'markets' },
      query: objectSchema(
        { sport: TEXT, competition: TEXT, limit: { type: 'integer' } },
        { optional: ['competition'] },
      ),
      markets: arrayOf(TEXT, 'Ids of the markets that may be seen, featured ones first, then by start.'),
      validUntil: VALID_UNTIL,
    },
    { optional: ['validUntil'] },
  ),
};

/** `GET /v1/{environment}/sites/{site}/layouts/{page}`, which is answered before the router. */
export const LAYOUT_ROUTES: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/v1/{environment}/sites/{site}/layouts/{page}',
    tag: 'Layouts',
    summary: 'A page as a visitor sees it now.',
    description: 'An environment may let layouts be read without a key; its policy says so.',
    security: ['none', 'clientKey'],
    parameters: [
      { name: 'environment', in: 'path', description: 'Such as `production`.', schema: TEXT },
      { name: 'site', in: 'path', description: 'The key of the site.', schema: TEXT },
      { name: 'page', in: 'path', description: 'The name of the page.', schema: TEXT },
      { name: 'locale', in: 'query', description: 'A BCP 47 tag such as `en-GB`.', schema: TEXT },
      {
        name: 'jurisdiction',
        in: 'query',
        description: 'An ISO 3166 code such as `GB` or `US-NJ`. A client key that names one overrules it.',
        schema: TEXT,
      },
      {
        name: 'device',
        in: 'query',
        description: 'What the visitor uses.',
        schema: { enum: DEVICES },
      },
      { name: 'segments', in: 'query', description: 'Keys of segments, joined by commas.', schema: TEXT },
      { name: 'visitor', in: 'query', description: 'An id by which percentages choose.', schema: TEXT },
      { name: 'If-None-Match', in: 'header', description: 'The ETag of an earlier answer.', schema: TEXT },
    ],
    answers: {
      200: {
        description: 'The page.',
        content: { 'application/json': schemaRef('Layout') },
        headers: {
          ETag: 'Names the content alone: a release that does not change it leaves it.',
          'Paddock-Seq': 'The seq of the release that the answer is of.',
        },
      },
      304: { description: 'The page has not changed since the answer with this ETag.' },
    },
    problems: [
      'INVALID_PARAMETERS',
      'MALFORMED_URL',
      'URL_TOO_LONG',
      'CLIENT_KEY_REQUIRED',
      'UNKNOWN_CLIENT_KEY',
      'SCOPE_MISSING',
      'OTHER_SITE',
      'UNKNOWN_ENVIRONMENT',
      'UNKNOWN_SITE',
      'UNKNOWN_PAGE',
      'NO_STATE',
      'TOO_MANY_WRONG_KEYS',
    ],
  },
];
