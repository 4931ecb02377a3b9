import { expect, it } from 'vitest';
import {
  configHeaderProblem,
  credentialHeaderProblem,
  headerValueProblem,
  transportHeaderProblem,
} from './header-problems.js';

it.each([
  'Host',
  'HOST',
  'Transfer-Encoding',
  'content-length',
  'Connection',
  'Keep-Alive',
  'TE',
  'Trailer',
  'Upgrade',
  'Proxy-Authorization',
  'Proxy-Connection',
  'Expect',
  'Accept-Encoding',
  'a b',
  'x:',
  'x\r\ny',
  '',
])('no request carries the header %j', (name) => {
  expect(transportHeaderProblem(name)).toBeDefined();
  expect(configHeaderProblem(name)).toBeDefined();
});

it.each([
  'Set-Cookie',
  'If-None-Match',
  'Range',
  'Content-Type',
  'Content-Encoding',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'Forwarded',
  'Via',
  'X-Real-IP',
  'Sec-Fetch-Site',
])('config does not set the header %s', (name) => {
  expect(configHeaderProblem(name)).toBeDefined();
});

it.each(['Authorization', 'X-Api-Key', 'Accept', 'Accept-Language', 'User-Agent', 'X-Region', 'Cookie'])(
  'config may set %s',
  (name) => {
    expect(configHeaderProblem(name)).toBeUndefined();
  },
);

it.each(['Accept', 'User-Agent', 'Cookie', 'Host', 'Range'])(
  'the credential of an upstream does not travel in %s',
  (name) => {
    expect(credentialHeaderProblem(name)).toBeDefined();
  },
);

it.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'a\x7f', 'ключ'])('%j is not the value of a header', (value) => {
  expect(headerValueProblem(value)).toBeDefined();
});
