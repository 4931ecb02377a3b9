import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OddsInitial1795219200000 implements MigrationInterface {
  readonly name = 'OddsInitial1795219200000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            CREATE TABLE \`odds_shard\` (
                \`shard\` smallint UNSIGNED NOT NULL,
                \`epoch\` varchar(36) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`seq\` bigint UNSIGNED NOT NULL,
                \`markets_identity\` varchar(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`markets_position\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`changes_identity\` varchar(64) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`changes_position\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`token\` bigint UNSIGNED NOT NULL,
                \`feeds\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`updated\` datetime(3) NOT NULL,
                PRIMARY KEY (\`shard\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`odds_market\` (
                \`id\` varchar(190) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`shard\` smallint UNSIGNED NOT NULL,
                \`feed\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`event\` varchar(190) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`sport\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NULL,
                \`status\` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`v\` int UNSIGNED NOT NULL,
                \`book\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`finished\` datetime(3) NULL,
                \`updated\` datetime(3) NOT NULL,
                INDEX \`odds_market_sport\` (\`sport\`, \`status\`),
                INDEX \`odds_market_event\` (\`event\`),
                INDEX \`odds_market_shard\` (\`shard\`, \`finished\`),
                PRIMARY KEY (\`id\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`odds_settlement\` (
                \`market\` varchar(190) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`revision\` int UNSIGNED NOT NULL,
                \`event\` varchar(190) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`state\` varchar(20) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`record\` longtext CHARACTER SET "utf8mb4" COLLATE "utf8mb4_bin" NOT NULL,
                \`at\` datetime(3) NOT NULL,
                PRIMARY KEY (\`market\`, \`revision\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`odds_result\` (
                \`market\` varchar(190) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`runner\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`revision\` int UNSIGNED NOT NULL,
                \`result\` varchar(10) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`void_factor\` double NULL,
                \`dead_heat_factor\` double NULL,
                PRIMARY KEY (\`market\`, \`runner\`)
            ) ENGINE = InnoDB
        `);
    await queryRunner.query(`
            CREATE TABLE \`odds_price\` (
                \`market\` varchar(190) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`runner\` varchar(100) CHARACTER SET "ascii" COLLATE "ascii_bin" NOT NULL,
                \`seconds\` smallint UNSIGNED NOT NULL,
                \`begin\` datetime(3) NOT NULL,
                \`open\` int UNSIGNED NOT NULL,
                \`high\` int UNSIGNED NOT NULL,
                \`low\` int UNSIGNED NOT NULL,
                \`close\` int UNSIGNED NOT NULL,
                INDEX \`odds_price_age\` (\`seconds\`, \`begin\`),
                PRIMARY KEY (\`market\`, \`runner\`, \`seconds\`, \`begin\`)
            ) ENGINE = InnoDB
        `);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
            DROP INDEX \`odds_price_age\` ON \`odds_price\`
        `);
    await queryRunner.query(`
            DROP TABLE \`odds_price\`
        `);
    await queryRunner.query(`
            DROP TABLE \`odds_result\`
        `);
    await queryRunner.query(`
            DROP TABLE \`odds_settlement\`
        `);
    await queryRunner.query(`
            DROP INDEX \`odds_market_shard\` ON \`odds_market\`
        `);
    await queryRunner.query(`
            DROP INDEX \`odds_market_event\` ON \`odds_market\`
        `);
    await queryRunner.query(`
            DROP INDEX \`odds_market_sport\` ON \`odds_market\`
        `);
    await queryRunner.query(`
            DROP TABLE \`odds_market\`
        `);
    await queryRunner.query(`
            DROP TABLE \`odds_shard\`
        `);
  }
}
