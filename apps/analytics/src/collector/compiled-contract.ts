import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { INSTANT_EXPECTED } from '@paddock/contracts';
import { schemaValidator } from '@paddock/json-schema';
import {
  comparedName,
  compareSemVer,
  contractFields,
  type EventSchemaBody,
  type EventVersion,
  type FieldType,
  MAX_SENT_NAME_LENGTH,
  parseSemVer,
  requiresField,
  sentNames,
  versionFields,
} from '@paddock/metrics';
import { type TimePolicy, timePolicy } from '../processor/policies.js';
import { ENVELOPE_COLUMNS, storedFields } from '../store/raw-table.js';
import { type ClaimedIdentity, identityProblem } from './claimed-identity.js';
import { isStorableTime, readTime } from './event-time.js';
import { type EventBody, fieldWriter, type FieldWriter, valueAt, writeText } from './field-writer.js';
import { type Mistake, reject } from './rejection.js';

/** Facts about an event that it does not contain itself. */
export interface Reception {
  receivedAt: number;
  producer: string;
  bot: boolean;
  /** Added to the sender's times. */
  skewMs: number;
  /** The event's own `version` and `sent_at` are ordinary fields. */
  enveloped?: boolean;
}

/** An event as a row of its table. */
export interface WrittenEvent {
  row: string;
  /** Event time, corrected. */
  time: number;
  /** The ids in the contract's own fields. */
  identity: ClaimedIdentity;
}

interface Field {
  path: readonly string[];
  name: string;
  write: FieldWriter;
}

/** Members of an event that are metadata and not fields, unless it has an envelope. */
const RESERVED: ReadonlySet<string> = new Set(['version', 'sent_at']);
const MAX_ID_LENGTH = 200;
/** The most mistakes that are collected; a rejection shows fewer. */
const MAX_VIOLATIONS = 100;
/** The deepest level at which a contract may declare a field. */
const MAX_LEVELS = 6;
/** JSON text of an identifying field without an id. */
const NO_ID = '""';
const ROLES = ['user', 'anonymous', 'session'] as const;

/** One version of a contract, ready to check events and to write them as rows. */
export class CompiledContract {
  readonly columns: readonly string[];
  readonly policy: TimePolicy;
  private readonly validate: ValidateFunction;
  /** Finds every mistake; made when the first event is refused. */
  private explain: ValidateFunction | undefined;
  private readonly fields: readonly Field[];
  private readonly known: ReadonlySet<string>;
  private readonly declared: ReadonlyMap<string, FieldType>;
  private readonly paths: Readonly<
    Record<'id' | 'time' | 'user' | 'anonymous' | 'session', readonly string[] | undefined>
  >;
  /** Roles whose field this version requires, so that an empty text is refused. */
  private readonly needed: ReadonlySet<string>;
  private readonly endsAt: number;

  constructor(
    readonly contract: EventSchemaBody,
    readonly version: EventVersion,
  ) {
    const stored = storedFields(contract);
    this.columns = [...ENVELOPE_COLUMNS, ...stored.map(({ column }) => column)];
    this.policy = timePolicy(contract.time);
    this.validate = compileSchema(version);
    this.fields = stored.map(({ path, type }) => ({ path: path.split('.'), name: path, write: fieldWriter(type) }));
    this.known = new Set(['event', ...contractFields(contract).map(({ path }) => path.split('.')[0] ?? '')]);
    this.declared = new Map(versionFields(version).map(({ path, type }) => [path, type]));
    const { id, time, user, anonymous, session } = contract.fields;
    this.paths = {
      id: id.split('.'),
      time: time.split('.'),
      user: user?.split('.'),
      anonymous: anonymous?.split('.'),
      session: session?.split('.'),
    };
    this.needed = new Set(ROLES.filter((role) => requiresField(version.schema, contract.fields[role] ?? '')));
    this.endsAt = version.deprecated ? Date.parse(`${version.deprecated.endsOn}T00:00:00Z`) + 86_400_000 : Infinity;
  }

  /** The type of this version's field of that path; `undefined` where it has none. */
  typeOf(path: string): FieldType | undefined {
    return this.declared.get(path);
  }

  /** Checks an event and writes it as a row, or gives its first mistake. */
  accept(event: EventBody, reception: Reception): WrittenEvent | Mistake {
    const ended = this.ended(reception);
    if (ended) return ended;
    if (!this.validate(event)) return violation(this.validate.errors?.[0]);
    const id = this.id(event);
    if (typeof id !== 'string') return id;
    const time = this.time(event, reception);
    return typeof time === 'number' ? this.write(event, reception, id, time) : time;
  }

