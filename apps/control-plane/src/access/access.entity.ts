import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CLIENT_KEY_SCOPES, type ClientKeyScope } from '@paddock/contracts';
import { asciiColumn, idColumn, sha256Column, textColumn, timeColumn } from '@paddock/mysql';

export const ROLES = ['VIEWER', 'EDITOR', 'PUBLISHER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

@Entity('user')
export class UserRow {
  @PrimaryColumn(idColumn) id: string;
  /** Lower case. */
  @Column({ ...textColumn(254), unique: true }) email: string;
  @Column(textColumn(200)) name: string;
  /** argon2id in PHC format. */
  @Column(asciiColumn(200)) passwordHash: string;
  @Column('boolean') active: boolean;
  @Column(timeColumn) createdAt: Date;
}

/** A role over kind × environment × site; `*` stands for all. The holder is a user or an API token. */
@Entity('access_grant')
@Index('access_grant_holder', ['holderId', 'role', 'kind', 'environment', 'site'], { unique: true })
export class GrantRow {
  @PrimaryColumn(idColumn) id: string;
  @Column(idColumn) holderId: string;
  @Column(asciiColumn(20)) role: Role;
  @Column(asciiColumn(40)) kind: string;
  @Column(asciiColumn(40)) environment: string;
  @Column(asciiColumn(100)) site: string;
}

@Entity('session')
@Index('session_user', ['userId'])
export class SessionRow {
  /** SHA-256 of the token. */
  @PrimaryColumn(sha256Column) tokenSha256: string;
  @Column(idColumn) userId: string;
  @Column(timeColumn) createdAt: Date;
  @Column(timeColumn) lastSeenAt: Date;
  @Column(timeColumn) expiresAt: Date;
  /** Network address of the sign-in; null for sessions of an older version. */
  @Column({ ...asciiColumn(45), nullable: true }) ip: string | null;
  /** When its holder last proved their password; null where that was when it began. */
  @Column({ ...timeColumn, nullable: true }) confirmedAt: Date | null;
}

@Entity('api_token')
export class ApiTokenRow {
  @PrimaryColumn(idColumn) id: string;
  @Column(textColumn(200)) name: string;
  @Column({ ...sha256Column, unique: true }) secretSha256: string;
  @Column(idColumn) createdBy: string;
  @Column(timeColumn) createdAt: Date;
  @Column(timeColumn) expiresAt: Date;
  @Column({ ...timeColumn, nullable: true }) lastUsedAt: Date | null;
  @Column({ ...timeColumn, nullable: true }) revokedAt: Date | null;
}

const commaSeparated = {
  to: (scopes: ClientKeyScope[]) => scopes.join(','),
  from: (text: string) => CLIENT_KEY_SCOPES.filter((scope) => text.split(',').includes(scope)),
};

/** The key that a frontend or another consumer sends to the edge; the edge receives it in the environment's settings artefact. */
@Entity('client_key')
@Index('client_key_environment', ['environment'])
export class ClientKeyRow {
  @PrimaryColumn(idColumn) id: string;
  @Column(asciiColumn(40)) environment: string;
  @Column({ ...sha256Column, unique: true }) sha256: string;
  @Column(asciiColumn(60)) consumer: string;
  @Column({ ...asciiColumn(100), nullable: true }) site: string | null;
  @Column({ ...asciiColumn(20), nullable: true }) jurisdiction: string | null;
  @Column({ ...asciiColumn(60), transformer: commaSeparated }) scopes: ClientKeyScope[];
  @Column(timeColumn) createdAt: Date;
  @Column({ ...timeColumn, nullable: true }) revokedAt: Date | null;
}
