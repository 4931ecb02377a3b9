import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../setup/progress.mjs';

/** The sample site's homepage, at the edge. */
export const samplePage = '/v1/production/sites/acme-uk/layouts/home';

const patienceMs = 30_000;

/** An edge is ready with the first environment that reaches it; what was published a moment ago may take a moment more. */
export async function waitForSample(/** @type {string} */ edge) {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await delay(50)) {
    const served = await fetch(edge + samplePage).then(
      (response) => response.ok,
      () => false,
    );
    if (served) return;
  }
  say(`the edge does not serve ${samplePage} yet; the logs of worker and edge say more`);
}
