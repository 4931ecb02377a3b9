import type { AppProcess } from '@paddock/processes';
import { until } from '@paddock/testing';

/** How long a change may take to reach the step at which a process dies; another one publishes all the time. */
const DEATH_MS = 60_000;

/** Restarts a process so that it kills itself at a step, which may happen while it starts. */
export async function arm(app: AppProcess, step: string): Promise<void> {
  await app.stop();
  app.launch({ env: { PADDOCK_CRASH: step } });
  const [ready] = await Promise.allSettled([app.becomesReady()]);
  if (ready.status === 'rejected' && (await app.exit).signal !== 'SIGKILL') throw ready.reason;
}

/** Waits until one of these processes is dead by the step that was armed. */
export async function someoneDies(apps: readonly AppProcess[], step: string): Promise<void> {
  const dead = await until(() => apps.find((app) => !app.running), { timeoutMs: DEATH_MS, what: `a death at ${step}` });
  const { signal } = await dead.exit;
  if (signal !== 'SIGKILL') throw new Error(`${dead.name} ended by ${String(signal)} instead of dying at ${step}`);
}
