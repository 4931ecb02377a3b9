import { armCrashPoint, closeOnSignal, createLogger, demandNode, InvalidSettings, startTracing } from '#runtime';
import { readWorkerSettings } from './settings.js';
import { startWorkerProcess, UnfitRedis } from './worker.process.js';

demandNode();
try {
  const settings = readWorkerSettings(process.env);
  armCrashPoint(settings.crashAt);
  const logger = createLogger('worker', settings.logLevel);
  const stopTracing = await startTracing('worker', settings.otlpEndpoint);
  const worker = await startWorkerProcess(settings, logger);
  closeOnSignal(logger, async () => {
    await worker.close();
    await stopTracing();
  });
  const url = await worker.http.listen({ port: settings.workerPort, host: settings.host });
  logger.info({ url }, 'listening');
} catch (error) {
  const expected = error instanceof InvalidSettings || error instanceof UnfitRedis;
  process.stderr.write(`${expected ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
}
