import { createServer } from 'node:http';
import { receiveTask } from './child.js';

/** The limit of any Node server: always the same bytes, and nothing to find out. */
const { body } = await receiveTask<{ body: string }>();
const bytes = Buffer.from(body, 'utf8');
const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(bytes.length) };

const server = createServer((_request, response) => {
  response.writeHead(200, headers);
  response.end(bytes);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address ? address.port : 0);
});
