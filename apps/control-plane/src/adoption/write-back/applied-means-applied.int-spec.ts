import { describe, expect, it } from 'vitest';
import { fc, isHazardRun } from '@paddock/testing';
import { WrittenTable } from '../testing/written-table.js';

const SQL = `
  CREATE TABLE cards (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(12) NOT NULL, sub VARCHAR(100), UNIQUE KEY (title),
    CONSTRAINT no_shouting CHECK (BINARY title <> BINARY UPPER(title))) ENGINE=InnoDB;
  INSERT INTO cards (title, sub) VALUES ('One', 'a'), ('Two', NULL), ('Three', 'c');
  CREATE TABLE notes (card_id INT NOT NULL, CONSTRAINT note_of_card FOREIGN KEY (card_id) REFERENCES cards (id)) ENGINE=InnoDB;
`;
const field = (name: string, column: string) => ({ field: name, column, transform: { type: 'TEXT' } });
const CARDS = {
  table: 'cards',
  key: ['id'],
  documents: { kind: 'PROMO', keyPrefix: 'card-' },
  fields: [field('title', 'title'), field('subtitle', 'sub')],
};

const KEYS = ['card-1', 'card-2', 'card-3', 'card-new'] as const;
/** Some of them refused: by length, by the CHECK, and by the unique key where another row has them. */
const TITLES = ['One', 'Two', 'Uno', 'Dos', 'LOUD', 'Much longer than twelve'] as const;
const EVENTS = ['INSERT', 'UPDATE', 'DELETE'] as const;
const RUNS = isHazardRun() ? 25 : 3;
const STEPS = isHazardRun() ? 60 : 24;
const LIMIT_MS = isHazardRun() ? 900_000 : 45_000;

type Step =
  | { do: 'publish'; key: (typeof KEYS)[number]; title: (typeof TITLES)[number] }
  | { do: 'remove' | 'edit' | 'mend' | 'delete row' | 'refer'; key: (typeof KEYS)[number] }
  | { do: 'roll back'; nth: number }
  | { do: 'close' | 'open'; event: (typeof EVENTS)[number] }
  | { do: 'settle'; nth: number; take: 'THEIRS' | 'OURS' }
  | { do: 'deliver' | 'try again' | 'look' | 'restart' | 'die' | 'let go' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      key: fc.constantFrom(...KEYS),
      title: fc.constantFrom(...TITLES),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('remove' as const, 'edit' as const, 'mend' as const, 'delete row' as const, 'refer' as const),
      key: fc.constantFrom(...KEYS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('roll back' as const), nth: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'open' as const), event: fc.constantFrom(...EVENTS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      nth: fc.nat(3),
      take: fc.constantFrom('THEIRS' as const, 'OURS' as const),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'deliver' as const,
        'deliver' as const,
        'try again' as const,
        'look' as const,
        'restart' as const,
        'die' as const,
        'let go' as const,
      ),
    }),
  },
);

interface Row {
  title: string;
  sub: string | null;
}

/** A document, what is live of it, and its row: read straight from both databases. */
interface Pair {
  key: string;
  /** The release that changed it last. */
  seq: number;
  live: Row | null;
  row: Row | undefined;
  open: boolean;
}

class History {
  private readonly landed: string[] = [];
  private applied = new Set<number>();
  /** Documents whose drift was settled in favour of the row, until they land again. */
  private readonly theirs = new Map<string, number>();

  constructor(private readonly table: WrittenTable) {}

  async run(steps: readonly Step[]): Promise<void> {
    await this.check('taking over');
    for (const one of steps) {
      await this.take(one);
      await this.check(JSON.stringify(one));
    }
    await this.end();
  }

