import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Big } from 'big.js';
import { parse } from 'csv-parse/sync';
import { buckets } from '@paddock/metrics';
import { describeWithData, seededRandom } from '@paddock/testing';
import { readRetention } from '../queries/retention.js';
import { readSeries } from '../queries/series.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

/**
 * The UCI "Online Retail" data (Chen, Sain, Guo 2012), 541,909 rows, streamed in random order, a tenth of them twice:
 * every day's figures must equal to the cent what plain Python computed from the files.
 */
describeWithData(describe, 'Online Retail, streamed shuffled and duplicated', 'analytics', (file) => {
  const FROM = Date.UTC(2010, 11, 1);
  const TO = Date.UTC(2011, 11, 10);
  let test: TestAnalytics;

  const line = contract(
    'invoice_line',
    {
      invoice: 'string',
      stock_code: 'string',
      quantity: 'integer',
      unit_price: 'number',
      user: 'string',
      country: 'string',
      cancelled: 'boolean',
    },
    { time: { allowedLateness: '9999d' } },
  );
  const metrics = definitions([line], {
    rows: { simple: { event: 'invoice_line', agg: 'count' } },
    net_revenue: { simple: { event: 'invoice_line', agg: 'sum', expr: 'quantity * unit_price' } },
    distinct_invoices: { simple: { event: 'invoice_line', agg: 'count_distinct', expr: 'invoice' } },
    distinct_customers: { simple: { event: 'invoice_line', agg: 'count_distinct', expr: '$user' } },
    cancellation_rows: {
      simple: { event: 'invoice_line', agg: 'count', filter: { eq: { field: 'cancelled', value: true } } },
    },
    cohorts: {
      retention: {
        start: { event: 'invoice_line' },
        return: { event: 'invoice_line' },
        mode: 'bounded',
        period: 'month',
        periods: 12,
      },
    },
  });

  beforeAll(async () => {
    test = await testAnalytics();
    await test.analytics.apply(metrics);
    await test.analytics.start();
    const events = shuffled(readEvents(file('databricks__Spark-The-Definitive-Guide/data/retail-data/by-day')));
    const sent = [...events, ...events.filter((_, index) => index % 10 === 0)];
    for (let at = 0; at < sent.length; at += 5_000) {
      const { rejected } = await test.send(sent.slice(at, at + 5_000));
      expect(rejected).toEqual([]);
    }
    await test.stored(sent.length);
  }, 600_000);
  afterAll(() => test.close());

  const truth = () => {
    const rows: Record<string, string>[] = parse(readFileSync(file('oracles/online_retail_daily_truth.csv')), {
      columns: true,
    });
    const plain = (figures: Record<string, string>) =>
      Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, new Big(figure).toString()]));
    return new Map(rows.map(({ date = '', ...figures }) => [date, plain(figures)]));
  };

  async function served(): Promise<Map<string, Record<string, string>>> {
    const days = buckets(FROM, TO, 'day', 'UTC');
    const found = new Map<string, Record<string, string>>(
      days.map(({ start }) => [new Date(start).toISOString().slice(0, 10), {}]),
    );
    for (const metric of ['rows', 'net_revenue', 'distinct_invoices', 'distinct_customers', 'cancellation_rows']) {
      const {
        rows: [row],
      } = await readSeries(test.analytics.context, { metric, intervals: days, timeZone: 'UTC' });
      days.forEach(({ start }, index) => {
        const figures = found.get(new Date(start).toISOString().slice(0, 10)) ?? {};
        figures[metric] = row?.values[index]?.toString() ?? '';
      });
    }
    return new Map([...found].filter(([, { rows }]) => rows !== '0'));
  }

  it('holds 541,909 different events', async () => {
    const [row] = await test.analytics.store.engine.select('SELECT count() AS n FROM raw_invoice_line FINAL');
    expect(row).toEqual({ n: '541909' });
  });

  it('equals the batch to the cent while windows are still read from raw events', async () => {
    expect(Object.fromEntries(await served())).toEqual(Object.fromEntries(truth()));
  });

  it('equals the batch to the cent when rollups answer', async () => {
    await test.settle();
    expect(Object.fromEntries(await served())).toEqual(Object.fromEntries(truth()));
  });

  it('equals the batch in the monthly cohorts of customers', async () => {
    const rows: string[][] = parse(readFileSync(file('oracles/online_retail_monthly_cohort_retention.csv')), {
      from_line: 2,
      relax_column_count: true,
    });
    const cohorts = await readRetention(test.analytics.context, {
      metric: 'cohorts',
      range: { start: FROM, end: TO },
      timeZone: 'UTC',
    });
    const found = cohorts.map(({ start, returned }, index) => [
      new Date(start).toISOString().slice(0, 7),
      ...returned.slice(0, 13 - index).map(String),
    ]);
    expect(found).toEqual(rows.map((row) => row.filter((cell) => cell !== '')));
    expect(cohorts.map(({ size, returned }) => size === returned[0])).not.toContain(false);
  });

  function readEvents(folder: string): object[] {
    return readdirSync(folder)
      .sort()
      .flatMap((name) => {
        const rows: Record<string, string>[] = parse(gunzipSync(readFileSync(join(folder, name))), { columns: true });
        return rows.map((row, index) => ({
          event: 'invoice_line',
          id: `${name}-${index}`,
          at: `${(row['InvoiceDate'] ?? '').replace(' ', 'T')}Z`,
          invoice: row['InvoiceNo'],
          stock_code: row['StockCode'],
          quantity: Number(row['Quantity']),
          unit_price: Number(row['UnitPrice']),
          user: row['CustomerID'] === '' ? null : row['CustomerID'],
          country: row['Country'],
          cancelled: row['InvoiceNo']?.startsWith('C') ?? false,
        }));
      });
  }

  function shuffled<T>(list: readonly T[]): T[] {
    const random = seededRandom(1);
    const keyed = list.map((member) => ({ member, key: random.next() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ member }) => member);
  }
});
