import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Drafts of before may be released everywhere, as they could be until now. */
export class DraftEnvironments1796022000000 implements MigrationInterface {
  readonly name = 'DraftEnvironments1796022000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            ALTER TABLE \`draft\`
            ADD \`environments\` varchar(2000) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL DEFAULT '*'
        `);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `draft` DROP COLUMN `environments`');
  }
}
