import { isAscii, isUtf8 } from 'node:buffer';
import type { ColumnEncoding } from '@paddock/contracts';

/** Names of MySQL's character sets, as the WHATWG Encoding standard calls them. */
const ENCODINGS: Readonly<Record<string, string>> = {
  ascii: 'windows-1252',
  big5: 'big5',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1256: 'windows-1256',
  cp1257: 'windows-1257',
  cp866: 'ibm866',
  cp932: 'shift_jis',
  eucjpms: 'euc-jp',
  euckr: 'euc-kr',
  gb18030: 'gb18030',
  gb2312: 'gbk',
  gbk: 'gbk',
  greek: 'iso-8859-7',
  hebrew: 'iso-8859-8',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  // MySQL's latin1 is Windows code page 1252, not ISO 8859-1.
  latin1: 'windows-1252',
  latin2: 'iso-8859-2',
  latin5: 'windows-1254',
  latin7: 'iso-8859-13',
  macroman: 'macintosh',
  sjis: 'shift_jis',
  tis620: 'windows-874',
  ucs2: 'utf-16be',
  ujis: 'euc-jp',
  utf16: 'utf-16be',
  utf16le: 'utf-16le',
  utf8: 'utf-8',
  utf8mb3: 'utf-8',
  utf8mb4: 'utf-8',
};

/** What can be written back: every text of these has exactly one byte sequence. */
const SINGLE_BYTE = new Set([
  'ascii',
  'cp1250',
  'cp1251',
  'cp1256',
  'cp1257',
  'cp866',
  'greek',
  'hebrew',
  'koi8r',
  'koi8u',
  'latin1',
  'latin2',
  'latin5',
  'latin7',
]);
const UTF8 = new Set(['utf8', 'utf8mb3', 'utf8mb4']);

/** Can its columns be read? */
export function isReadableCharset(charset: string): boolean {
  return charset in ENCODINGS;
}

/** Can its columns be written byte for byte? */
export function isWritableCharset(charset: string): boolean {
  return UTF8.has(charset) || SINGLE_BYTE.has(charset);
}

/** A column's bytes as text; `undefined` where they are not what the encoding says. */
export function decodeText(bytes: Buffer, charset: string, encoding: ColumnEncoding = 'DECLARED'): string | undefined {
  switch (encoding) {
    case 'DECLARED':
      return decode(bytes, charset);
    case 'UTF8_IN_LATIN1':
      return decode(bytes, 'utf8mb4');
    case 'LATIN1_IN_UTF8': {
      const misread = decode(bytes, charset);
      const meant = misread === undefined ? undefined : encode(misread, 'latin1');
      return meant && decode(meant, 'utf8mb4');
    }
  }
}

/** The inverse of {@link decodeText}; `undefined` where the character set lacks a character. */
export function encodeText(text: string, charset: string, encoding: ColumnEncoding = 'DECLARED'): Buffer | undefined {
  switch (encoding) {
    case 'DECLARED':
      return encode(text, charset);
    case 'UTF8_IN_LATIN1':
      return encode(text, 'utf8mb4');
    case 'LATIN1_IN_UTF8': {
      const misread = decode(Buffer.from(text, 'utf8'), 'latin1');
      return misread === undefined ? undefined : encode(misread, charset);
    }
  }
}

function decode(bytes: Buffer, charset: string): string | undefined {
  const encoding = ENCODINGS[charset];
  if (encoding === undefined) return undefined;
  // Most text is ASCII or UTF-8, for which Buffer is many times faster than a TextDecoder.
  if (encoding === 'utf-8') return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  if (isAscii(bytes) && !encoding.startsWith('utf-16')) return bytes.toString('latin1');
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined; // the only way in which a decoder says that bytes are malformed
  }
}

function encode(text: string, charset: string): Buffer | undefined {
  if (UTF8.has(charset)) {
    // utf8 and utf8mb3 have three bytes per character at most.
    const fits = text.isWellFormed() && (charset === 'utf8mb4' || !/[\u{10000}-\u{10FFFF}]/u.test(text));
    return fits ? Buffer.from(text, 'utf8') : undefined;
  }
  const table = byteTable(charset);
  const bytes = table && Array.from(text, (character) => table.get(character) ?? -1);
  return bytes && !bytes.includes(-1) ? Buffer.from(bytes) : undefined;
}

const tables = new Map<string, ReadonlyMap<string, number>>();

function byteTable(charset: string): ReadonlyMap<string, number> | undefined {
  if (!SINGLE_BYTE.has(charset)) return undefined;
  let table = tables.get(charset);
  if (!table) {
    const last = charset === 'ascii' ? 0x7f : 0xff;
    const entries = Array.from({ length: last + 1 }, (_, byte) => [decode(Buffer.of(byte), charset), byte] as const);
    table = new Map(
      entries.flatMap(([character, byte]) => (character === undefined ? [] : [[character, byte] as const])),
    );
    tables.set(charset, table);
  }
  return table;
}
