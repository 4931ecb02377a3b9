import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEXES = {
  document_state_of_kind: 'kind',
  document_state_of_site: 'site',
  document_state_of_author: 'author',
} as const;

/** Lists of one kind, one site or one author, the newest first, read the page that they show and no more. */
export class DocumentStateOrders1796103000000 implements MigrationInterface {
  readonly name = 'DocumentStateOrders1796103000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    for (const [name, column] of Object.entries(INDEXES))
      await queryRunner.query(
        `CREATE INDEX \`${name}\` ON \`document_state\` (\`place\`, \`${column}\`, \`changed_at\`, \`document_id\`)`,
      );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await queryRunner.query(`DROP INDEX \`${name}\` ON \`document_state\``);
  }
}
