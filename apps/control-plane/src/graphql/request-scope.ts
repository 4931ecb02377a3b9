import type { Actor } from '../access/actor.js';
import type { Credential } from '../access/credential.js';

/** Who asks, as far as could be found out; `refusal` says why a credential that was sent does not count. */
export interface Caller {
  actor?: Actor;
  credential?: Credential;
  /** When they last proved their password in this session. */
  confirmedAt?: Date;
  refusal?: string;
}

/**
 * What one GraphQL operation carries along: Nest's GraphQL context. Every event of a subscription gets a new one, so
 * that nothing that was loaded for an earlier event is taken for current.
 */
export class RequestScope {
  constructor(
    readonly requestId: string,
    readonly ip: string,
    readonly caller: Caller,
    private readonly connection: Connection = {},
  ) {}

  /** Sets a cookie with the answer; nothing on a WebSocket. */
  setCookie(cookie: string): void {
    this.connection.setCookie?.(cookie);
  }

  /** Who asks now, with the grants that they have now: a subscription outlives what its caller may do. */
  async currentCaller(): Promise<Caller> {
    return (await this.connection.identifyAgain?.()) ?? this.caller;
  }

  /** The caller as they are now, nothing loaded. */
  async renewed(): Promise<RequestScope> {
    return new RequestScope(this.requestId, this.ip, await this.currentCaller(), this.connection);
  }
}

/** What a scope can do to the connection that it came by. */
export interface Connection {
  setCookie?(cookie: string): void;
  /** Only where operations last: reads again who the connection's credential belongs to. */
  identifyAgain?(): Promise<Caller>;
}

/**
 * One `T` per operation, made when first asked for: how services keep a DataLoader that batches within one operation
 * and shares nothing with any other.
 * @example
 * private readonly byId = new PerRequest(() => new DataLoader<string, User | undefined>((ids) => this.load(ids)));
 * // in a field resolver: this.byId.of(scope).load(id), with `@Context() scope: RequestScope`
 */
export class PerRequest<T> {
  private readonly instances = new WeakMap<RequestScope, T>();

  constructor(private readonly create: (scope: RequestScope) => T) {}

  of(scope: RequestScope): T {
    let instance = this.instances.get(scope);
    if (instance === undefined) {
      instance = this.create(scope);
      this.instances.set(scope, instance);
    }
    return instance;
  }
}
