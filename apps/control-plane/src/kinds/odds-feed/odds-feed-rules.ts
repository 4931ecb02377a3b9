import {
  FEED_SECRET_PREFIX,
  FEED_SOURCES,
  literalSecretInHeader,
  literalSecretInUrl,
  type OddsFeedBody,
  SUSPENDED_DISPLAYS,
} from '@paddock/contracts';
import { configHeaderProblem } from '@paddock/outbound';
import { LITERAL_SECRET } from '../../documents/config-kind.js';
import { Check, type Finding, found, inTurn, isObject, type Rule, wrongType } from '../rules/check.js';
import { integer } from '../rules/integer.js';
import { text } from '../rules/text.js';

const fitting = (max: number, code: string, fits: (value: string) => boolean, expected: string): Rule =>
  inTurn(text({ max, filled: true }), (value) =>
    fits(String(value)) ? [] : [{ code, message: `is ${found(value)}, expected ${expected}` }],
  );

const SECRET_NAME = new RegExp(`^${FEED_SECRET_PREFIX}[A-Z0-9_]+$`);

/** A variable that only feeds may read: config that could name any variable could send any secret anywhere. */
export const Variable = (): PropertyDecorator =>
  Check(
    fitting(
      100,
      'INVALID_VARIABLE',
      (name) => SECRET_NAME.test(name) && !name.endsWith('_HOSTS'),
      `the name of an environment variable that begins with ${FEED_SECRET_PREFIX}`,
    ),
  );

/** A file or folder below the one that the odds service is given; nothing leads out of it. */
const filePath = fitting(
  300,
  'INVALID_PATH',
  (path) => /^[\w.@+-]+(?:\/[\w.@+-]+)*$/.test(path) && !path.split('/').some((part) => part === '..' || part === '.'),
  'a path of letters, digits and . _ @ + - below the folder of the odds service, such as betfair/market.bz2',
);

export const FilePath = (): PropertyDecorator => Check(filePath);

export const FilePaths = (max: number): PropertyDecorator => Check(listOf(0, max, 'paths', filePath));

/** A credential in an address comes before everything else: what other findings quote must not hold one. */
const withoutSecret: Rule = (value) => {
  const message = typeof value === 'string' ? literalSecretInUrl(value) : undefined;
  return message === undefined ? [] : [{ code: LITERAL_SECRET, message }];
};

/** An address over HTTPS, or over HTTP for what stands in the own network. */
export const HttpUrl = (): PropertyDecorator =>
  Check(
    inTurn(
      withoutSecret,
      fitting(
        500,
        'INVALID_URL',
        (value) => {
          const url = URL.parse(value);
          return (
            url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === ''
          );
        },
        'an http: or https: address without user and password',
      ),
    ),
  );

export const HostName = (): PropertyDecorator =>
  Check(
    fitting(
      253,
      'INVALID_HOST',
      (name) => /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name),
      'the name of a host',
    ),
  );

export const HeaderName = (): PropertyDecorator =>
  Check(
    fitting(
      100,
      'INVALID_HEADER',
      (name) => configHeaderProblem(name) === undefined,
      'the name of a header that is not the transport’s own, such as X-Api-Key',
    ),
  );

export const ParameterName = (): PropertyDecorator =>
  Check(fitting(100, 'INVALID_PARAMETER', (name) => /^[\w.~[\]-]+$/.test(name), 'the name of a query parameter'));

export const Words = (max: number): PropertyDecorator =>
  Check(listOf(0, max, 'texts', text({ max: 100, filled: true })));

export const Producers = (): PropertyDecorator => Check(listOf(1, 50, 'numbers of producers', integer(1, 1_000)));

export const YesNo = (): PropertyDecorator =>
  Check((value) => (typeof value === 'boolean' ? [] : [wrongType(value, 'true or false')]));

export const Speed = (): PropertyDecorator =>
  Check((value) => {
    if (typeof value !== 'number') return [wrongType(value, 'a number from 0 to 100,000')];
    return value >= 0 && value <= 100_000
      ? []
      : [{ code: 'OUT_OF_RANGE', message: `is ${found(value)}, expected a number from 0 to 100,000` }];
  });

export const Display = (): PropertyDecorator =>
  Check((value) =>
    SUSPENDED_DISPLAYS.some((display) => display === value)
      ? []
      : [{ code: 'INVALID_VALUE', message: `is ${found(value)}, expected one of ${SUSPENDED_DISPLAYS.join(', ')}` }],
  );

function listOf(min: number, max: number, what: string, rule: Rule): Rule {
  return (value) => {
    if (!Array.isArray(value)) return [wrongType(value, `a list of ${min} to ${max} ${what}`)];
    if (value.length < min)
      return [{ code: 'TOO_FEW', message: `has ${value.length} members, at least ${min} is needed` }];
    if (value.length > max)
      return [{ code: 'TOO_MANY', message: `has ${value.length} members, at most ${max} are allowed` }];
    return value.flatMap((member: unknown, index): Finding[] => {
      const path = `[${index}]`;
      if (value.indexOf(member) < index)
        return [{ path, code: 'DUPLICATE', message: `${found(member)} stands in the list twice` }];
      return rule(member).map((finding) => ({ path, ...finding }));
    });
  };
}

/** A source is exactly one of its members. */
export const sourceFindings: Rule = (source) => {
  if (!isObject(source)) return [];
  const given = FEED_SOURCES.filter((name) => source[name] != null);
  return given.length === 1
    ? []
    : [
        {
          code: 'EXACTLY_ONE',
          message: `has ${given.length === 0 ? 'none' : given.join(' and ')}, expected exactly one of ${FEED_SOURCES.join(', ')}`,
        },
      ];
};