  /** Every mistake of an event that was refused. Slower than {@link accept}, which ends at the first. */
  mistakes(event: EventBody, reception: Reception): Mistake[] {
    this.explain ??= compileSchema(this.version, { allErrors: true });
    this.explain(event);
    const errors = this.explain.errors ?? [];
    const violations = errors.slice(0, MAX_VIOLATIONS).map(violation);
    // A field of the wrong type cannot be checked further.
    const unfit = new Set(errors.flatMap((error) => pathsTo(violation(error).field)));
    const { id, time, ...roles } = this.contract.fields;
    const checks: [path: string, check: () => unknown][] = [
      [id, () => this.id(event)],
      [time, () => this.time(event, reception)],
      ...ROLES.flatMap((role): [string, () => unknown][] => {
        const path = roles[role];
        return path === undefined ? [] : [[path, () => this.identity(event, role)]];
      }),
      ...this.fields.map(({ path, name, write }): [string, () => unknown] => [
        name,
        () => write(valueAt(event, path), name),
      ]),
    ];
    const found = checks.flatMap(([path, check]) => (unfit.has(path) ? [] : [check()])).filter(isMistake);
    const ended = this.ended(reception);
    return [...(ended ? [ended] : []), ...violations, ...found];
  }

  private ended({ receivedAt }: Reception): Mistake | undefined {
    if (receivedAt < this.endsAt) return undefined;
    const { event } = this.contract;
    const { version, deprecated } = this.version;
    return reject('VERSION_ENDED', `version ${version} of ${event} ended on ${deprecated?.endsOn ?? ''}`);
  }

  private id(event: EventBody): string | Mistake {
    const id = this.identity(event, 'id');
    if (typeof id === 'string' && (id === NO_ID || id.length > MAX_ID_LENGTH))
      return reject('ID_MISSING', `must have 1 to ${MAX_ID_LENGTH} characters`, this.contract.fields.id);
    return id;
  }

  private write(
    event: EventBody,
    { receivedAt, producer, bot, skewMs, enveloped = false }: Reception,
    id: string,
    time: number,
  ): WrittenEvent | Mistake {
    const user = this.identity(event, 'user');
    if (typeof user !== 'string') return user;
    const anonymous = this.paths.anonymous ? this.identity(event, 'anonymous') : NO_ID;
    if (typeof anonymous !== 'string') return anonymous;
    const session = this.identity(event, 'session');
    if (typeof session !== 'string') return session;
    const identity =
      anonymous === NO_ID || user === NO_ID
        ? {}
        : { user: this.textAt(event, 'user'), anonymous: this.textAt(event, 'anonymous') };
    const problem = identityProblem(identity);
    if (problem) return problem;
    let row = `[${id},${time},${receivedAt},${user === NO_ID ? anonymous : user},${session},${JSON.stringify(producer)},"${this.version.version}",${bot ? 'true' : 'false'},${skewMs / 1_000},${this.extra(event, enveloped)}`;
    for (const { path, name, write } of this.fields) {
      const text = write(valueAt(event, path), name);
      if (typeof text !== 'string') return text;
      row += `,${text}`;
    }
    return { row: `${row}]`, time, identity };
  }

  private time(event: EventBody, { receivedAt, skewMs }: Reception): number | Mistake {
    const field = this.contract.fields.time;
    const occurred = readTime(this.paths.time && valueAt(event, this.paths.time), field);
    if (typeof occurred !== 'number') return occurred;
    const time = occurred + skewMs;
    if (!isStorableTime(time))
      return reject(
        'TIME_INVALID',
        `is not between 1970 and 2100 once it is corrected by ${skewMs / 1_000} s for the sender's clock`,
        field,
      );
    if (time > receivedAt + this.policy.maxFutureSkewMs)
      return reject(
        'TOO_FAR_IN_FUTURE',
        `lies ${Math.round((time - receivedAt) / 1_000)} s ahead of our clock, at most ${this.policy.maxFutureSkewMs / 1_000} s are allowed`,
        this.contract.fields.time,
      );
    return time;
  }

  /** JSON text of an identifying field, an empty text where it is missing. */
  private identity(event: EventBody, role: 'id' | 'user' | 'anonymous' | 'session'): string | Mistake {
    const path = this.paths[role];
    const value = path && valueAt(event, path);
    if (value === '' && this.needed.has(role))
      return reject('ID_MISSING', 'must not be empty', this.contract.fields[role]);
    if (value === undefined || value === null) return NO_ID;
    return writeText(String(value), this.contract.fields[role] ?? role);
  }

