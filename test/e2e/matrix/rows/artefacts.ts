import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { artefactKeys } from '@paddock/contracts';
import { type Random, until } from '@paddock/testing';
import { type Installation, readiness } from '../../installation.js';
import { readPage } from '../../read-page.js';
import { TWINS_PATH } from '../../twins.js';
import type { FaultRow } from '../hazard-row.js';

const BOUND_MS = 30_000;
const DAMAGES = ['cut off', 'empty', 'a flipped bit', 'other bytes'] as const;

export const ARTEFACTS: readonly FaultRow[] = [
  {
    name: 'bad-body-in-redis',
    fault: 'the bodies of a release are overwritten in Redis before an edge reads them',
    expected:
      'the edge rejects the release with its reason and keeps its page; after the bodies are written again it applies the release',
    boundMs: BOUND_MS,
    async inject({ installation, other }) {
      const edge = installation.edge();
      edge.pause();
      const { settled } = await other.publish();
      const releaseId = settled && 'seq' in settled ? settled.releaseId : '';
      await until(
        async () =>
          (await installation.propagation(releaseId)).receipts.some(
            ({ instance, state }) => instance === 'edge-2' && state === 'APPLIED',
          ),
        { what: 'the other edge' },
      );
      // So that the bodies are not written again before they are read.
      installation.parts.worker.pause();
      await overwriteBodies(installation, releaseId);
      edge.resume();
      await until(
        async () =>
          (await readiness(edge)).environments.some(({ rejected }) =>
            rejected?.reason.includes('does not have the bytes'),
          ),
        { what: 'the rejection' },
      );
    },
  },
  {
    name: 'bad-disk-of-edge',
    fault: 'a file of an edge’s last good state is damaged, and the edge starts while Redis is unreachable',
    expected: 'it serves a page that was published, or is not ready and says so; it never serves a page of its own',
    boundMs: BOUND_MS,
    judge: { emptyDisks: true, startsBack: true },
    async inject({ installation, publisher }, random) {
      const edge = installation.edge();
      const known = new Set(publisher.attempts.map(({ marker }) => marker).concat('begin'));
      await edge.kill9();
      await spoil(join(installation.parts.stateDirectories[0] ?? '', 'environments', 'production'), random);
      installation.network(edge).redis.refuse();
      // It may well not become ready before it hears of Redis.
      edge.launch();
      await until(async () => (await fetch(`${edge.url}/healthz`)).ok, { what: 'an edge that answers' });
      const [{ ready }, page] = [await readiness(edge), await readPage(edge.url + TWINS_PATH)];
      if (ready === (page.status === 503))
        throw new Error(`/readyz says ${ready ? 'ready' : 'not ready'}, the page is answered with ${page.status}`);
      if (page.titles.some((title) => !known.has(title)))
        throw new Error(`a page that was never published: ${page.titles.join()}`);
    },
    async heal({ installation }) {
      installation.network(installation.edge()).redis.heal();
      await installation.edge().becomesReady();
    },
  },
];

async function spoil(directory: string, random: Random): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^(journal|snapshot)/.test(name)).sort();
  const [first, ...rest] = names;
  if (first === undefined) throw new Error(`the edge keeps no state in ${directory}`);
  const file = join(directory, random.pick([first, ...rest]));
  const content = await readFile(file);
  const damage = random.pick(DAMAGES);
  if (damage === 'cut off') await truncate(file, random.integer(0, Math.max(0, content.length - 1)));
  else if (damage === 'empty') await truncate(file, 0);
  else if (damage === 'other bytes') await writeFile(file, Buffer.from(content.map(() => random.integer(0, 255))));
  else if (content.length > 0) {
    const at = random.integer(0, content.length - 1);
    content.writeUInt8((content[at] ?? 0) ^ (1 << random.integer(0, 7)), at);
    await writeFile(file, content);
  }
}

/** Puts other content under the names of the bodies that a release brought. */
async function overwriteBodies(installation: Installation, releaseId: string): Promise<void> {
  const redis = new Redis(installation.parts.redis.url);
  const bodies = await installation.sql<{ sha256: string }>(
    `SELECT r.sha256 FROM release_item i JOIN revision r ON r.document_id = i.document_id AND r.number = i.revision WHERE i.release_id = ?`,
    [releaseId],
  );
  for (const { sha256 } of bodies) {
    await redis.set(artefactKeys('paddock', 'production').blob(sha256), '{"title":"not what was published"}');
  }
  redis.disconnect();
}
