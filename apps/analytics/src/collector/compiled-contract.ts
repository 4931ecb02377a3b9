import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { INSTANT_EXPECTED } from '#contracts';
import { schemaValidator } from '#json-schema';
import {
  compareSemVer,
  contractFields,
  type EventSchemaBody,
  type EventVersion,
  parseSemVer,
  requiresField,
  versionFields,
} from '#metrics';
import { type TimePolicy, timePolicy } from '../processor/policies.js';
import { ENVELOPE_COLUMNS, storedFields } from '../store/raw-table.js';
import { type ClaimedIdentity, identityProblem } from './claimed-identity.js';
import { isStorableTime, readTime } from './event-time.js';
import { type EventBody, fieldWriter, type FieldWriter, valueAt, writeText } from './field-writer.js';
import { type Rejection, reject } from './rejection.js';

/** What is known of an event besides what it says itself. */
export interface Reception {
  receivedAt: number;
  producer: string;
  bot: boolean;
  /** Added to the sender's times. */
  skewMs: number;
  /** The event's own `version` and `sent_at` are fields like any others. */
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

/** Members of an event that are no fields of it, unless it has an envelope. */
const RESERVED: ReadonlySet<string> = new Set(['version', 'sent_at']);
const MAX_ID_LENGTH = 200;
/** JSON text of an identifying field that gives no id. */
const NOBODY = '""';
const ROLES = ['user', 'anonymous', 'session'] as const;

/** One version of a contract, ready to check events and to write them as rows. */
export class CompiledContract {
  readonly columns: readonly string[];
  readonly policy: TimePolicy;
  private readonly validate: ValidateFunction;
  private readonly fields: readonly Field[];
  private readonly known: ReadonlySet<string>;
  private readonly declared: ReadonlySet<string>;
  private readonly paths: Readonly<
    Record<'id' | 'time' | 'user' | 'anonymous' | 'session', readonly string[] | undefined>
  >;
  /** Roles whose field every event of this version has, so that an empty text says too little. */
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
    this.declared = new Set(versionFields(version).map(({ path }) => path));
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

  /** Whether this version has a field of that path. */
  declares(path: string): boolean {
    return this.declared.has(path);
  }

  /** Checks an event and writes it as a row. */
  accept(event: EventBody, reception: Reception): WrittenEvent | Rejection {
    if (reception.receivedAt >= this.endsAt)
      return reject(
        'VERSION_ENDED',
        `version ${this.version.version} of ${this.contract.event} ended on ${this.version.deprecated?.endsOn ?? ''}`,
      );
    if (!this.validate(event)) return violation(this.validate.errors ?? []);
    const id = this.identity(event, 'id');
    if (typeof id !== 'string') return id;
    if (id === NOBODY || id.length > MAX_ID_LENGTH)
      return reject('ID_MISSING', `must have 1 to ${MAX_ID_LENGTH} characters`, this.contract.fields.id);
    const time = this.time(event, reception);
    return typeof time === 'number' ? this.write(event, reception, id, time) : time;
  }

  private write(
    event: EventBody,
    { receivedAt, producer, bot, skewMs, enveloped = false }: Reception,
    id: string,
    time: number,
  ): WrittenEvent | Rejection {
    const user = this.identity(event, 'user');
    if (typeof user !== 'string') return user;
    const anonymous = this.paths.anonymous ? this.identity(event, 'anonymous') : NOBODY;
    if (typeof anonymous !== 'string') return anonymous;
    const session = this.identity(event, 'session');
    if (typeof session !== 'string') return session;
    const identity =
      anonymous === NOBODY || user === NOBODY
        ? {}
        : { user: this.textAt(event, 'user'), anonymous: this.textAt(event, 'anonymous') };
    const problem = identityProblem(identity);
    if (problem) return problem;
    let row = `[${id},${time},${receivedAt},${user === NOBODY ? anonymous : user},${session},${JSON.stringify(producer)},"${this.version.version}",${bot ? 'true' : 'false'},${skewMs / 1_000},${this.extra(event, enveloped)}`;
    for (const { path, name, write } of this.fields) {
      const text = write(valueAt(event, path), name);
      if (typeof text !== 'string') return text;
      row += `,${text}`;
    }
    return { row: `${row}]`, time, identity };
  }

  private time(event: EventBody, { receivedAt, skewMs }: Reception): number | Rejection {
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
  private identity(event: EventBody, role: 'id' | 'user' | 'anonymous' | 'session'): string | Rejection {
    const path = this.paths[role];
    const value = path && valueAt(event, path);
    if (value === '' && this.needed.has(role))
      return reject('ID_MISSING', 'must not be empty', this.contract.fields[role]);
    if (value === undefined || value === null) return NOBODY;
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

/** A contract of a hundred fields; events of such are checked by code that Ajv has optimised. */
const ORDINARY_LENGTH = 8_000;

function compileSchema({ schema }: EventVersion): ValidateFunction {
  const { $id: _, ...rest } = schema;
  // That it is a schema was checked when the contract was read.
  return schemaValidator('decide', {
    validateSchema: false,
    meta: false,
    ordinary: JSON.stringify(rest).length < ORDINARY_LENGTH,
  }).compile(rest);
}

function violation(errors: readonly ErrorObject[]): Rejection {
  const [error] = errors;
  const at = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const missing: unknown = error?.keyword === 'required' ? error.params['missingProperty'] : undefined;
  const unknown: unknown = error?.keyword === 'additionalProperties' ? error.params['additionalProperty'] : undefined;
  const named = missing ?? unknown;
  const field = typeof named === 'string' ? (at === '' ? named : `${at}.${named}`) : at;
  if (error?.keyword === 'format' && error.params['format'] === 'date-time')
    return reject('TIME_INVALID', `must be ${INSTANT_EXPECTED}`, field);
  return reject('CONTRACT_VIOLATION', error?.message ?? 'does not fit its contract', field);
}

/** The versions of all contracts, ready for use. */
export class CompiledContracts {
  private readonly byEvent = new Map<string, Map<string, CompiledContract>>();
  private readonly newest = new Map<string, CompiledContract>();

  constructor(contracts: Iterable<EventSchemaBody>) {
    for (const contract of contracts) {
      const sorted = [...contract.versions].sort((a, b) =>
        compareSemVer(parseSemVer(a.version) ?? ZERO, parseSemVer(b.version) ?? ZERO),
      );
      const compiled = new Map(sorted.map((version) => [version.version, new CompiledContract(contract, version)]));
      this.byEvent.set(contract.event, compiled);
      const last = [...compiled.values()].at(-1);
      if (last) this.newest.set(contract.event, last);
    }
  }

  /** The contract for an event; without a version, the newest. */
  find(event: string, version: string | undefined): CompiledContract | Rejection {
    const newest = this.newest.get(event);
    if (!newest)
      return reject('UNKNOWN_EVENT', `there is no contract for ${JSON.stringify(event.slice(0, 100))}`, 'event');
    if (version === undefined) return newest;
    return (
      this.byEvent.get(event)?.get(version) ??
      reject('UNKNOWN_VERSION', `${event} has no version ${JSON.stringify(version.slice(0, 40))}`, 'version')
    );
  }
}

const ZERO = { major: 0, minor: 0, patch: 0 };
