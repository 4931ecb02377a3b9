import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { createDatabase, LOOPBACK_NETWORKS, type ThrowawayDatabase } from '@paddock/testing';

const SQL = new URL('../demo/back-office.sql', import.meta.url);

/** The variables that a control plane needs to adopt anything, from a server on this machine above all. */
export const ADOPTION_VARIABLES = {
  ADOPTION_KEY: randomBytes(32).toString('hex'),
  OUTBOUND_ALLOWED_NETWORKS: LOOPBACK_NETWORKS,
};

/** The back office of the demonstration in a database of its own, and its old application, which continues to write. */
export class OldShop {
  private constructor(
    readonly database: ThrowawayDatabase,
    private readonly connection: Connection,
  ) {}

  static async open(server?: URL): Promise<OldShop> {
    const database = await createDatabase(server);
    const connection = await createConnection({
      uri: database.url.href,
      charset: 'utf8mb4',
      multipleStatements: true,
      dateStrings: true,
    });
    const shop = new OldShop(database, connection);
    await shop.run(await readFile(SQL, 'utf8'));
    return shop;
  }

  /** What the old application does. */
  async run(sql: string): Promise<void> {
    await this.connection.query(sql);
  }

  /** Rows as the old application reads them. */
  async read(sql: string): Promise<Record<string, unknown>[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(sql);
    return rows;
  }

  /** One row of the banners with every column, as bytes: what must come back to the byte. */
  async bytes(bannerId: number): Promise<string> {
    const [row] = await this.read(
      `SELECT HEX(CONCAT_WS('|', banner_id, banner_title, banner_url, banner_image, banner_area, IFNULL(banner_html, 'NULL'), IFNULL(start_date, 'NULL'), expire_date, status, sort_order, clicks)) AS hex
       FROM banners WHERE banner_id = ${bannerId}`,
    );
    return String(row?.['hex']);
  }

  /** What saveSource takes. */
  source(key: string, changes: object = {}): object {
    const { hostname: host, port, username: user, password } = this.database.url;
    return {
      key,
      name: 'The old shop',
      host,
      port: Number(port),
      database: this.database.name,
      user,
      password,
      writable: true,
      ...changes,
    };
  }

  async close(): Promise<void> {
    await this.connection.end();
    await this.database.drop();
  }
}
