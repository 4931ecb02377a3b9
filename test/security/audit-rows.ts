import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import type { AttackedWorld } from './world.js';

/** The audit log is the last of all: what it finds broken stays broken. */
export function auditRows(world: () => AttackedWorld): void {
  describe('the audit log', () => {
    test('is whole after all of this', async () => {
      expect(await world().paddock('audit', 'verify')).toMatchObject({
        code: 0,
        output: expect.stringContaining('whole'),
      });
    });

    test('names the first row that was edited', async () => {
      const { database, paddock } = world();
      const [[last]] = await database.query<RowDataPacket[]>('SELECT MAX(number) AS number FROM audit_entry');
      const edited = Math.max(1, Math.floor(Number(last?.['number'] ?? 0) / 2));
      const [{ affectedRows }] = await database.query<ResultSetHeader>(
        'UPDATE audit_entry SET action = ? WHERE number IN (?, ?)',
        ['never.happened', edited, edited + 2],
      );
      expect(affectedRows).toBe(2);
      const { code, output } = await paddock('audit', 'verify');
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(new RegExp(`\\b${edited}\\b`)) });
    });
  });
}
