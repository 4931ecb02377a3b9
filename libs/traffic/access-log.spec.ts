import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readAccessLine } from './access-log.js';
import { readLines } from './read-lines.js';

const at = Date.parse('2026-11-20T12:00:01Z');

describe('a line of an access log', () => {
  test.each([
    [
      'Common',
      '10.0.0.1 - - [20/Nov/2026:12:00:01 +0000] "GET https://api.example.com/v4/odds?a=1 HTTP/1.1" 200 512',
      { at, client: '10.0.0.1', method: 'GET', url: 'https://api.example.com/v4/odds?a=1', status: 200, bytes: 512 },
    ],
    [
      'Combined, with a user and another zone',
      '10.0.0.1 - shop [20/Nov/2026:13:00:01 +0100] "GET /v4/odds HTTP/1.1" 304 - "-" "Mozilla/5.0 \\"x\\""',
      { at, client: 'shop', method: 'GET', url: '/v4/odds', status: 304, bytes: 0 },
    ],
    [
      'nginx JSON',
      '{"time_iso8601":"2026-11-20T12:00:01+00:00","remote_addr":"10.0.0.1","http_paddock_client":"shop","request":"GET /v4/odds HTTP/1.1","status":"200","body_bytes_sent":"77","host":"api.example.com"}',
      { at, client: 'shop', method: 'GET', url: '/v4/odds', host: 'api.example.com', status: 200, bytes: 77 },
    ],
    [
      'nginx JSON in parts',
      '{"msec":1795176001.000,"remote_addr":"10.0.0.1","remote_user":"-","request_method":"HEAD","request_uri":"/x","status":200,"bytes_sent":5}',
      { at, client: '10.0.0.1', method: 'HEAD', url: '/x', status: 200, bytes: 5 },
    ],
    [
      'Caddy JSON',
      '{"level":"info","ts":1795176001,"request":{"remote_ip":"10.0.0.1","client_ip":"10.0.0.2","method":"GET","host":"api.example.com","uri":"/v4/odds","headers":{"Paddock-Client":["app"]}},"size":9,"status":200}',
      { at, client: 'app', method: 'GET', url: '/v4/odds', host: 'api.example.com', status: 200, bytes: 9 },
    ],
  ])('%s', (_name, line, expected) => {
    expect(readAccessLine(line)).toEqual(expected);
  });

  test.each([
    '',
    'hello',
    '{',
    '{}',
    '[]',
    '{"request":7}',
    '10.0.0.1 - - [yesterday] "GET / HTTP/1.1" 200 1',
    '10.0.0.1 - - [20/Nov/2026:12:00:01 +0000] "\\x16\\x03" 400 0',
    '10.0.0.1 - - [20/Nov/2026:12:00:01 +0000] "GET / HTTP/1.1" 999 0',
  ])('%j is no line of an access log', (line) => {
    expect(readAccessLine(line)).toBeUndefined();
  });
});

test('lines come out of plain and packed texts alike, in whatever pieces they come in', async () => {
  const text = Array.from({ length: 1_000 }, (_, n) => `line ${n} é`).join('\r\n');
  for (const bytes of [Buffer.from(text), gzipSync(text)]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, n) => bytes.subarray(n * 7, n * 7 + 7));
    const lines: string[] = [];
    for await (const line of readLines(Readable.from(pieces))) lines.push(line);
    expect(lines).toEqual(text.split('\r\n'));
  }
});
