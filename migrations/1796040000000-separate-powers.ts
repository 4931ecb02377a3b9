import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signed heads of the audit log, sessions that know their last proof of the password, idempotency keys per actor. */
export class SeparatePowers1796040000000 implements MigrationInterface {
  readonly name = 'SeparatePowers1796040000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            CREATE TABLE \`audit_head\` (
                \`sequence\` bigint UNSIGNED NOT NULL,
                \`statement\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`key_id\` varchar(16) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`signature\` varchar(88) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                PRIMARY KEY (\`sequence\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(
      'ALTER TABLE `session` ADD `ip` varchar(45) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL',
    );
    await queryRunner.query('ALTER TABLE `session` ADD `confirmed_at` datetime(3) NULL');
    await queryRunner.query(`
            ALTER TABLE \`idempotency_key\`
            ADD \`actor\` varchar(60) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL DEFAULT '',
            DROP PRIMARY KEY, ADD PRIMARY KEY (\`actor\`, \`idempotency_key\`)
        `);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE `idempotency_key` DROP PRIMARY KEY, DROP COLUMN `actor`, ADD PRIMARY KEY (`idempotency_key`)',
    );
    await queryRunner.query('ALTER TABLE `session` DROP COLUMN `confirmed_at`');
    await queryRunner.query('ALTER TABLE `session` DROP COLUMN `ip`');
    await queryRunner.query('DROP TABLE `audit_head`');
  }
}
