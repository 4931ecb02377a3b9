import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What lists of documents read. The tables are filled from drafts and releases by the worker, which knows the kinds; see
 * `apps/control-plane/src/releases/listing-backfill.ts`.
 */
export class DocumentListing1796100000000 implements MigrationInterface {
  readonly name = 'DocumentListing1796100000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            CREATE TABLE \`document_content\` (
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`starts_at\` datetime(3) NULL,
                \`ends_at\` datetime(3) NULL,
                \`unseen\` tinyint NOT NULL,
                \`text\` mediumtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                FULLTEXT INDEX \`document_content_text\` (\`text\`),
                PRIMARY KEY (\`document_id\`, \`sha256\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`document_term\` (
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`term\` varchar(250) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                INDEX \`document_term_term\` (\`term\`, \`document_id\`, \`sha256\`),
                PRIMARY KEY (\`document_id\`, \`sha256\`, \`term\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`document_state\` (
                \`place\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`kind\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`site\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`seq\` bigint UNSIGNED NULL,
                \`starts_at\` datetime(3) NULL,
                \`ends_at\` datetime(3) NULL,
                \`unseen\` tinyint NOT NULL,
                \`author\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`changed_at\` datetime(3) NOT NULL,
                INDEX \`document_state_document\` (\`document_id\`),
                INDEX \`document_state_kind\` (\`place\`, \`kind\`, \`site\`, \`changed_at\`, \`document_id\`),
                INDEX \`document_state_changed\` (\`place\`, \`changed_at\`, \`document_id\`),
                PRIMARY KEY (\`place\`, \`document_id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            ALTER TABLE \`consumer_instance\`
            ADD \`host\` varchar(253) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
            ADD \`version\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL
        `);
    await queryRunner.query('CREATE INDEX `document_label` ON `document` (`label`)');
    await queryRunner.query('CREATE INDEX `document_key` ON `document` (`doc_key`)');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE `consumer_instance` DROP COLUMN `version`, DROP COLUMN `host`');
    await queryRunner.query('DROP INDEX `document_key` ON `document`');
    await queryRunner.query('DROP INDEX `document_label` ON `document`');
    await queryRunner.query('DROP TABLE `document_state`');
    await queryRunner.query('DROP TABLE `document_term`');
    await queryRunner.query('DROP TABLE `document_content`');
  }
}
