import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A gathered document whose rows have all gone over to others is dealt with once; runs say what else writes would change. */
export class GatheredDocuments1796021400000 implements MigrationInterface {
  readonly name = 'GatheredDocuments1796021400000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `gathered_document` ADD `left_behind` tinyint NOT NULL DEFAULT 0');
    await queryRunner.query(
      'ALTER TABLE `adoption_run` ADD `side_effects` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL',
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `adoption_run` DROP COLUMN `side_effects`');
    await queryRunner.query('ALTER TABLE `gathered_document` DROP COLUMN `left_behind`');
  }
}