/** A header says either what it holds or where that is kept, and what it holds is no credential. */
export const headerFindings: Rule = (headers) =>
  (Array.isArray(headers) ? headers : []).flatMap((header: unknown, index): Finding[] => {
    if (!isObject(header)) return [];
    const { name, value, variable } = header;
    const one = { path: `[${index}]`, code: 'EXACTLY_ONE', message: 'expected exactly one of value and variable' };
    if ((value == null) === (variable == null)) return [one];
    const literal = typeof name === 'string' && typeof value === 'string';
    const secret = literal ? literalSecretInHeader(name, value) : undefined;
    return secret === undefined ? [] : [{ path: `[${index}].value`, code: LITERAL_SECRET, message: secret }];
  });

const STATUSES = ['INACTIVE', 'OPEN', 'SUSPENDED', 'CLOSED', 'CANCELLED'];
const MARKET_PLACES = {
  id: true,
  event: true,
  eventName: false,
  sport: false,
  competition: false,
  type: false,
  name: false,
  startTime: false,
  status: false,
  inPlay: false,
};
const RUNNER_PLACES = { id: true, name: false, price: true, active: false };

/** How an answer is read: where its markets and runners stand, and what its words mean. */
export const mappingFindings: Rule = (mapping) => {
  if (!isObject(mapping)) return [];
  const { markets, market, runners, runner, statuses, prices, ...rest } = mapping;
  return [
    ...Object.keys(rest).map((path): Finding => ({ path, code: 'UNKNOWN_FIELD', message: 'is not a known field' })),
    ...[
      { path: 'markets', value: markets },
      { path: 'runners', value: runners },
    ].flatMap(({ path, value }) =>
      typeof value === 'string'
        ? []
        : [{ path, ...wrongType(value, 'the path of a list, such as data.markets; empty for the whole answer') }],
    ),
    ...placesFindings('market', market, MARKET_PLACES),
    ...placesFindings('runner', runner, RUNNER_PLACES),
    ...statusFindings(statuses),
    ...(prices === 'decimal' || prices === 'american'
      ? []
      : [{ path: 'prices', code: 'INVALID_VALUE', message: `is ${found(prices)}, expected decimal or american` }]),
  ];
};

function placesFindings(path: string, places: unknown, known: Readonly<Record<string, boolean>>): Finding[] {
  if (!isObject(places)) return [{ path, ...wrongType(places, 'an object') }];
  const missing = Object.keys(known).filter((name) => known[name] === true && places[name] == null);
  return [
    ...missing.map((name): Finding => ({
      path: `${path}.${name}`,
      ...wrongType(undefined, 'a path, or an object with a fixed value'),
    })),
    ...Object.entries(places).flatMap(([name, place]): Finding[] => {
      if (!(name in known))
        return [{ path: `${path}.${name}`, code: 'UNKNOWN_FIELD', message: 'is not a known field' }];
      return place == null || isPlace(place)
        ? []
        : [{ path: `${path}.${name}`, ...wrongType(place, 'a path, or an object with a fixed value') }];
    }),
  ];
}

function isPlace(place: unknown): boolean {
  if (typeof place === 'string') return place !== '';
  return (
    isObject(place) &&
    Object.keys(place).join() === 'value' &&
    ['string', 'number', 'boolean'].includes(typeof place.value)
  );
}

function statusFindings(statuses: unknown): Finding[] {
  if (statuses == null) return [];
  if (!isObject(statuses)) return [{ path: 'statuses', ...wrongType(statuses, 'an object') }];
  return Object.entries(statuses).flatMap(([word, status]): Finding[] =>
    STATUSES.some((known) => known === status)
      ? []
      : [
          {
            path: `statuses.${word}`,
            code: 'INVALID_VALUE',
            message: `is ${found(status)}, expected one of ${STATUSES.join(', ')}`,
          },
        ],
  );
}

/** What only several fields together show. */
export function feedFindings(body: OddsFeedBody): Finding[] {
  return [...parameterFindings(body), ...windowFindings(body)];
}

/** One parameter has one value: it stands neither in the address nor in the list a second time. */
function parameterFindings({ source }: OddsFeedBody): Finding[] {
  const poller = isObject(source) && isObject(source.poller) ? source.poller : undefined;
  const parameters: unknown = poller?.parameters;
  const taken = new Set(URL.parse(String(poller?.url))?.searchParams.keys() ?? []);
  return (Array.isArray(parameters) ? parameters : []).flatMap((parameter: unknown, index): Finding[] => {
    const name = isObject(parameter) ? parameter['name'] : undefined;
    if (typeof name !== 'string') return [];
    if (taken.has(name))
      return [
        {
          path: `source.poller.parameters[${index}].name`,
          code: 'DUPLICATE',
          message: `${found(name)} stands in the address or in the list already`,
        },
      ];
    taken.add(name);
    return [];
  });
}

function windowFindings({ source, syncWindowMs, silenceMs }: OddsFeedBody): Finding[] {
  const polled = isObject(source) && source.poller != null;
  if (!polled || !(Number(syncWindowMs) < 100 || Number(silenceMs) < 2 * Number(syncWindowMs))) return [];
  if (Number(syncWindowMs) < 100)
    return [
      {
        path: 'syncWindowMs',
        code: 'OUT_OF_RANGE',
        message: `is ${syncWindowMs}, expected at least 100 for a source that is asked`,
      },
    ];
  return [
    {
      path: 'silenceMs',
      code: 'OUT_OF_RANGE',
      message: `is ${silenceMs}, expected at least twice syncWindowMs (${syncWindowMs}): a source that is asked says nothing in between`,
    },
  ];
}
