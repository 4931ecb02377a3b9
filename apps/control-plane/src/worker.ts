import { runApp } from '@paddock/runtime';
import { type ControlPlaneSettings, readWorkerSettings } from './settings.js';
import { startWorkerProcess, UnfitRedis } from './worker.process.js';

function settingsOfWorker(): ControlPlaneSettings {
  const settings = readWorkerSettings(process.env);
  return { ...settings, port: settings.workerPort };
}

await runApp('worker', settingsOfWorker, startWorkerProcess, { expected: [UnfitRedis] });
