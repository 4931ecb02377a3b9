import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Open drift events that keep a release from being written are tried again; gathered documents remember what was made of their rows. */
export class RefusedWrites1796018700000 implements MigrationInterface {
  readonly name = 'RefusedWrites1796018700000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `drift_event` ADD `attempts` int UNSIGNED NOT NULL DEFAULT 0');
    await queryRunner.query('ALTER TABLE `drift_event` ADD `retry_at` datetime(3) NULL');
    await queryRunner.query(
      "UPDATE `drift_event` SET `retry_at` = UTC_TIMESTAMP(3) WHERE `state` = 'OPEN' AND `seq` IS NOT NULL AND `kind` <> 'DRAFT_EDITED'",
    );
    await queryRunner.query(
      'CREATE TABLE `gathered_document` (`mapping_id` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL, `document_id` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL, `seen_sha256` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL, PRIMARY KEY (`mapping_id`, `document_id`)) ENGINE=InnoDB',
    );
    // Where the rows of a document disagree, the one that its draft agrees with was seen last.
    await queryRunner.query(
      `INSERT INTO gathered_document (mapping_id, document_id, seen_sha256)
             SELECT r.mapping_id, r.document_id, COALESCE(MAX(IF(r.body_sha256 = CONVERT(SHA2(draft.body, 256) USING ascii) COLLATE ascii_bin, r.body_sha256, NULL)), MAX(IF(r.state = 'PRESENT', r.body_sha256, NULL)), MAX(r.body_sha256))
             FROM adopted_row r JOIN document d ON d.id = r.document_id JOIN draft ON draft.document_id = d.id
             WHERE d.kind IN ('layout', 'component') AND r.body_sha256 IS NOT NULL GROUP BY r.mapping_id, r.document_id`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE `gathered_document`');
    await queryRunner.query('ALTER TABLE `drift_event` DROP COLUMN `retry_at`');
    await queryRunner.query('ALTER TABLE `drift_event` DROP COLUMN `attempts`');
  }
}
