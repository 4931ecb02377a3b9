import type { Redis } from 'ioredis';
import { redisAreas } from '@paddock/contracts';
import { type Answer, type Failure, isBreaking, type Outcome } from '../outcome.js';
import { Notifier } from './notifier.js';
import { ABANDON, CLAIM, LEAVE, SETTLE } from './scripts.js';
import {
  type Claim,
  FAILURES_BEFORE_REST,
  leaseMs,
  type News,
  type Permit,
  type Question,
  resting,
  type SharedState,
} from './shared-state.js';

/** The keys of a question's slot and its upstream's state; the braces keep them in one slot of a Redis cluster. */
function keysOf(
  prefix: string,
  { id, upstream }: Question,
): [slot: string, throttle: string, rest: string, failures: string] {
  const base = redisAreas(prefix).oddsProxy;
  return [
    `${base}slot:${id}`,
    `${base}throttle:${upstream.key}`,
    `${base}rest:${upstream.key}`,
    `${base}failures:${upstream.key}`,
  ];
}

/** The channel on which processes announce answered questions. */
export function proxyNewsChannel(prefix: string): string {
  return redisAreas(prefix).proxyNews;
}

/** Agreement among all processes of one Redis, and the answers themselves, so that one process's request serves all. */
export class RedisState implements SharedState {
  private readonly notifier = new Notifier();
  private readonly channel: string;

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly now: () => number = Date.now,
  ) {
    this.channel = proxyNewsChannel(prefix);
  }

  /** Listens on a connection of its own. */
  async listen(subscriber: Redis): Promise<void> {
    subscriber.on('message', (channel: string, id: string) => {
      if (channel === this.channel) this.notifier.notify(id);
    });
    await subscriber.subscribe(this.channel);
  }

  news({ id }: Question): News {
    return this.notifier.subscribe(id);
  }

  async claim(question: Question, counted: string | undefined): Promise<Claim> {
    const { upstream } = question;
    const keys = keysOf(this.prefix, question);
    const keepMs = Math.max(upstream.silenceMs, upstream.windowMs) + leaseMs(upstream);
    const reply = await CLAIM.run(this.redis, keys, [
      upstream.windowMs,
      leaseMs(upstream),
      keepMs,
      counted ?? '',
      FAILURES_BEFORE_REST,
    ]);
    if (!Array.isArray(reply)) throw new Error('unexpected reply to a claim');
    const [kind, one = '', other = ''] = reply.map(String);
    switch (kind) {
      case 'YOURS':
        return { kind, permit: this.permit(question, keys, one, Number(other)) };
      case 'RUNNING':
        return {
          kind,
          fence: one,
          leave: async () => {
            await LEAVE.run(this.redis, keys.slice(0, 1), [one]);
          },
        };
      case 'DONE':
        return { kind, outcome: readOutcome(one, other, reply[3]) };
      case 'LATER':
        return { kind, waitMs: Number(one) };
      case 'RESTING': {
        const at = this.now();
        const probing = one === '';
        const until = at + Math.max(1, Math.min(Number(other), probing ? upstream.windowMs : Infinity));
        return {
          kind,
          failure: resting(upstream, at, until, probing ? 'one request is finding out whether it is back' : one),
        };
      }
      default:
        throw new Error('unexpected reply to a claim');
    }
  }

  private permit(question: Question, keys: readonly string[], fence: string, window: number): Permit {
    const { id, upstream } = question;
    return {
      window,
      settle: async (outcome) => {
        const { meta, body } = writeAnswer(outcome);
        const failure = outcome.ok ? undefined : outcome.failure;
        const throttleMs = Math.max(0, (failure?.restUntil ?? 0) - this.now());
        const args = [
          fence,
          JSON.stringify(failure ?? 'ok'),
          meta,
          body,
          verdictOf(failure),
          Math.ceil(throttleMs),
          upstream.cooldownMs,
          failure?.detail ?? '',
          FAILURES_BEFORE_REST,
          this.channel,
          id,
        ];
        return (await SETTLE.run(this.redis, keys, args)) === 1;
      },
      abandon: async () => (await ABANDON.run(this.redis, keys.slice(0, 1), [fence, this.channel, id])) === 1,
    };
  }
}

function verdictOf(failure: Failure | undefined): 'ok' | 'throttled' | 'breaking' | 'other' {
  if (!failure) return 'ok';
  if (failure.code === 'UPSTREAM_THROTTLED') return 'throttled';
  return isBreaking(failure) ? 'breaking' : 'other';
}

function writeAnswer(outcome: Outcome): { meta: string; body: Buffer } {
  if (!outcome.ok) return { meta: '', body: Buffer.alloc(0) };
  const { body, ...meta } = outcome.answer;
  return { meta: JSON.stringify(meta), body };
}

/** The values under this prefix were written by this service. */
function readOutcome(outcome: string, meta: string, body: unknown): Outcome {
  const said: 'ok' | Failure = JSON.parse(outcome);
  if (said !== 'ok') return { ok: false, failure: said };
  const rest: Omit<Answer, 'body'> = JSON.parse(meta);
  return { ok: true, answer: { ...rest, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) } };
}
