import { canonicalJson, type Json } from '@paddock/contracts';

/** An entry of a frame, as it came. */
export interface WireMarket {
  readonly id: string;
  readonly v?: number;
  readonly img?: true;
  readonly rm?: true;
  readonly st?: string;
  readonly sr?: string;
  readonly ip?: boolean;
  readonly featured?: boolean;
  readonly bettable?: false;
  readonly def?: Json;
  readonly r?: readonly WireRunner[];
}

interface WireRunner {
  readonly id: number | string;
  readonly hc?: number;
  readonly [member: string]: Json | undefined;
}

/** A frame of odds/1, as it came. */
export interface WireFrame {
  readonly op: 'mc' | 'hb' | 'bye' | 'err' | 'unsub';
  readonly id?: number;
  readonly ct?: 'IMG' | 'RESUB';
  readonly seg?: 'S' | 'M' | 'E';
  readonly recovered?: boolean;
  readonly reason?: string;
  readonly clk?: string;
  readonly pt?: number;
  readonly con?: true;
  readonly code?: string;
  readonly conflateMs?: number;
  readonly hbMs?: number;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly m?: readonly WireMarket[];
}

interface Held {
  v: number;
  st: string;
  sr: string | undefined;
  ip: boolean;
  featured: boolean;
  frozen: boolean;
  def: Json;
  readonly runners: Map<string, WireRunner>;
}

const PRICES = ['p', 'lay', 'ltp', 'sp'];

/** A client by the letter of the protocol: what it holds is what bettors would see. */
export class MarketClient {
  readonly markets = new Map<string, Held>();
  clk: string | undefined;
  /** Entries that a client cannot make sense of; there must be none. */
  readonly violations: string[] = [];
  frames = 0;
  entries = 0;

  take(frame: WireFrame): void {
    this.frames += 1;
    if (frame.ct === 'IMG' && (frame.seg === undefined || frame.seg === 'S')) this.markets.clear();
    for (const entry of frame.m ?? []) this.apply(entry);
    if (frame.clk !== undefined) this.clk = frame.clk;
  }

  /** Everything that it holds, in one form for the same content. */
  get state(): string {
    return canonicalJson(
      [...this.markets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, market]) => plain(id, market)),
    );
  }

  priceOf(market: string, runner: number | string): Json | undefined {
    return this.markets.get(market)?.runners.get(String(runner))?.['p'];
  }

  private apply(entry: WireMarket): void {
    this.entries += 1;
    const { id, v = Number.NaN } = entry;
    if (entry.rm) {
      this.markets.delete(id);
      return;
    }
    let held = this.markets.get(id);
    if (held && v <= held.v) return;
    if (entry.img) {
      held = {
        v,
        st: '',
        sr: undefined,
        ip: false,
        featured: entry.featured === true,
        frozen: false,
        def: null,
        runners: new Map(),
      };
      this.markets.set(id, held);
    }
    if (!held || Number.isNaN(v)) {
      this.violations.push(JSON.stringify(entry));
      return;
    }
    held.v = v;
    if (entry.st !== undefined) {
      held.st = entry.st;
      held.sr = entry.sr;
      held.frozen = entry.bettable === false;
    }
    if (entry.ip !== undefined) held.ip = entry.ip;
    if (entry.def !== undefined) held.def = entry.def;
    for (const runner of entry.r ?? []) {
      const key = runner.hc ? `${runner.id}/${runner.hc}` : String(runner.id);
      held.runners.set(key, { ...held.runners.get(key), ...runner });
    }
    if (held.st !== 'OPEN' && !held.frozen) blank(held);
  }
}

function blank({ runners }: Held): void {
  for (const [key, runner] of runners) {
    const { id, hc, ...members } = runner;
    const left = Object.entries(members).filter(([name]) => !PRICES.includes(name));
    runners.set(key, { id, ...(hc ? { hc } : {}), ...Object.fromEntries(left) });
  }
}

function plain(id: string, { v, st, sr, ip, featured, frozen, def, runners }: Held): Json {
  const r: Json[] = [...runners]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, runner]) => JSON.parse(JSON.stringify(runner)));
  // The fraction also counts changes that were undone, which a disconnected reader does not get.
  return { id, v: Math.floor(v), st, sr: sr ?? null, ip, featured, frozen, def, r };
}
