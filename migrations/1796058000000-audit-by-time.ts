import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Entries of the audit log are found by their time. */
export class AuditByTime1796058000000 implements MigrationInterface {
  readonly name = 'AuditByTime1796058000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX `audit_entry_at` ON `audit_entry` (`at`)');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX `audit_entry_at` ON `audit_entry`');
  }
}
