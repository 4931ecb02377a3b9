import { type AfterQueryEvent, EventSubscriber, type EntitySubscriberInterface } from 'typeorm';

/** What mysql2 calls a statement that was not answered in time. */
export const NOT_ANSWERED = 'PROTOCOL_SEQUENCE_TIMEOUT';

/**
 * A server or network that went silent closes nothing: the connection waits until TCP gives up, a quarter of an hour
 * later, and the next caller that gets it from the pool waits behind. So a connection that once did not answer is closed.
 */
@EventSubscriber()
export class SilentConnections implements EntitySubscriberInterface {
  async afterQuery({ error, queryRunner }: AfterQueryEvent): Promise<void> {
    if (!isNotAnswered(error)) return;
    const connection: unknown = await queryRunner.connect();
    if (isDestroyable(connection)) connection.destroy();
  }
}

function isDestroyable(connection: unknown): connection is { destroy(): void } {
  return (
    typeof connection === 'object' &&
    connection !== null &&
    'destroy' in connection &&
    typeof connection.destroy === 'function'
  );
}

function isNotAnswered(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === NOT_ANSWERED;
}
