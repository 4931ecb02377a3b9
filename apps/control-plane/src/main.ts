import { DataSource } from 'typeorm';
import { noteBroadPowers } from '#migrations';
import { armCrashPoint, closeOnSignal, createLogger, demandNode, InvalidSettings, startTracing } from '#runtime';
import { createControlPlane } from './control-plane.js';
import { readSettings } from './settings.js';

demandNode();
try {
  const settings = readSettings(process.env);
  armCrashPoint(settings.crashAt);
  const logger = createLogger('control-plane', settings.logLevel);
  const stopTracing = await startTracing('control-plane', settings.otlpEndpoint);
  const app = await createControlPlane(settings, logger);
  closeOnSignal(logger, async () => {
    await app.close();
    await stopTracing();
  });
  await noteBroadPowers(app.get(DataSource, { strict: false }), logger);
  await app.listen(settings.port, settings.host);
  logger.info({ url: await app.getUrl() }, 'listening');
} catch (error) {
  process.stderr.write(
    `${error instanceof InvalidSettings ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
