import { textLiteral } from '@paddock/metrics';
import type { Engine } from '../store/engine.js';
import { lines } from '../store/store.js';
import { AUTHORITIES, type Authority, type ReconciliationStatus } from './reconciliation-state.js';
import type { ComparedWindow } from './reconciliations.js';

/** Why a metric may not take the next step yet. */
export interface CutOverGate {
  code: string;
  message: string;
}

/** A step that was taken. */
export interface CutOver {
  authority: Authority;
  at: number;
  by: string;
  reason: string;
}

const TABLE =
  'CREATE TABLE IF NOT EXISTS cut_overs (metric String, authority LowCardinality(String), at UInt64, by String, reason String) ENGINE = MergeTree ORDER BY (metric, at)';

/** How far each metric has taken over from the batch that it replaces: SHADOW, AUTHORITATIVE, BATCH_RETIRED. */
export class CutOvers {
  private readonly current = new Map<string, Authority>();

  private constructor(private readonly engine: Engine) {}

  static async open(engine: Engine): Promise<CutOvers> {
    await engine.run(TABLE);
    const cutOvers = new CutOvers(engine);
    for (const row of await engine.select(
      'SELECT metric, argMax(authority, at) AS authority FROM cut_overs GROUP BY metric',
    )) {
      cutOvers.current.set(String(row['metric']), AUTHORITIES.find((one) => one === row['authority']) ?? 'SHADOW');
    }
    return cutOvers;
  }

  authority(metric: string): Promise<Authority> {
    return Promise.resolve(this.current.get(metric) ?? 'SHADOW');
  }

  async take(metric: string, { authority, at, by, reason }: CutOver): Promise<void> {
    await this.engine.insert(
      'cut_overs',
      ['metric', 'authority', 'at', 'by', 'reason'],
      lines([[metric, authority, at, by, reason]]),
    );
    this.current.set(metric, authority);
  }

  async history(metric: string): Promise<CutOver[]> {
    const rows = await this.engine.select(
      `SELECT authority, at, by, reason FROM cut_overs WHERE metric = ${textLiteral(metric)} ORDER BY at DESC LIMIT 100`,
    );
    return rows.map((row) => ({
      authority: AUTHORITIES.find((one) => one === row['authority']) ?? 'SHADOW',
      at: Number(row['at']),
      by: String(row['by']),
      reason: String(row['reason']),
    }));
  }
}

/** The gates that block a metric's step. Steps back are never blocked. */
export function cutOverGates(
  from: Authority,
  to: Authority,
  status: ReconciliationStatus,
  batch: readonly Pick<ComparedWindow, 'cause'>[],
): CutOverGate[] {
  const gates: CutOverGate[] = [];
  if (AUTHORITIES.indexOf(to) <= AUTHORITIES.indexOf(from)) return gates;
  if (to === 'BATCH_RETIRED' && from !== 'AUTHORITATIVE')
    gates.push({ code: 'NOT_AUTHORITATIVE', message: 'a batch is retired only after the metric was authoritative' });
  if (status.state === 'DIFFERENT')
    gates.push({
      code: 'RECOMPUTATION_DIFFERS',
      message: `${status.different} of ${status.windows} windows differ from their recomputation`,
    });
  if (status.state === 'UNCHECKED')
    gates.push({ code: 'NOT_RECOMPUTED', message: 'no closed window was compared with its recomputation yet' });
  if (batch.length === 0)
    gates.push({ code: 'NO_BATCH', message: 'no result of the batch was imported to compare with' });
  const open = batch.filter(({ cause }) => cause === 'UNEXPLAINED' || cause === 'PENDING').length;
  if (open > 0)
    gates.push({
      code: 'BATCH_DIFFERS',
      message: `${open} of ${batch.length} windows of the batch differ and nothing explains it`,
    });
  return gates;
}