  private async take(one: Step): Promise<void> {
    const { table } = this;
    switch (one.do) {
      case 'publish':
        return this.land(() => table.publish(one.key, { title: one.title, subtitle: 'x' }));
      case 'remove':
        return (await table.admin.document(one.key)) === null ? undefined : this.land(() => table.remove(one.key));
      case 'roll back': {
        const release = this.landed.at(-1 - one.nth);
        return release === undefined ? undefined : this.land(() => table.rollback(release));
      }
      case 'edit':
        return this.byHand(`UPDATE cards SET sub = 'theirs' WHERE id = ${await this.rowId(one.key)}`);
      case 'delete row':
        return this.byHand(`DELETE FROM cards WHERE id = ${await this.rowId(one.key)}`);
      case 'mend':
        return this.mend(one.key);
      case 'refer':
        return this.byHand(`INSERT INTO notes VALUES (${await this.rowId(one.key)})`);
      case 'let go':
        return this.byHand('DELETE FROM notes');
      case 'close':
        return table.shop.run(
          `CREATE OR REPLACE TRIGGER no_${one.event} BEFORE ${one.event} ON cards FOR EACH ROW IF @by_hand IS NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed'; END IF`,
        );
      case 'open':
        return table.shop.run(`DROP TRIGGER IF EXISTS no_${one.event}`);
      case 'settle':
        return this.settle(one.nth, one.take);
      case 'deliver':
        return table.worker.deliver();
      case 'try again':
        await table.due();
        return table.worker.deliver();
      case 'look':
        return table.worker.look();
      case 'restart':
        return table.worker.restart();
      case 'die':
        return table.worker.dieBeforeReceipts();
    }
  }

