import type { MigrationInterface, QueryRunner } from 'typeorm';

const AT_ONCE = 200;

/** Event schemas claim the names under which their events are sent; those that are stored already claim theirs. */
export class EventNames1796069700000 implements MigrationInterface {
  readonly name = 'EventNames1796069700000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    const rows: unknown = await queryRunner.query(
      "SELECT r.`document_id` AS id, r.`number` AS number, r.`body` AS body FROM `revision` r JOIN `document` d ON d.`id` = r.`document_id` WHERE d.`kind` = 'event-schema'",
    );
    const claims = Array.isArray(rows) ? rows.flatMap(claimsOf) : [];
    for (let start = 0; start < claims.length; start += AT_ONCE) {
      const some = claims.slice(start, start + AT_ONCE);
      await queryRunner.query(
        `INSERT IGNORE INTO \`revision_reference\` (\`document_id\`, \`revision_number\`, \`target\`) VALUES ${some.map(() => '(?, ?, ?)').join(', ')}`,
        some.flat(),
      );
    }
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DELETE FROM `revision_reference` WHERE `target` LIKE 'event-schema-claim:%'");
  }
}

/** Until now a schema had no names but its own; as every migration, this one keeps the rule of its day. */
function claimsOf(row: { id: string; number: number; body: string }): [string, number, string][] {
  const body: unknown = JSON.parse(row.body);
  const event = typeof body === 'object' && body !== null && 'event' in body ? body.event : undefined;
  if (typeof event !== 'string') return [];
  const words = event.split('_').filter((word) => word !== '');
  const capitalised = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const names = new Set([event, capitalised.join(' '), [words[0] ?? '', ...capitalised.slice(1)].join('')]);
  return [...names].map((name) => [row.id, row.number, `event-schema-claim:name:${name}`]);
}
