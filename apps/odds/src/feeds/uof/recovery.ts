/**
 * When a producer of the Unified Odds Feed may be trusted. Pure: Sportradar's rules as a state machine, with time as one
 * of the events.
 */
export interface RecoveryState {
  readonly phase: 'DOWN' | 'RECOVERING' | 'ACTIVE';
  /** Sportradar's timestamp of the newest alive while active: every earlier message was received. */
  readonly validTo: number | undefined;
  readonly aliveAt: number;
  readonly request:
    | {
        readonly id: number;
        readonly at: number;
        readonly refusals: number;
        readonly post: 'SENT' | 'ACCEPTED' | 'REFUSED';
      }
    | undefined;
  readonly requests: number;
}

export type RecoveryEvent =
  | { readonly type: 'alive'; readonly timestamp: number; readonly subscribed: boolean }
  | { readonly type: 'snapshot_complete'; readonly requestId: string }
  /** The POST for a recovery was accepted or refused; its `after` may be the reason for a refusal. */
  | { readonly type: 'requested'; readonly requestId: number; readonly ok: boolean; readonly badTime?: boolean }
  /** The market-state service does not trust the producer; repeated until the producer is complete. */
  | { readonly type: 'distrusted' }
  /** Messages were received and then lost: a recovery under way is incomplete. */
  | { readonly type: 'lost' }
  /** A message was received that cannot be read and names no event: it may have changed any market. */
  | { readonly type: 'unreadable' }
  | { readonly type: 'tick' };

export type RecoveryAction =
  | { readonly type: 'down'; readonly reason: 'RESTART' | 'SILENT' | 'DISCONNECTED' | 'UNREADABLE' }
  | { readonly type: 'up' }
  /** Without `after` the recovery is for everything. */
  | { readonly type: 'request'; readonly requestId: number; readonly after: number | undefined };

export interface RecoveryRules {
  /** The producer is down without an alive for this long. */
  readonly silenceMs: number;
  /** How far back the producer can recover; after a longer outage, everything is requested. */
  readonly windowMs: number;
  /** A recovery that takes longer is requested again. */
  readonly maxMs: number;
  /** Sportradar limits the rate of requests. */
  readonly minBetweenMs: number;
}

export const UOF_RULES: RecoveryRules = {
  silenceMs: 20_000,
  windowMs: 10 * 3_600_000,
  maxMs: 1_200_000,
  minBetweenMs: 30_000,
};

export const UNRECOVERED: RecoveryState = {
  phase: 'DOWN',
  validTo: undefined,
  aliveAt: -Infinity,
  request: undefined,
  requests: 0,
};

type Step = readonly [RecoveryState, readonly RecoveryAction[]];

export function recoveryStep(
  state: RecoveryState,
  event: RecoveryEvent,
  now: number,
  rules: RecoveryRules = UOF_RULES,
): Step {
  switch (event.type) {
    case 'alive': {
      const heard: RecoveryState = { ...state, aliveAt: now };
      if (!event.subscribed) return recover(...down(heard, 'DISCONNECTED'), now, rules);
      if (heard.phase === 'ACTIVE') return [{ ...heard, validTo: event.timestamp }, []];
      return heard.phase === 'DOWN' ? recover(heard, [], now, rules) : [heard, []];
    }
    case 'snapshot_complete':
      // Only the newest request counts: an answer to an older one is incomplete.
      if (state.phase !== 'RECOVERING' || String(state.request?.id) !== event.requestId) return [state, []];
      return [{ ...state, phase: 'ACTIVE', validTo: state.validTo }, [{ type: 'up' }]];
    case 'requested':
      return requested(state, event, now, rules);
    case 'distrusted':
      // A recovery that restarts at every reminder would never end. A producer that is down recovers at its next alive.
      return state.phase === 'ACTIVE' ? recover({ ...state, phase: 'DOWN' }, [], now, rules) : [state, []];
    case 'lost':
      return recover({ ...state, phase: 'DOWN' }, [], now, rules);
    case 'unreadable':
      return recover(...down(state, 'UNREADABLE'), now, rules);
    case 'tick':
      return tick(state, now, rules);
  }
}

function tick(state: RecoveryState, now: number, rules: RecoveryRules): Step {
  if (state.phase !== 'DOWN' && now - state.aliveAt > rules.silenceMs) return down(state, 'SILENT');
  if (state.phase === 'DOWN' && now - state.aliveAt <= rules.silenceMs) return recover(state, [], now, rules);
  if (state.phase !== 'RECOVERING' || !state.request) return [state, []];
  const { at, post, refusals } = state.request;
  const patienceMs = post === 'REFUSED' ? backoffMs(refusals) : rules.maxMs;
  return now - at > patienceMs ? ask(state, [], now, rules, post === 'REFUSED' ? refusals : 0) : [state, []];
}

/** A failed POST is not a recovery under way: it is tried again at once, then ever more slowly. */
function requested(
  state: RecoveryState,
  { requestId, ok, badTime }: Extract<RecoveryEvent, { type: 'requested' }>,
  now: number,
  rules: RecoveryRules,
): Step {
  if (state.phase !== 'RECOVERING' || state.request?.id !== requestId) return [state, []];
  if (ok) return [{ ...state, request: { ...state.request, post: 'ACCEPTED' } }, []];
  const refusals = state.request.refusals + 1;
  const tried: RecoveryState = badTime ? { ...state, validTo: undefined } : state;
  if (refusals === 1) return ask(tried, [], now, rules, refusals);
  return [{ ...tried, request: { ...state.request, at: now, refusals, post: 'REFUSED' } }, []];
}

function down(
  state: RecoveryState,
  reason: 'SILENT' | 'DISCONNECTED' | 'UNREADABLE',
): [RecoveryState, RecoveryAction[]] {
  return state.phase === 'DOWN' ? [state, []] : [{ ...state, phase: 'DOWN' }, [{ type: 'down', reason }]];
}

function recover(state: RecoveryState, actions: readonly RecoveryAction[], now: number, rules: RecoveryRules): Step {
  const { request } = state;
  if (request?.post === 'ACCEPTED' && now - request.at < rules.minBetweenMs) return [state, actions];
  return ask(state, actions, now, rules, 0);
}

function ask(
  state: RecoveryState,
  actions: readonly RecoveryAction[],
  now: number,
  rules: RecoveryRules,
  refusals: number,
): Step {
  const id = state.requests + 1;
  const after = state.validTo !== undefined && now - state.validTo < rules.windowMs ? state.validTo : undefined;
  const next: RecoveryState = {
    ...state,
    phase: 'RECOVERING',
    requests: id,
    request: { id, at: now, refusals, post: 'SENT' },
  };
  return [next, [...actions, { type: 'request', requestId: id, after }]];
}

/** From the second refusal on. */
function backoffMs(refusals: number): number {
  return Math.min(1_000 * 2 ** (refusals - 2), 30_000);
}
