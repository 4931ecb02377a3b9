import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { ALL_SITES, splitRef } from '@paddock/contracts';
import { type Encoding, inPortions } from '@paddock/runtime';
import type { Representation } from '../layouts/prepared-body.js';
import type { Environment, EnvironmentListener } from '../state/environment.js';
import type { LiveDocument, LiveState } from '../state/live-state.js';

const compressGzip = promisify(gzip);
const compressBrotli = promisify(brotliCompress);

const DOCUMENTS_AT_ONCE = 2_000;

interface Made {
  etag: string;
  representations: Map<Encoding, Promise<Representation>>;
}

/**
 * Manifests, made when asked for and kept while they are current. One may list 100,000 documents: it is written in
 * portions and compressed off the event loop, once for all who ask meanwhile.
 */
export class Manifests implements EnvironmentListener {
  private readonly current = new Map<string, Made>();

  /** Names the state, and so the manifest: known before anything is made. */
  etagOf({ position }: LiveState, encoding: Encoding = 'identity'): string {
    const tag = `${position.seq}-${position.stateHash}`;
    return encoding === 'identity' ? `"${tag}"` : `"${tag}-${encoding}"`;
  }

  /** Only the current manifest is kept, because a manifest may be large. */
  applied(): void {
    this.current.clear();
  }

  replaced(): void {
    this.current.clear();
  }

  /** `site` leaves out the documents of other sites; `null` leaves out none. */
  read(environment: Environment, state: LiveState, site: string | null, encoding: Encoding): Promise<Representation> {
    const name = `${environment.name}/${site ?? ALL_SITES}`;
    const etag = `${this.etagOf(state)} ${state.position.epoch}`;
    let made = this.current.get(name);
    if (made?.etag !== etag) {
      made = { etag, representations: new Map() };
      this.current.set(name, made);
    }
    return this.representation(made, environment.name, state, site, encoding);
  }

  private representation(
    made: Made,
    environment: string,
    state: LiveState,
    site: string | null,
    encoding: Encoding,
  ): Promise<Representation> {
    const known = made.representations.get(encoding);
    if (known) return known;
    // What is written must be of one moment: everything that is read of the state is read before the first pause.
    const etag = this.etagOf(state, encoding);
    const promise =
      encoding === 'identity'
        ? write(environment, state, site).then((bytes) => ({ bytes, etag, encoding: undefined }))
        : this.representation(made, environment, state, site, 'identity').then(async ({ bytes }) => ({
            bytes: await compress(bytes, encoding),
            etag,
            encoding,
          }));
    made.representations.set(encoding, promise);
    return promise;
  }
}

async function write(environment: string, state: LiveState, site: string | null): Promise<Buffer> {
  const { epoch, seq, stateHash } = state.position;
  const documents = [...state.documents()];
  const pieces: Buffer[] = [];
  await inPortions(documents, DOCUMENTS_AT_ONCE, (portion) => {
    const lines = portion.flatMap((document) => line(document, site) ?? []);
    if (lines.length > 0) pieces.push(Buffer.from((pieces.length > 0 ? ',' : '') + lines.join(',')));
  });
  const head = JSON.stringify({ environment, epoch, seq, stateHash });
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"documents":[`), ...pieces, Buffer.from(']}')]);
}

function line({ ref, blob }: LiveDocument, site: string | null): string | undefined {
  const parts = splitRef(ref);
  if (!parts || (site !== null && parts.site !== site && parts.site !== ALL_SITES)) return undefined;
  return JSON.stringify({ ...parts, sha256: blob.sha256 });
}

function compress(bytes: Buffer, encoding: 'gzip' | 'br'): Promise<Buffer> {
  if (encoding === 'gzip') return compressGzip(bytes, { level: 5 });
  return compressBrotli(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}
