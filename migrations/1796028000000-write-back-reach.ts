import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a write takes along through foreign keys, and what the old database changes by itself, is kept for a rollback. */
export class WriteBackReach1796028000000 implements MigrationInterface {
  readonly name = 'WriteBackReach1796028000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'CREATE TABLE `row_dependents` (`mapping_id` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL, `document_id` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL, `body_sha256` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL, `state` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL, `dependents` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL, `taken_at` datetime(3) NOT NULL, INDEX `row_dependents_state` (`mapping_id`, `state`), PRIMARY KEY (`mapping_id`, `document_id`, `body_sha256`)) ENGINE=InnoDB',
    );
    await queryRunner.query(
      'ALTER TABLE `row_image` ADD `changed_beside` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL',
    );
    await queryRunner.query(
      'ALTER TABLE `adoption_run` ADD `warnings` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL',
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `adoption_run` DROP COLUMN `warnings`');
    await queryRunner.query('ALTER TABLE `row_image` DROP COLUMN `changed_beside`');
    await queryRunner.query('DROP INDEX `row_dependents_state` ON `row_dependents`');
    await queryRunner.query('DROP TABLE `row_dependents`');
  }
}
