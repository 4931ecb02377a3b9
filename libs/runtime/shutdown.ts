import type { Logger } from './logger.js';

/**
 * Closes an app once, on SIGTERM or SIGINT, and leaves with 0. Leaves with 1 when closing fails or takes longer than
 * `timeoutMs`: the sender of the signal waits, and an unresponsive socket must not keep the process alive.
 */
export function closeOnSignal(logger: Logger, close: () => Promise<unknown>, timeoutMs = 5_000): void {
  let closing = false;
  const begin = (signal: NodeJS.Signals): void => {
    if (closing) return;
    closing = true;
    logger.info({ signal }, 'closing');
    const deadline = setTimeout(() => {
      logger.error({ timeoutMs }, 'could not close in time');
      process.exit(1);
    }, timeoutMs);
    close()
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        logger.error({ err: error }, 'could not close cleanly');
        process.exit(1);
      })
      .finally(() => clearTimeout(deadline));
  };
  process.on('SIGTERM', begin);
  process.on('SIGINT', begin);
}
