import type { Installation } from './installation.js';

/** A copy of every table, in a database beside: what an operator's dump holds. */
export class DatabaseBackup {
  private constructor(
    private readonly installation: Installation,
    private readonly name: string,
    private readonly tables: readonly string[],
  ) {}

  static async take(installation: Installation): Promise<DatabaseBackup> {
    const rows = await installation.sql<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    const [{ name } = { name: '' }] = await installation.sql<{ name: string }>('SELECT DATABASE() AS name');
    const backup = new DatabaseBackup(
      installation,
      `${name}_backup`,
      rows.map((row) => row.name),
    );
    await backup.drop();
    await installation.sql(`CREATE DATABASE \`${backup.name}\``);
    for (const table of backup.tables) {
      await installation.sql(`CREATE TABLE \`${backup.name}\`.\`${table}\` LIKE \`${table}\``);
      await installation.sql(`INSERT INTO \`${backup.name}\`.\`${table}\` SELECT * FROM \`${table}\``);
    }
    return backup;
  }

  /** Puts the tables back as they were. Nothing may use the database meanwhile. */
  async restore(): Promise<void> {
    for (const table of this.tables) {
      await this.installation.sql(`DELETE FROM \`${table}\``);
      await this.installation.sql(`INSERT INTO \`${table}\` SELECT * FROM \`${this.name}\`.\`${table}\``);
    }
  }

  async drop(): Promise<void> {
    await this.installation.sql(`DROP DATABASE IF EXISTS \`${this.name}\``);
  }
}
