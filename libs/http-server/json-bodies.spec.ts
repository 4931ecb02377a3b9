import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { createLogger } from '@paddock/runtime';
import { type JsonBodies, readJsonBodies } from './json-bodies.js';
import { answerProblem } from './refusals.js';

async function post(body: string | Buffer, { bodies = {}, type = 'application/json', url = '/any' } = {}) {
  const server = fastify();
  server.setErrorHandler(answerProblem(createLogger('test', 'silent')));
  const read: JsonBodies = bodies;
  readJsonBodies(server, read);
  for (const path of ['/any', '/small']) server.post(path, (request) => ({ read: request.body }));
  const answer = await server.inject({ method: 'POST', url, headers: { 'content-type': type }, payload: body });
  await server.close();
  const { read: value, code, detail }: Record<string, unknown> = JSON.parse(answer.body);
  return answer.statusCode === 200 ? value : { status: answer.statusCode, code, detail };
}

describe('JSON bodies', () => {
  it('are read as values', async () => {
    expect(await post('{"a":[1,"é"]}')).toEqual({ a: [1, 'é'] });
  });

  it.each([
    ['no JSON', '{"a":', 400, 'BAD_JSON'],
    ['nothing', '', 400, 'BAD_JSON'],
    ['a name that reaches prototypes', '{"__proto__":{}}', 400, 'BAD_JSON'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'INVALID_UTF8'],
    ['more levels than the limit', '[[[]]]', 400, 'JSON_TOO_DEEP'],
    ['more members than the limit', '[1,2,3,4,5,6]', 400, 'JSON_TOO_MANY_MEMBERS'],
  ])('are refused where there is %s', async (_, body, status, code) => {
    expect(await post(body, { bodies: { limits: { depth: 2, members: 5 } } })).toMatchObject({ status, code });
  });

  it('of another type are refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/json'])
      expect(await post('{}', { type })).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('have less room on some routes, which the refusal says', async () => {
    const bodies = { smaller: { '/small': { bytes: 10, what: 'a receipt' } } };
    expect(await post('"12345678"', { bodies, url: '/small' })).toBe('12345678');
    expect(await post('"123456789"', { bodies, url: '/small' })).toEqual({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
      detail: 'a receipt has at most 10 bytes',
    });
    expect(await post('"123456789"', { bodies })).toBe('123456789');
  });

  it('are parsed by another reader where there is one', async () => {
    const parse = (text: string, bytes: Buffer): unknown => [text, bytes.length];
    expect(await post('"é"', { bodies: { parse } })).toEqual(['"é"', 4]);
  });
});
