import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, counter, formatRef, list, type Reader, sha256 as digest, sha256Hex, Shape, ShapeError, splitRef, text } from '#contracts';
import { crashPoint, writeWhole } from '#runtime';
import type { ConfigDocument, ConfigState } from './config-state.js';

/** Counts up with every change of the file that an older version could not read. */
const FORMAT = 1;

/** The last known good state on disk: one file, its first line the checksum of the rest. */
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
   * What was kept, or `undefined` where nothing was or it holds other kinds.
   * @throws Error where what is there cannot be read or is not whole
   */
  async read(): Promise<ConfigState | undefined> {
    const content = await readFile(join(this.directory, this.name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (content === undefined) return undefined;
    const [checksum = '', json = ''] = content.split('\n', 2);
    if (sha256Hex(json) !== checksum) throw new Error('the file does not have the checksum that it names');
    const from = new Shape(JSON.parse(json));
    const same = from.get('format', counter) === FORMAT && from.get('environment', text) === this.environment && from.get('kinds', list(text)).join() === this.kinds.join();
    if (!same) return undefined;
    const position = new Shape(from.get('position', anything), 'position');
    return {
      position: { epoch: position.get('epoch', text), seq: position.get('seq', counter), stateHash: position.get('stateHash', digest) },
      documents: new Map(from.get('documents', list(document)).map((one) => [formatRef(one.ref), one])),
    };
  }

  /** Resolves once it would survive a power cut. */
  async write({ position, documents }: ConfigState): Promise<void> {
    const { environment, kinds, directory, name } = this;
    const entries = [...documents.values()].map(({ ref, sha256, body }) => ({ ref: formatRef(ref), sha256, body }));
    const json = canonicalJson({ format: FORMAT, environment, kinds, position, documents: entries });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeWhole(directory, name, async (file) => {
      await file.write(`${sha256Hex(json)}\n${json}\n`);
      crashPoint('config:while-writing');
    });
  }
}

const anything: Reader<unknown> = (value) => value;

const document: Reader<ConfigDocument> = (value, path) => {
  const from = new Shape(value, path);
  const ref = splitRef(from.get('ref', text));
  if (!ref) throw new ShapeError(`${path}.ref`, 'kind/site/key');
  return { ref, sha256: from.get('sha256', digest), body: from.get('body', anything) };
};
