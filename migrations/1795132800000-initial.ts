import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Initial1795132800000 implements MigrationInterface {
  readonly name = 'Initial1795132800000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            CREATE TABLE \`user\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`email\` varchar(254) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`name\` varchar(200) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`password_hash\` varchar(200) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`active\` tinyint NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                UNIQUE INDEX \`IDX_e12875dfb3b1d92d7d7c5377e2\` (\`email\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`access_grant\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`holder_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`role\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`kind\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`site\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                UNIQUE INDEX \`access_grant_holder\` (
                    \`holder_id\`,
                    \`role\`,
                    \`kind\`,
                    \`environment\`,
                    \`site\`
                ),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`session\` (
                \`token_sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`user_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                \`last_seen_at\` datetime(3) NOT NULL,
                \`expires_at\` datetime(3) NOT NULL,
                INDEX \`session_user\` (\`user_id\`),
                PRIMARY KEY (\`token_sha256\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`api_token\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`name\` varchar(200) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`secret_sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`created_by\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                \`expires_at\` datetime(3) NOT NULL,
                \`last_used_at\` datetime(3) NULL,
                \`revoked_at\` datetime(3) NULL,
                UNIQUE INDEX \`IDX_4039679ccc03102a7cdd02350a\` (\`secret_sha256\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`client_key\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`consumer\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`site\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`jurisdiction\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`scopes\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                \`revoked_at\` datetime(3) NULL,
                INDEX \`client_key_environment\` (\`environment\`),
                UNIQUE INDEX \`IDX_124c6a3b65250485d85da659bb\` (\`sha256\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`audit_entry\` (
                \`number\` bigint UNSIGNED NOT NULL,
                \`at\` datetime(3) NOT NULL,
                \`actor\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`action\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`target_type\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`target_id\` varchar(200) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`details\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`request_id\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`prev_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                INDEX \`audit_entry_target\` (\`target_type\`, \`target_id\`),
                PRIMARY KEY (\`number\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`audit_chain\` (
                \`id\` tinyint UNSIGNED NOT NULL,
                \`number\` bigint UNSIGNED NOT NULL,
                \`hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`document\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`kind\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`site\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`doc_key\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`label\` varchar(300) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                UNIQUE INDEX \`document_ref\` (\`kind\`, \`doc_key\`, \`site\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`draft\` (
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`lock_version\` int UNSIGNED NOT NULL,
                \`body\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`schema_version\` int UNSIGNED NOT NULL,
                \`updated_by\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`updated_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`document_id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`revision\` (
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`number\` int UNSIGNED NOT NULL,
                \`body\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`sha256\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`schema_version\` int UNSIGNED NOT NULL,
                \`author_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`message\` varchar(500) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`document_id\`, \`number\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`revision_reference\` (
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`revision_number\` int UNSIGNED NOT NULL,
                \`target\` varchar(150) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                INDEX \`revision_reference_target\` (\`target\`, \`document_id\`, \`revision_number\`),
                PRIMARY KEY (\`document_id\`, \`revision_number\`, \`target\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`outbox\` (
                \`id\` bigint UNSIGNED NOT NULL AUTO_INCREMENT,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`topic\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`version\` bigint UNSIGNED NOT NULL,
                \`target\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`request_id\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`traceparent\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`created_at\` datetime(3) NOT NULL,
                \`enqueued_at\` datetime(3) NULL,
                \`delivered_at\` datetime(3) NULL,
                INDEX \`outbox_pending\` (\`delivered_at\`, \`id\`),
                UNIQUE INDEX \`outbox_delivery\` (\`environment\`, \`topic\`, \`version\`, \`target\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`consumer_instance\` (
                \`consumer\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`instance\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`applied_seq\` bigint UNSIGNED NOT NULL,
                \`state_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`started_at\` datetime(3) NOT NULL,
                \`seen_at\` datetime(3) NOT NULL,
                \`lease_expires_at\` datetime(3) NOT NULL,
                INDEX \`consumer_instance_lease\` (\`lease_expires_at\`),
                PRIMARY KEY (\`consumer\`, \`instance\`, \`environment\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`receipt\` (
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`seq\` bigint UNSIGNED NOT NULL,
                \`consumer\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`instance\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`state\` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`error\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL,
                \`request_id\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`applied_at\` datetime(3) NOT NULL,
                \`ms\` int UNSIGNED NULL,
                \`received_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`environment\`, \`seq\`, \`consumer\`, \`instance\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`environment\` (
                \`name\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`epoch\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`head_seq\` bigint UNSIGNED NOT NULL,
                \`state_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`settings_version\` bigint UNSIGNED NOT NULL,
                \`anonymous_reads\` tinyint NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`name\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`freeze_window\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`starts_at\` datetime(3) NOT NULL,
                \`ends_at\` datetime(3) NOT NULL,
                \`reason\` varchar(300) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                INDEX \`freeze_window_environment\` (\`environment\`, \`ends_at\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`release\` (
                \`id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`seq\` bigint UNSIGNED NULL,
                \`type\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`state\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`title\` varchar(300) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`reason\` varchar(1000) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`author_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                \`landed_at\` datetime(3) NULL,
                \`landed_by\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`state_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`reverts_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`scheduled_at\` datetime(3) NULL,
                \`scheduled_zone\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`scheduled_by\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`paused_because\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NULL,
                INDEX \`release_due\` (\`state\`, \`scheduled_at\`),
                INDEX \`release_state\` (\`environment\`, \`state\`, \`id\`),
                UNIQUE INDEX \`release_seq\` (\`environment\`, \`seq\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`release_item\` (
                \`release_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`document_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`environment\` varchar(40) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`seq\` bigint UNSIGNED NULL,
                \`op\` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`revision\` int UNSIGNED NULL,
                \`previous_revision\` int UNSIGNED NULL,
                INDEX \`release_item_live\` (\`environment\`, \`document_id\`, \`seq\`),
                PRIMARY KEY (\`release_id\`, \`document_id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`idempotency_key\` (
                \`idempotency_key\` varchar(200) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`request_hash\` char(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`release_id\` char(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`idempotency_key\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`site\` (
                \`site_key\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`name\` varchar(200) CHARACTER SET "utf8mb4" COLLATE "utf8mb4_unicode_ci" NOT NULL,
                \`jurisdiction\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`locale\` varchar(35) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`created_at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`site_key\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query('INSERT INTO `audit_chain` (`id`, `number`, `hash`) VALUES (1, 0, ?)', ['0'.repeat(64)]);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            DROP TABLE \`site\`
        `);
    await queryRunner.query(`
            DROP TABLE \`idempotency_key\`
        `);
    await queryRunner.query(`
            DROP INDEX \`release_item_live\` ON \`release_item\`
        `);
    await queryRunner.query(`
            DROP TABLE \`release_item\`
        `);
    await queryRunner.query(`
            DROP INDEX \`release_seq\` ON \`release\`
        `);
    await queryRunner.query(`
            DROP INDEX \`release_state\` ON \`release\`
        `);
    await queryRunner.query(`
            DROP INDEX \`release_due\` ON \`release\`
        `);
    await queryRunner.query(`
            DROP TABLE \`release\`
        `);
    await queryRunner.query(`
            DROP INDEX \`freeze_window_environment\` ON \`freeze_window\`
        `);
    await queryRunner.query(`
            DROP TABLE \`freeze_window\`
        `);
    await queryRunner.query(`
            DROP TABLE \`environment\`
        `);
    await queryRunner.query(`
            DROP TABLE \`receipt\`
        `);
    await queryRunner.query(`
            DROP INDEX \`consumer_instance_lease\` ON \`consumer_instance\`
        `);
    await queryRunner.query(`
            DROP TABLE \`consumer_instance\`
        `);
    await queryRunner.query(`
            DROP INDEX \`outbox_delivery\` ON \`outbox\`
        `);
    await queryRunner.query(`
            DROP INDEX \`outbox_pending\` ON \`outbox\`
        `);
    await queryRunner.query(`
            DROP TABLE \`outbox\`
        `);
    await queryRunner.query(`
            DROP INDEX \`revision_reference_target\` ON \`revision_reference\`
        `);
    await queryRunner.query(`
            DROP TABLE \`revision_reference\`
        `);
    await queryRunner.query(`
            DROP TABLE \`revision\`
        `);
    await queryRunner.query(`
            DROP TABLE \`draft\`
        `);
    await queryRunner.query(`
            DROP INDEX \`document_ref\` ON \`document\`
        `);
    await queryRunner.query(`
            DROP TABLE \`document\`
        `);
    await queryRunner.query(`
            DROP TABLE \`audit_chain\`
        `);
    await queryRunner.query(`
            DROP INDEX \`audit_entry_target\` ON \`audit_entry\`
        `);
    await queryRunner.query(`
            DROP TABLE \`audit_entry\`
        `);
    await queryRunner.query(`
            DROP INDEX \`IDX_124c6a3b65250485d85da659bb\` ON \`client_key\`
        `);
    await queryRunner.query(`
            DROP INDEX \`client_key_environment\` ON \`client_key\`
        `);
    await queryRunner.query(`
            DROP TABLE \`client_key\`
        `);
    await queryRunner.query(`
            DROP INDEX \`IDX_4039679ccc03102a7cdd02350a\` ON \`api_token\`
        `);
    await queryRunner.query(`
            DROP TABLE \`api_token\`
        `);
    await queryRunner.query(`
            DROP INDEX \`session_user\` ON \`session\`
        `);
    await queryRunner.query(`
            DROP TABLE \`session\`
        `);
    await queryRunner.query(`
            DROP INDEX \`access_grant_holder\` ON \`access_grant\`
        `);
    await queryRunner.query(`
            DROP TABLE \`access_grant\`
        `);
    await queryRunner.query(`
            DROP INDEX \`IDX_e12875dfb3b1d92d7d7c5377e2\` ON \`user\`
        `);
    await queryRunner.query(`
            DROP TABLE \`user\`
        `);
  }
}
