export { build } from './build.js';
export { armCrashPoint, crashPoint } from './crash-points.js';
export { drainBeforeClose } from './drain.js';
export { syncDirectory, writeWhole } from './durable-file.js';
export { EnvReader, InvalidSettings } from './env-reader.js';
export { type CheckResult, Health, type Readiness } from './health.js';
export { inPortions } from './in-portions.js';
export {
  checkJson,
  endOfString,
  isWhiteSpace,
  type JsonLimits,
  notJson,
  parseBoundedJson,
  REQUEST_JSON,
  UnreadableJson,
} from './json-text.js';
export { LimitedConcurrency } from './limited-concurrency.js';
export { createLogger, type Logger, type LogLevel, nestLogger } from './logger.js';
export { Counter, countedElsewhere, createMetrics, FAST_BUCKETS, Gauge, Histogram, Registry } from './metrics.js';
export { type Encoding, encodingFor, matchesEtag } from './negotiation.js';
export { assertNodeVersion, nodeProblem } from './node-version.js';
export { type ProcessSettings, readProcessSettings } from './process-settings.js';
export { type RunnableApp, runApp, type RunOptions } from './run-app.js';
export { type RequestContext, requestContext, withRequestContext } from './request-context.js';
export { readSecurityTxt, securityTxt, type SecurityTxtSettings, serveSecurityTxt } from './security-txt.js';
export { isUnreachable } from './unreachable.js';
export { continueTrace, inSpan, parentContext, startTracing, traceparentOf } from './tracing.js';
export { VERSION } from './version.js';
