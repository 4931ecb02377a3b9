import type { AdoptionField, Json, ShortCodes, TransformType } from '@paddock/contracts';
import type { ColumnSchema } from '../inspection/table-schema.js';
import { decodeText, encodeText } from './charsets.js';
import { innerText } from './inner-values.js';
import { NUMBER_TRANSFORMS } from './number-transforms.js';
import { withoutShortCodes } from './short-codes.js';
import { TEXT_TRANSFORMS } from './text-transforms.js';
import { TIME_TRANSFORMS } from './time-transforms.js';
import { type Reading, type Transform, unfit } from './transform.js';

const TRANSFORMS: ReadonlyMap<TransformType, Transform> = new Map(
  [...TEXT_TRANSFORMS, ...NUMBER_TRANSFORMS, ...TIME_TRANSFORMS].map((transform) => [transform.type, transform]),
);

export function transformOf(type: TransformType): Transform {
  const found = TRANSFORMS.get(type);
  if (!found) throw new Error(`there is no transform ${type}`);
  return found;
}

/** What a cell becomes. */
export function readCell(cell: Buffer | null, field: AdoptionField, column: ColumnSchema): Reading {
  if (cell === null || cell.length === 0) return { state: 'ABSENT' };
  const whole = cellText(cell, column, field.encoding);
  if (whole === undefined) return unfit('WRONG_ENCODING', `is not valid ${field.encoding ?? column.charset ?? 'text'}`);
  const written = field.path === undefined ? whole : innerText(whole, field.path, field.format ?? 'JSON');
  if (written === undefined) return unfit('NOT_THIS_FORMAT', `is not valid ${field.format ?? 'JSON'}`);
  if (written === null || written === '' || field.transform.none?.includes(written)) return { state: 'ABSENT' };
  const { shortCodes } = field.transform;
  return shortCodes
    ? withoutCodes(written, shortCodes, field, column)
    : transformOf(field.transform.type).read(written, field, column);
}

/** Reads a text after its placeholders were taken out; these are reported as removed. */
function withoutCodes(
  written: string,
  shortCodes: readonly ShortCodes[],
  field: AdoptionField,
  column: ColumnSchema,
): Reading {
  const { text, removed } = withoutShortCodes(written, shortCodes);
  if (removed.length === 0) return transformOf(field.transform.type).read(written, field, column);
  const rest = text.trim();
  if (rest === '') return { state: 'ABSENT', removed };
  const reading = transformOf(field.transform.type).read(rest, field, column);
  return reading.state === 'UNFIT' ? reading : { ...reading, removed: [...removed, ...(reading.removed ?? [])] };
}

/** What a cell shall hold; `undefined` as value where the field is absent. */
export function writeCell(
  fieldValue: Json | undefined,
  field: AdoptionField,
  column: ColumnSchema,
): { ok: true; cell: Buffer | null } | { ok: false; why: string } {
  const written =
    fieldValue === undefined
      ? absent(field, column)
      : transformOf(field.transform.type).write?.(fieldValue, field, column);
  if (!written) return { ok: false, why: `${field.transform.type} cannot be written back` };
  if (written.state === 'UNFIT') return { ok: false, why: written.why };
  if (written.state === 'NULL') return { ok: true, cell: null };
  if (column.maxLength !== null && column.family === 'TEXT' && [...written.text].length > column.maxLength) {
    return {
      ok: false,
      why: `has ${[...written.text].length} characters there; ${column.name} holds ${column.maxLength}`,
    };
  }
  const cell = cellOf(written.text, field, column);
  return cell ? { ok: true, cell } : { ok: false, why: `has characters that ${column.charset} lacks` };
}

function cellOf(text: string, { encoding }: AdoptionField, { family, charset }: ColumnSchema): Buffer | undefined {
  if (family === 'TEXT') return encodeText(text, charset ?? 'utf8mb4', encoding);
  return family === 'BINARY' ? encodeText(text, 'utf8mb4') : Buffer.from(text, 'latin1');
}

function absent(field: AdoptionField, column: ColumnSchema): ReturnType<NonNullable<Transform['write']>> {
  const [none] = field.transform.none ?? [];
  if (none !== undefined) return { state: 'TEXT', text: none };
  if (column.nullable) return { state: 'NULL' };
  if (column.family === 'TEXT') return { state: 'TEXT', text: '' };
  return {
    state: 'UNFIT',
    why: `is absent, and ${column.name} must hold a value; say in its transform which value means none`,
  };
}

/** A cell as text; `undefined` where it is not text. Binary columns show as hexadecimal digits. */
export function cellText(cell: Buffer, column: ColumnSchema, encoding?: AdoptionField['encoding']): string | undefined {
  if (column.family === 'BINARY') return encoding ? decodeText(cell, 'utf8mb4') : `0x${cell.toString('hex')}`;
  if (column.dataType === 'float') return floatText(Number(cell.toString('latin1')));
  if (column.family !== 'TEXT') return cell.toString('latin1');
  return decodeText(cell, column.charset ?? 'utf8mb4', encoding);
}

/** The inverse of {@link cellText} for keys and filters. */
export function textCell(text: string, column: ColumnSchema): Buffer | undefined {
  if (column.family === 'BINARY')
    return /^0x(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text.slice(2), 'hex') : undefined;
  if (column.family !== 'TEXT') return Buffer.from(text, 'latin1');
  return encodeText(text, column.charset ?? 'utf8mb4');
}

/** The shortest decimal that names this FLOAT and no other: `0.1`, where its value in full is 0.10000000149011612. */
function floatText(exact: number): string {
  for (let digits = 1; digits < FLOAT_DIGITS; digits += 1) {
    const short = Number(exact.toPrecision(digits));
    if (Math.fround(short) === Math.fround(exact)) return String(short);
  }
  return String(Number(exact.toPrecision(FLOAT_DIGITS)));
}

/** So many digits tell any two FLOATs apart. */
const FLOAT_DIGITS = 9;