  private textAt(event: EventBody, role: 'user' | 'anonymous'): string {
    const path = this.paths[role];
    return path ? String(valueAt(event, path)) : '';
  }

  /** Members that the contract does not declare are kept apart: a later version may declare them. */
  private extra(event: EventBody, enveloped: boolean): string {
    let extra: Record<string, unknown> | undefined;
    for (const name in event) {
      if (!this.known.has(name) && (enveloped || !RESERVED.has(name))) (extra ??= {})[name] = event[name];
    }
    return extra ? JSON.stringify(JSON.stringify(extra).toWellFormed()) : '""';
  }
}

/**
 * The schema length of a contract of a hundred fields. Ajv optimises the checking code of contracts up to this length.
 */
const ORDINARY_LENGTH = 8_000;

function compileSchema({ schema }: EventVersion, { allErrors = false } = {}): ValidateFunction {
  const { $id: _, ...rest } = schema;
  // The contract's parser has checked that this is a schema.
  return schemaValidator('decide', {
    validateSchema: false,
    meta: false,
    allErrors,
    ordinary: JSON.stringify(rest).length < ORDINARY_LENGTH,
  }).compile(rest);
}

function isMistake(value: unknown): value is Mistake {
  return typeof value === 'object' && value !== null && 'code' in value;
}

/** A path and its parents: `cart`, `cart.total`. */
function pathsTo(field = ''): string[] {
  const names = field.split('.', MAX_LEVELS);
  return names.map((_, index) => names.slice(0, index + 1).join('.'));
}

function violation(error: ErrorObject | undefined): Mistake {
  const at = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const missing: unknown = error?.keyword === 'required' ? error.params['missingProperty'] : undefined;
  const unknown: unknown = error?.keyword === 'additionalProperties' ? error.params['additionalProperty'] : undefined;
  const named = missing ?? unknown;
  const field = typeof named === 'string' ? (at === '' ? named : `${at}.${named}`) : at;
  if (error?.keyword === 'format' && error.params['format'] === 'date-time')
    return reject('TIME_INVALID', `must be ${INSTANT_EXPECTED}`, field);
  return reject('CONTRACT_VIOLATION', error?.message ?? 'does not fit its contract', field);
}

/** The longest name in which an accent is written apart from each of its letters. */
const MAX_COMPARED_LENGTH = 4 * MAX_SENT_NAME_LENGTH;

/** The versions of all contracts, ready for use. */
export class CompiledContracts {
  private readonly byEvent = new Map<string, Map<string, CompiledContract>>();
  /** By every name under which the event is sent. */
  private readonly newest = new Map<string, CompiledContract>();

  constructor(contracts: Iterable<EventSchemaBody>) {
    for (const contract of contracts) {
      const sorted = [...contract.versions].sort((a, b) =>
        compareSemVer(parseSemVer(a.version) ?? ZERO, parseSemVer(b.version) ?? ZERO),
      );
      const compiled = new Map(sorted.map((version) => [version.version, new CompiledContract(contract, version)]));
      this.byEvent.set(contract.event, compiled);
      const last = [...compiled.values()].at(-1);
      if (last) for (const name of sentNames(contract)) this.newest.set(name, last);
    }
  }

  /** The contract for the name under which an event was sent; without a version, its newest. */
  find(name: string, version: string | undefined): CompiledContract | Mistake {
    const newest = this.named(name);
    if (!newest)
      return reject(
        'UNKNOWN_EVENT',
        `no contract has the name ${JSON.stringify(name.slice(0, 100).toWellFormed())}; list it in the \`names\` of an event schema`,
        'event',
      );
    if (version === undefined) return newest;
    const { event } = newest.contract;
    return (
      this.byEvent.get(event)?.get(version) ??
      reject('UNKNOWN_VERSION', `${event} has no version ${JSON.stringify(version.slice(0, 40))}`, 'version')
    );
  }

  /** The event that a name stands for; the shortened name itself where no contract has it. */
  eventOf(name: string): string {
    return this.named(name)?.contract.event ?? name.slice(0, 100).toWellFormed();
  }

  private named(name: string): CompiledContract | undefined {
    return (
      this.newest.get(name) ?? (name.length > MAX_COMPARED_LENGTH ? undefined : this.newest.get(comparedName(name)))
    );
  }
}

const ZERO = { major: 0, minor: 0, patch: 0 };
