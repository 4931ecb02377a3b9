import { instanceId } from '@paddock/live-config';
import { type Logger, runApp } from '@paddock/runtime';
import { createEdge } from './create-edge.js';
import { EDGE_CONSUMER } from './receipts/edge-reporter.js';
import { type EdgeSettings, readSettings } from './settings.js';

async function createInstance(settings: EdgeSettings, logger: Logger): ReturnType<typeof createEdge> {
  const { instance: given, stateDir: directory } = settings;
  const instance = await instanceId({ consumer: EDGE_CONSUMER, given, directory }, logger);
  logger.info({ instance }, 'starts');
  return createEdge({ settings, logger, instance });
}

await runApp('edge', () => readSettings(process.env), createInstance);
