import { armCrashPoint, closeOnSignal, createLogger, demandNode, InvalidSettings, startTracing } from '#runtime';
import { createAnalytics } from './create-analytics.js';
import { readSettings } from './settings.js';

demandNode();
try {
  const settings = readSettings(process.env);
  armCrashPoint(settings.crashAt);
  const logger = createLogger('analytics', settings.logLevel);
  const stopTracing = await startTracing('analytics', settings.otlpEndpoint);
  const app = await createAnalytics(settings, logger);
  closeOnSignal(logger, async () => {
    await app.close();
    await stopTracing();
  });
  await app.listen(settings.port, settings.host);
  logger.info({ url: await app.getUrl() }, 'listening');
} catch (error) {
  process.stderr.write(
    `${error instanceof InvalidSettings ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
