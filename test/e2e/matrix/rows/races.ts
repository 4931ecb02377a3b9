import { randomUUID } from 'node:crypto';
import { TwinPublisher } from '../../twins.js';
import type { FaultRow } from '../hazard-row.js';

const BOUND_MS = 10_000;

export const RACES: readonly FaultRow[] = [
  {
    name: 'two-publishers',
    fault: 'two releases of the same documents are published at once',
    expected: 'one lands; the other is refused and says what landed',
    boundMs: BOUND_MS,
    async inject({ installation, other }) {
      const rival = new TwinPublisher(installation, 'other');
      const [mine, theirs] = [
        await other.prepare(`mine ${randomUUID()}`),
        await rival.prepare(`theirs ${randomUUID()}`),
      ];
      const settled = (await Promise.all([other.land(mine), rival.land(theirs)])).map((attempt) => attempt.settled);
      const landed = settled.filter((one) => one && 'seq' in one).length;
      const stale = settled.filter((one) => one && 'refused' in one && one.refused === 'STALE').length;
      if (landed !== 1 || stale !== 1) throw new Error(`two publishers were answered ${JSON.stringify(settled)}`);
    },
  },
  {
    name: 'one-key-at-once',
    fault: 'one publish is sent three times at once by one key',
    expected: 'one seq, and the same answer three times',
    boundMs: BOUND_MS,
    async inject({ installation, other }) {
      const { release } = await other.prepare();
      const key = randomUUID();
      const send = () => installation.editor.publish(release.id, release.plan?.planHash ?? '', key);
      const answers = await Promise.all([send(), send(), send()]);
      const seqs = new Set(answers.map(({ data }) => JSON.stringify(data?.publishRelease)));
      if (seqs.size !== 1) throw new Error(`one key was answered ${[...seqs].join(' and ')}`);
    },
  },
  {
    name: 'rollback-during-publish',
    fault: 'a release is rolled back while the next one is published',
    expected: 'both land, one after the other, and edges show them in that order',
    boundMs: BOUND_MS,
    async inject({ installation, other }) {
      const last = await other.publish();
      const prepared = await other.prepare();
      const id = last.settled && 'seq' in last.settled ? last.settled.releaseId : '';
      const [, rollback] = await Promise.all([other.land(prepared), installation.editor.rollback(id, { keep: [] })]);
      const { type } = rollback.data?.rollbackRelease as { type?: string };
      if (type !== 'ROLLBACK') throw new Error(`the rollback was answered ${JSON.stringify(rollback.data)}`);
    },
  },
];
