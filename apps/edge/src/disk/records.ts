import {
  counter,
  decodeChange,
  decodeSettings,
  formatRef,
  list,
  nullable,
  oneOf,
  type Reader,
  sha256,
  sha256Hex,
  Shape,
  ShapeError,
  splitRef,
  text,
} from '@paddock/contracts';
import type { NamedSettings } from '@paddock/live-config';
import type { BlobArena } from '../state/blob-arena.js';
import { readBody } from '../state/decode-body.js';
import type { Step } from '../state/environment.js';
import type { DocumentUpdate, LiveDocument, NextBody, Position } from '../state/live-state.js';
import type { AppliedChange } from '../state/recent-changes.js';
import { encodeFrame, type Frame } from './frames.js';

/** Counts up with every change of these records that an older version could not read. */
const FORMAT = 1;

/** The first record of a snapshot. */
export interface SnapshotHead {
  position: Position;
  /** The newest position without a refused document, where that is not `position`. */
  proved: Position | undefined;
  settings: NamedSettings | undefined;
  documents: number;
}

/** One applied step, as the journal keeps it. */
export interface JournalStep {
  before: Position;
  position: Position;
  settings: NamedSettings | undefined;
  changes: AppliedChange[];
}

export function encodeSnapshotHead(environment: string, head: SnapshotHead): Buffer {
  return encodeFrame({ type: 'snapshot', format: FORMAT, environment, ...head });
}

export function encodeDocuments(documents: readonly LiveDocument[], scratch: Buffer): Buffer {
  const bodies = documents.flatMap(({ held }) => held.map((blob) => blob.bytes()));
  // Behind a refused body stands the last good one.
  const listed = documents.map(({ ref, held }) => [ref, ...held.flatMap(({ sha256, length }) => [sha256, length])]);
  return encodeFrame({ type: 'documents', documents: listed }, bodies, scratch);
}

export function encodeSnapshotEnd(): Buffer {
  return encodeFrame({ type: 'end' });
}

export function encodeStep(before: Position, step: Step, changes: readonly AppliedChange[]): Buffer {
  const bodies: Buffer[] = [];
  const documents = step.updates.map(({ ref, next }) => {
    if (!next) return [formatRef(ref), null, 0];
    bodies.push(next.blob.bytes());
    return [formatRef(ref), next.blob.sha256, next.blob.length];
  });
  const { position, settings } = step;
  return encodeFrame({ type: 'step', format: FORMAT, before, position, settings, changes, documents }, bodies);
}

/** @throws ShapeError where the frame is not the start of a snapshot of this environment */
export function decodeSnapshotHead(frame: Frame, environment: string): SnapshotHead {
  const from = typed(frame, 'snapshot');
  from.get('environment', oneOf([environment]));
  return {
    ...standing(from),
    proved: from.optional('proved', position).proved,
    documents: from.get('documents', counter),
  };
}

export function isSnapshotEnd(frame: Frame): boolean {
  return new Shape(frame.json).get('type', text) === 'end';
}

/** @throws ShapeError */
export function decodeStep(frame: Frame): JournalStep {
  const from = typed(frame, 'step');
  return { before: from.get('before', position), ...standing(from), changes: from.get('changes', list(appliedChange)) };
}

/**
 * The documents of a frame, their bodies checked and held for the caller.
 * @throws ShapeError, SyntaxError; then nothing is held
 */
export function decodeDocuments(frame: Frame, arena: BlobArena): DocumentUpdate[] {
  const updates: DocumentUpdate[] = [];
  let offset = 0;
  try {
    for (const { ref, bodies } of new Shape(frame.json).get('documents', list(storedDocument))) {
      const [body, lastGood] = bodies.map(({ sha256: name, length }) => {
        const bytes = frame.bytes.subarray(offset, offset + length);
        offset += length;
        if (sha256Hex(bytes) !== name) throw new ShapeError(formatRef(ref), 'the body that its name says');
        return { name, bytes };
      });
      updates.push({ ref, next: body ? nextOf(ref.kind, body, lastGood, arena) : null });
    }
    return updates;
  } catch (error) {
    for (const { next } of updates)
      if (next) for (const blob of [next.blob, ...(next.lastGood ? [next.lastGood] : [])]) arena.release(blob);
    throw error;
  }
}

interface StoredBody {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A body that was refused when it was written may fit this version. */
function nextOf(
  kind: string,
  { name, bytes }: StoredBody,
  lastGood: StoredBody | undefined,
  arena: BlobArena,
): NextBody {
  const read = readBody(kind, bytes);
  const kept =
    read.refused !== undefined && lastGood && readBody(kind, lastGood.bytes).refused === undefined
      ? lastGood
      : undefined;
  return { ...read, blob: arena.put(name, bytes), ...(kept ? { lastGood: arena.put(kept.name, kept.bytes) } : {}) };
}

function typed(frame: Frame, type: string): Shape {
  const from = new Shape(frame.json, type);
  from.get('type', oneOf([type]));
  if (from.get('format', counter) !== FORMAT) throw new ShapeError('format', `${FORMAT}: this version reads no other`);
  return from;
}

function standing(from: Shape): { position: Position; settings: NamedSettings | undefined } {
  return { position: from.get('position', position), settings: from.optional('settings', namedSettings).settings };
}

const position: Reader<Position> = (value, path) => {
  const from = new Shape(value, path);
  return { epoch: from.get('epoch', text), seq: from.get('seq', counter), stateHash: from.get('stateHash', sha256) };
};

const namedSettings: Reader<NamedSettings> = (value, path) => {
  const from = new Shape(value, path);
  return { sha256: from.get('sha256', sha256), settings: from.get('settings', decodeSettings) };
};

const appliedChange: Reader<AppliedChange> = (value, path) => {
  const from = new Shape(value, path);
  return { change: from.get('change', decodeChange), pages: from.get('pages', list(text)) };
};

/** No body where the document was removed; a second one where the first was refused. */
const storedDocument: Reader<{ ref: DocumentUpdate['ref']; bodies: { sha256: string; length: number }[] }> = (
  value,
  path,
) => {
  if (!Array.isArray(value)) throw new ShapeError(path, 'a list');
  const [name, ...rest]: unknown[] = value;
  const ref = splitRef(text(name, `${path}[0]`));
  if (!ref) throw new ShapeError(`${path}[0]`, 'a reference');
  const body = (at: number) => {
    const hash = nullable(sha256)(rest[at], `${path}[${at + 1}]`);
    return hash === null ? [] : [{ sha256: hash, length: counter(rest[at + 1], `${path}[${at + 2}]`) }];
  };
  return { ref, bodies: [...body(0), ...(rest.length > 2 ? body(2) : [])] };
};
