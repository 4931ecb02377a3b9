import { sha256Hex } from '@paddock/contracts';
import { holderOfKey } from '@paddock/http-server';

/** `read`: metrics and events; `operate`: the quarantine, reconciliation and cut-overs as well. */
export const ANALYTICS_SCOPES = ['read', 'operate'] as const;
export type AnalyticsScope = (typeof ANALYTICS_SCOPES)[number];

/** The holder of a valid key. */
export interface Caller {
  name: string;
  scopes: readonly AnalyticsScope[];
}

/** Why a request is not authorized. */
export type Refusal = { code: 'UNAUTHENTICATED' | 'TOKEN_INVALID' | 'FORBIDDEN'; status: 401 | 403; message: string };

/** The scopes of each API key, by its SHA-256. The keys themselves are not stored. */
export class ApiKeys {
  constructor(
    private readonly callers: ReadonlyMap<string, Caller>,
    /** May metrics be read without a key? */
    private readonly openReads = false,
  ) {}

  /** The caller that the key authorizes for the scope, or why it does not. */
  admit(key: string | undefined, scope: AnalyticsScope): Caller | Refusal {
    const known = key === undefined ? undefined : holderOfKey(key, (sha256) => this.callers.get(sha256));
    // Where reads are open, a key of another service is treated like no key.
    const caller = known ?? (scope === 'read' ? this.anybody() : undefined);
    if (!caller)
      return {
        code: key ? 'TOKEN_INVALID' : 'UNAUTHENTICATED',
        status: 401,
        message: key
          ? 'this key is not known here'
          : 'send a key as Authorization: Bearer or in the header Paddock-Client-Key',
      };
    if (!caller.scopes.includes(scope))
      return {
        code: 'FORBIDDEN',
        status: 403,
        message: `this key lacks the scope ${scope}; it has ${caller.scopes.join(', ')}`,
      };
    return caller;
  }

  private anybody(): Caller | undefined {
    return this.openReads ? { name: 'anonymous', scopes: ['read'] } : undefined;
  }
}

/**
 * Reads `name=sha256,name=sha256` of readers and of operators, who may read as well. The control plane may do all that
 * operators may, by the token that it shares with this service.
 */
export function parseCallers(
  { readers, operators }: { readers: string; operators: string },
  token?: string,
): Map<string, Caller> {
  const parse = (text: string, scopes: readonly AnalyticsScope[]): [string, Caller][] =>
    text
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [name = '', hash = ''] = pair.split('=');
        return [hash.trim().toLowerCase(), { name: name.trim(), scopes }];
      });
  const shared: [string, Caller][] =
    token === undefined ? [] : [[sha256Hex(token), { name: 'control-plane', scopes: ANALYTICS_SCOPES }]];
  return new Map([...parse(readers, ['read']), ...parse(operators, ANALYTICS_SCOPES), ...shared]);
}
