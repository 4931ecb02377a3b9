import { connect, type ConnectionOptions } from 'node:tls';
import type { AddressGuard } from '@paddock/outbound';

/** Betfair ends messages with CRLF; the largest image of a permitted subscription is far smaller than this. */
const MAX_LINE = 64 << 20;

/** The TLS endpoint of the stream. */
export interface StreamEndpoint {
  readonly host: string;
  readonly port: number;
  readonly guard: AddressGuard;
  /** Additional certificate authority, in PEM, for endpoints that are not public. */
  readonly ca?: string;
}

/**
 * One TLS connection, message by message, until it ends. It hands out `send` before the first message.
 * @throws Error when it breaks, or when nothing was received for `silenceMs()`
 */
export async function* streamLines(
  { host, port, guard, ca }: StreamEndpoint,
  {
    onOpen,
    silenceMs,
    signal,
  }: { onOpen: (send: (message: object) => void) => void; silenceMs: () => number; signal: AbortSignal },
): AsyncGenerator<string> {
  guard.assertAllowed(host);
  const options: ConnectionOptions = {
    host,
    port,
    lookup: guard.lookup(),
    ...(host.match(/^[\d.]+$/) ? {} : { servername: host }),
    ...(ca ? { ca } : {}),
  };
  const socket = connect(options);
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  let heard = performance.now();
  const watch = setInterval(() => {
    if (performance.now() - heard > silenceMs()) socket.destroy(new Error(`nothing heard for ${silenceMs()} ms`));
  }, 250);
  socket.setEncoding('utf8');
  onOpen((message) => void socket.write(`${JSON.stringify(message)}\r\n`));
  try {
    let rest = '';
    for await (const chunk of socket) {
      heard = performance.now();
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) throw new Error('a message that does not end');
      for (const line of lines) if (line.trim() !== '') yield line.trimEnd();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
