import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ForeignChanges1795306400000 implements MigrationInterface {
  readonly name = 'ForeignChanges1795306400000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `adopted_table` ADD `last_foreign_change_at` datetime(3) NULL');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `adopted_table` DROP COLUMN `last_foreign_change_at`');
  }
}
