import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson, sha256Hex } from '@paddock/contracts';

/** How many entries one head covers at most: a head stays a line of some 17 kB. */
export const ENTRIES_PER_HEAD = 256;

/** The `previous` of the first head. */
export const FIRST_PREVIOUS = '0'.repeat(64);

const FORMAT = 'paddock-audit-head/1';

/** The signed statement: the hashes of the entries since the previous head. */
export interface HeadStatement {
  format: typeof FORMAT;
  /** Gap-free from 1. */
  sequence: number;
  /** Number of the first entry that it covers. */
  first: number;
  /** Hashes of the entries from `first` on, in their order: the hash of the last one covers everything before it. */
  hashes: string[];
  /** SHA-256 of the statement before this one, so that heads form a chain too. */
  previous: string;
  /** When it was signed. */
  at: string;
}

/** A statement with its detached signature. */
export interface SignedHead {
  /** Canonical JSON of a {@link HeadStatement}: the bytes that are signed. */
  statement: string;
  /** The first 16 digits of the SHA-256 of the public key. */
  keyId: string;
  /** Ed25519 (RFC 8032), in base64. */
  signature: string;
}

/** A private key and what others recognise its signatures by. */
export interface SigningKey {
  privateKey: KeyObject;
  /** 32 bytes in base64. */
  publicKey: string;
}

/** Public keys by their id. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/** DER before the 32 bytes of an Ed25519 key (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A key from its 32 bytes in hexadecimal digits; `undefined` where the text is invalid. */
export function parseSigningKey(text: string): SigningKey | undefined {
  if (!/^[0-9a-f]{64}$/i.test(text)) return undefined;
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_PREFIX, Buffer.from(text, 'hex')]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(PUBLIC_PREFIX.length).toString('base64') };
}

/** Public keys in base64, joined by commas; `undefined` where one of them is invalid. */
export function parsePublicKeys(text: string): PublicKeys | undefined {
  const keys = new Map<string, KeyObject>();
  for (const part of text.split(',').map((key) => key.trim())) {
    const bytes = Buffer.from(part, 'base64');
    if (bytes.length !== 32 || bytes.toString('base64') !== part) return undefined;
    keys.set(
      keyIdOf(part),
      createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: 'der', type: 'spki' }),
    );
  }
  return keys;
}

export function keyIdOf(publicKey: string): string {
  return sha256Hex(publicKey).slice(0, 16);
}

/** The head that follows `previous`. */
export function signHead(
  key: SigningKey,
  previous: SignedHead | undefined,
  added: { first: number; hashes: string[] },
  at: Date,
): SignedHead {
  const statement = canonicalJson({
    format: FORMAT,
    sequence: previous ? statementOf(previous).sequence + 1 : 1,
    ...added,
    previous: previous ? sha256Hex(previous.statement) : FIRST_PREVIOUS,
    at: at.toISOString(),
  } satisfies HeadStatement);
  const signature = sign(null, Buffer.from(statement), key.privateKey).toString('base64');
  return { statement, keyId: keyIdOf(key.publicKey), signature };
}

/** Is it signed by one of the keys? */
export function isGenuine({ statement, keyId, signature }: SignedHead, keys: PublicKeys): boolean {
  const key = keys.get(keyId);
  return key !== undefined && verify(null, Buffer.from(statement), key, Buffer.from(signature, 'base64'));
}

/** The statement of a head. @throws Error where the text is not a statement */
export function statementOf({ statement }: SignedHead): HeadStatement {
  const parsed: unknown = JSON.parse(statement);
  if (!isStatement(parsed)) throw new Error('this is no head of an audit log');
  return parsed;
}

/** The last entry that a head covers. */
export function endOf({ first, hashes }: HeadStatement): { number: number; hash: string } {
  return { number: first + hashes.length - 1, hash: hashes.at(-1) ?? '' };
}

function isStatement(value: unknown): value is HeadStatement {
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== FORMAT) return false;
  if (!('sequence' in value && 'first' in value && 'hashes' in value && 'previous' in value && 'at' in value))
    return false;
  const { sequence, first, hashes, previous, at } = value;
  const numbers = Number.isSafeInteger(sequence) && Number.isSafeInteger(first);
  return (
    numbers &&
    Array.isArray(hashes) &&
    hashes.length > 0 &&
    hashes.every((hash) => typeof hash === 'string') &&
    typeof previous === 'string' &&
    typeof at === 'string'
  );
}
