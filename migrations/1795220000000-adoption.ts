import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Adoption1795220000000 implements MigrationInterface {
  readonly name = 'Adoption1795220000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            CREATE TABLE \`adoption_source\` (
                \`source_key\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`name\` varchar(200) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`host\` varchar(253) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`port\` smallint UNSIGNED NOT NULL,
                \`database_name\` varchar(64) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`user_name\` varchar(80) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`sealed_password\` varchar(600) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`tls\` tinyint NOT NULL,
                \`writable\` tinyint NOT NULL,
                \`statement_timeout_ms\` int UNSIGNED NOT NULL,
                \`max_rows\` int UNSIGNED NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                \`updated_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`source_key\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`adopted_table\` (
                \`mapping_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`source\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`table_name\` varchar(64) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`mode\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`paused_because\` varchar(1000) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NULL,
                \`problem\` varchar(1000) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NULL,
                \`scanned_at\` datetime(3) NULL,
                \`scanned_rows\` int UNSIGNED NOT NULL,
                \`imported_at\` datetime(3) NULL,
                \`written_seq\` bigint UNSIGNED NOT NULL,
                \`columns_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                INDEX \`adopted_table_source\` (\`source\`, \`table_name\`),
                PRIMARY KEY (\`mapping_id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`adopted_row\` (
                \`mapping_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`key_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`key_cells\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`row_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`body_sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`state\` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`awaits_release\` tinyint NOT NULL,
                \`problems\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL,
                INDEX \`adopted_row_awaiting\` (\`mapping_id\`, \`awaits_release\`),
                INDEX \`adopted_row_state\` (\`mapping_id\`, \`state\`),
                INDEX \`adopted_row_document\` (\`document_id\`),
                PRIMARY KEY (\`mapping_id\`, \`key_hash\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`row_write\` (
                \`mapping_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`op\` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`revision\` int UNSIGNED NULL,
                \`key_cells\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`seq\` bigint UNSIGNED NOT NULL,
                \`prepared_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`mapping_id\`, \`document_id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`row_image\` (
                \`mapping_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`body_sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`cells\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`taken_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`mapping_id\`, \`document_id\`, \`body_sha256\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`drift_event\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`mapping_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`key_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`key_cells\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`kind\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`state\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`seq\` bigint UNSIGNED NULL,
                \`theirs\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL,
                \`ours\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL,
                \`their_hash\` varchar(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`detected_at\` datetime(3) NOT NULL,
                \`settled_at\` datetime(3) NULL,
                \`settled_by\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                INDEX \`drift_event_day\` (\`mapping_id\`, \`detected_at\`),
                INDEX \`drift_event_open\` (\`mapping_id\`, \`state\`, \`key_hash\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`adoption_day\` (
                \`mapping_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`day\` date NOT NULL,
                \`foreign_changes\` int UNSIGNED NOT NULL,
                \`drifts\` int UNSIGNED NOT NULL,
                \`writes\` int UNSIGNED NOT NULL,
                PRIMARY KEY (\`mapping_id\`, \`day\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`adoption_run\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`mapping_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`mapping\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`dry_run\` tinyint NOT NULL,
                \`state\` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`rows_total\` int UNSIGNED NOT NULL,
                \`rows_done\` int UNSIGNED NOT NULL,
                \`documents\` int UNSIGNED NOT NULL,
                \`changed\` int UNSIGNED NOT NULL,
                \`problem_rows\` int UNSIGNED NOT NULL,
                \`problems\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`removals\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`error\` varchar(1000) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NULL,
                \`started_by\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`started_at\` datetime(3) NOT NULL,
                \`seen_at\` datetime(3) NOT NULL,
                INDEX \`adoption_run_mapping\` (\`mapping_id\`, \`id\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            DROP INDEX \`adoption_run_mapping\` ON \`adoption_run\`
        `);
    await queryRunner.query(`
            DROP TABLE \`adoption_run\`
        `);
    await queryRunner.query(`
            DROP TABLE \`adoption_day\`
        `);
    await queryRunner.query(`
            DROP INDEX \`drift_event_open\` ON \`drift_event\`
        `);
    await queryRunner.query(`
            DROP INDEX \`drift_event_day\` ON \`drift_event\`
        `);
    await queryRunner.query(`
            DROP TABLE \`drift_event\`
        `);
    await queryRunner.query(`
            DROP TABLE \`row_image\`
        `);
    await queryRunner.query(`
            DROP TABLE \`row_write\`
        `);
    await queryRunner.query(`
            DROP INDEX \`adopted_row_document\` ON \`adopted_row\`
        `);
    await queryRunner.query(`
            DROP INDEX \`adopted_row_state\` ON \`adopted_row\`
        `);
    await queryRunner.query(`
            DROP INDEX \`adopted_row_awaiting\` ON \`adopted_row\`
        `);
    await queryRunner.query(`
            DROP TABLE \`adopted_row\`
        `);
    await queryRunner.query(`
            DROP INDEX \`adopted_table_source\` ON \`adopted_table\`
        `);
    await queryRunner.query(`
            DROP TABLE \`adopted_table\`
        `);
    await queryRunner.query(`
            DROP TABLE \`adoption_source\`
        `);
  }
}
