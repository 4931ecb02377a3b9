import { instanceId } from '#live-config';
import { armCrashPoint, closeOnSignal, createLogger, demandNode, InvalidSettings, startTracing } from '#runtime';
import { createEdge } from './create-edge.js';
import { EDGE_CONSUMER } from './receipts/edge-reporter.js';
import { readSettings } from './settings.js';

demandNode();
try {
  const settings = readSettings(process.env);
  armCrashPoint(settings.crashAt);
  const logger = createLogger('edge', settings.logLevel);
  const stopTracing = await startTracing('edge', settings.otlpEndpoint);
  const instance = await instanceId(
    { consumer: EDGE_CONSUMER, given: settings.instance, directory: settings.stateDir },
    logger,
  );
  const app = await createEdge({ settings, logger, instance });
  closeOnSignal(logger, async () => {
    await app.close();
    await stopTracing();
  });
  await app.listen(settings.port, settings.host);
  logger.info({ url: await app.getUrl(), instance }, 'listening');
} catch (error) {
  process.stderr.write(
    `${error instanceof InvalidSettings ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
