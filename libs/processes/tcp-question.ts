import { connect } from 'node:net';

/**
 * Connects, sends `question` and collects what comes back until `isAnswer` says that it is whole. Enough of a client to
 * ask a server whether it is ready, without a driver.
 * @throws Error when the server is unreachable, closes early or stays silent
 */
export function askTcp(
  port: number,
  question: string,
  isAnswer: (received: Buffer) => boolean,
  { host = '127.0.0.1', timeoutMs = 1_000 } = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect({ port, host });
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(`${host}:${port} ${reason}`));
    };
    socket.setTimeout(timeoutMs, () => fail('stays silent'));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('closed the connection'));
    socket.on('connect', () => socket.write(question));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (!isAnswer(received)) return;
      socket.destroy();
      resolve(received);
    });
  });
}
