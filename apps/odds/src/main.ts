import { armCrashPoint, closeOnSignal, createLogger, demandNode, InvalidSettings, startTracing } from '#runtime';
import { createOdds } from './create-odds.js';
import { InvalidFeeds } from './feeds/feed-config.js';
import { InvalidUpstreams } from './proxy/upstream-schema.js';
import { UnusableUpstream } from './proxy/upstream.js';
import { readSettings } from './settings.js';
import { PendingMigrations } from './storage/migrate.js';

demandNode();
try {
  const settings = readSettings(process.env);
  armCrashPoint(settings.crashAt);
  const logger = createLogger('odds', settings.logLevel);
  const stopTracing = await startTracing('odds', settings.otlpEndpoint);
  const app = await createOdds(settings, logger);
  closeOnSignal(logger, async () => {
    await app.close();
    await stopTracing();
  });
  await app.listen(settings.port, settings.host);
  logger.info({ url: await app.getUrl() }, 'listening');
} catch (error) {
  const expected = [InvalidSettings, InvalidFeeds, InvalidUpstreams, PendingMigrations, UnusableUpstream].some(
    (type) => error instanceof type,
  );
  process.stderr.write(`${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`);
  process.exit(1);
}