  /** What a plan refuses lands nothing, and is no matter of this test. */
  private async land(land: () => Promise<{ id: string; seq: number }>): Promise<void> {
    try {
      this.landed.push((await land()).id);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('expected success, got ')) throw error;
    }
  }

  /** A statement of another program; the constraints apply to it too. */
  private async byHand(sql: string): Promise<void> {
    await this.table.shop
      .run(`SET @by_hand = 1; ${sql}; SET @by_hand = NULL`)
      .catch(() => this.table.shop.run('SET @by_hand = NULL'));
  }

  private async mend(key: string): Promise<void> {
    const pair = (await this.pairs()).find((one) => one.key === key);
    const id = await this.rowId(key);
    if (!pair) return;
    if (!pair.live) return this.byHand(`DELETE FROM cards WHERE id = ${id}`);
    const { title, sub } = pair.live;
    await this.byHand(
      `UPDATE cards SET title = '${title}', sub = ${sub === null ? 'NULL' : `'${sub}'`} WHERE id = ${id}`,
    );
  }

  private async settle(nth: number, take: 'THEIRS' | 'OURS'): Promise<void> {
    const open = await this.table.drift('OPEN');
    const event = open[nth % Math.max(1, open.length)];
    if (!event) return;
    const { data } = await this.table.resolve(event.id, take);
    const { __typename: result } = data?.resolveDrift as { __typename: string };
    if (result !== 'DriftEvent') return;
    expect((await this.table.drift()).find(({ id }) => id === event.id)?.state).toBe(
      take === 'OURS' ? 'TOOK_OURS' : 'TOOK_THEIRS',
    );
    if (take === 'THEIRS' && event.documentId !== null) this.theirs.set(event.documentId, await this.headSeq());
  }

  /** What newly says APPLIED is so at this moment; and what differs after a pass is either open, or was settled for the row. */
  private async check(after: string): Promise<void> {
    const pairs = await this.pairs();
    const receipts = await this.receipts();
    const applied = new Set([...receipts].filter(([, state]) => state === 'APPLIED').map(([seq]) => seq));
    for (const { seq, key, live, row } of pairs) {
      if (applied.has(seq) && !this.applied.has(seq))
        expect({ after, key, seq, row: row ?? null }).toEqual({ after, key, seq, row: live });
      if (applied.has(seq) && (receipts.get(seq) ?? '') === 'REJECTED')
        throw new Error(`${after}: two states of ${seq}`);
    }
    this.applied = applied;
  }

  /** After all drift is listed, repaired from the live state and settled, everything is applied, and no drift is open. */
  private async end(): Promise<void> {
    const { table } = this;
    for (const event of EVENTS) await table.shop.run(`DROP TRIGGER IF EXISTS no_${event}`);
    await this.byHand('DELETE FROM notes');
    for (let round = 0; round < 3; round += 1) {
      await table.due();
      await table.worker.deliver();
      await table.worker.look();
      await this.check(`the end, round ${round}`);
      for (const { id, kind } of await table.drift('OPEN'))
        if (kind !== 'DOES_NOT_FIT' && kind !== 'REFUSED') await table.resolve(id, 'OURS');
      await this.check(`the end, settled in round ${round}`);
    }
    await table.due();
    await table.worker.restart();
    await table.worker.deliver();
    await this.check('the end');
    const receipts = await this.receipts();
    for (const { key, seq, live, row, open } of await this.pairs()) {
      const equal = JSON.stringify(row ?? null) === JSON.stringify(live);
      const forRow = (this.theirs.get(key) ?? 0) >= seq;
      if (!forRow)
        expect({ key, seq, state: receipts.get(seq), open }).toEqual({
          key,
          seq,
          state: equal ? 'APPLIED' : 'REJECTED',
          open: !equal,
        });
    }
  }

  private async headSeq(): Promise<number> {
    const [row]: { seq: string }[] = await this.table.world.db.manager.query(
      "SELECT head_seq AS seq FROM environment WHERE name = 'production'",
    );
    return Number(row?.seq ?? 0);
  }

  /** What the propagation of each release says of the table, as the API shows it. */
  private async receipts(): Promise<Map<number, string>> {
    const { data } = await this.table.admin.client.send(
      '{ releases(environment: "production", first: 100) { nodes { seq propagation { receipts { instance state } } } } }',
    );
    const { nodes } = data?.releases as {
      nodes: { seq: number | null; propagation: { receipts: { instance: string; state: string }[] } | null }[];
    };
    return new Map(
      nodes.flatMap(({ seq, propagation }): [number, string][] => {
        const found = propagation?.receipts.find(({ instance }) => instance === 'cards');
        return seq !== null && found ? [[seq, found.state]] : [];
      }),
    );
  }

  private async rowId(key: string): Promise<number> {
    const [row]: { cells: string }[] = await this.table.world.db.manager.query(
      "SELECT a.key_cells AS cells FROM adopted_row a JOIN document d ON d.id = a.document_id WHERE d.doc_key = ? ORDER BY a.state = 'PRESENT' DESC LIMIT 1",
      [key],
    );
    const [hex = '']: string[] = row ? JSON.parse(row.cells) : [];
    return Number(Buffer.from(hex, 'hex').toString('latin1') || 0);
  }

  private async pairs(): Promise<Pair[]> {
    const documents: { id: string; key: string; seq: string; body: string | null; open: string }[] =
      await this.table.world.db.manager.query(
        `SELECT d.id, d.doc_key AS \`key\`, i.seq, r.body,
         (SELECT COUNT(*) FROM drift_event e WHERE e.document_id = d.id AND e.state = 'OPEN') AS open
       FROM document d JOIN release_item i ON i.document_id = d.id LEFT JOIN revision r ON r.document_id = d.id AND r.number = i.revision
       WHERE d.kind = 'promo' AND i.seq = (SELECT MAX(last.seq) FROM release_item last WHERE last.document_id = d.id AND last.seq IS NOT NULL)`,
      );
    return Promise.all(
      documents.map(async ({ id, key, seq, body, open }) => {
        const [row] = await this.table.shop.read(`SELECT title, sub FROM cards WHERE id = ${await this.rowId(key)}`);
        const { title, subtitle }: { title: string; subtitle?: string } =
          body === null ? { title: '' } : JSON.parse(body);
        const theirs = this.theirs.get(id);
        if (theirs !== undefined) this.theirs.set(key, theirs);
        return {
          ...{ key, seq: Number(seq), open: Number(open) > 0 },
          live: body === null ? null : { title, sub: subtitle ?? null },
          row: row && { title: String(row['title']), sub: row['sub'] === null ? null : String(row['sub']) },
        };
      }),
    );
  }
}

describe('random changes of a written table', () => {
  it(
    'no release says APPLIED while its documents and their rows differ',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS }), async (steps) => {
          const table = await WrittenTable.open(SQL);
          try {
            await table.takeOver('cards', CARDS);
            await new History(table).run(steps);
          } finally {
            await table.close();
          }
        }),
        { numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS, endOnFailure: true },
      );
    },
    LIMIT_MS + 60_000,
  );
});
