import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  counter,
  formatRef,
  list,
  type Reader,
  sha256 as digest,
  sha256Hex,
  Shape,
  ShapeError,
  splitRef,
  text,
} from '@paddock/contracts';
import { crashPoint, writeWhole } from '@paddock/runtime';
import type { ConfigDocument, ConfigPosition, Landing } from './config-state.js';
import type { Refusal, TakenState } from './refused-documents.js';

/** Counts up with every change of the file that an older version could not read. */
const FORMAT = 1;

/** The last applied state, on disk: one file, its first line the checksum of the rest. */
export class StateFile {
  private readonly name: string;

  constructor(
    private readonly directory: string,
    private readonly environment: string,
    private readonly kinds: readonly string[],
  ) {
    this.name = `${environment}.config`;
  }

  /**
   * The state on disk, or `undefined` where there is none or it holds other kinds.
   * @throws Error where the file cannot be read or is damaged
   */
  async read(): Promise<TakenState | undefined> {
    const content = await readFile(join(this.directory, this.name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (content === undefined) return undefined;
    const [checksum = '', json = ''] = content.split('\n', 2);
    if (sha256Hex(json) !== checksum) throw new Error('the file does not have the checksum that it names');
    const from = new Shape(JSON.parse(json));
    const same =
      from.get('format', counter) === FORMAT &&
      from.get('environment', text) === this.environment &&
      from.get('kinds', list(text)).join() === this.kinds.join();
    if (!same) return undefined;
    const documents = new Map(from.get('documents', list(document)).map((one) => [formatRef(one.ref), one]));
    const { refusals = [] } = from.optional('refusals', list(refusal));
    return {
      state: { position: from.get('position', position), documents },
      refusals: new Map(refusals.map((one) => [formatRef(one.document.ref), one])),
      // A file from before documents could be refused alone: all of it was applied.
      ...(refusals.length > 0 ? from.optional('proved', position) : { proved: from.get('position', position) }),
    };
  }

  /** Resolves once it would survive a power cut. */
  async write({ state: { position, documents }, refusals, proved }: TakenState): Promise<void> {
    const { environment, kinds, directory, name } = this;
    const refused = [...refusals.values()].map(({ document: one, reason, instead, seq }) => ({
      ...{ document: written(one), reason },
      ...(instead ? { instead: written(instead) } : {}),
      ...(seq === undefined ? {} : { seq }),
    }));
    const optional = { ...(refused.length > 0 ? { refusals: refused } : {}), ...(proved ? { proved } : {}) };
    const json = canonicalJson({
      format: FORMAT,
      environment,
      kinds,
      position,
      documents: [...documents.values()].map(written),
      ...optional,
    });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeWhole(directory, name, async (file) => {
      await file.write(`${sha256Hex(json)}\n${json}\n`);
      crashPoint('config:while-writing');
    });
  }
}

const written = ({ ref, sha256, body, landing }: ConfigDocument) => ({
  ref: formatRef(ref),
  sha256,
  body,
  ...(landing ? { landing } : {}),
});

const anything: Reader<unknown> = (value) => value;

const position: Reader<ConfigPosition> = (value, path) => {
  const from = new Shape(value, path);
  return { epoch: from.get('epoch', text), seq: from.get('seq', counter), stateHash: from.get('stateHash', digest) };
};

const document: Reader<ConfigDocument> = (value, path) => {
  const from = new Shape(value, path);
  const ref = splitRef(from.get('ref', text));
  if (!ref) throw new ShapeError(`${path}.ref`, 'kind/site/key');
  return {
    ref,
    sha256: from.get('sha256', digest),
    body: from.get('body', anything),
    ...from.optional('landing', landing),
  };
};

const landing: Reader<Landing> = (value, path) => {
  const from = new Shape(value, path);
  return { seq: from.get('seq', counter), revision: from.get('revision', counter) };
};

const refusal: Reader<Refusal> = (value, path) => {
  const from = new Shape(value, path);
  return {
    document: from.get('document', document),
    reason: from.get('reason', text),
    ...from.optional('instead', document),
    ...from.optional('seq', counter),
  };
};
