import { describe, expect, it } from 'vitest';
import { fastify } from 'fastify';
import { EnvReader, readSecurityTxt, securityTxt, serveSecurityTxt } from './index.js';

const NOW = new Date('2026-11-30T12:34:56Z');

function read(variables: Record<string, string>) {
  const env = new EnvReader(variables);
  return env.done(readSecurityTxt(env));
}

describe('security.txt', () => {
  it('names every contact, the best first, and a day within a year that moves on', () => {
    const settings = read({ SECURITY_CONTACT: 'https://example.com/report,mailto:security@example.com' });
    expect(securityTxt(settings, NOW)).toBe(
      'Contact: https://example.com/report\nContact: mailto:security@example.com\nExpires: 2027-05-29T00:00:00Z\nPreferred-Languages: en\n',
    );
    expect(securityTxt(settings, new Date(NOW.getTime() + 86_400_000))).toContain('Expires: 2027-05-30T00:00:00Z');
  });

  it('holds until the day that is set', () => {
    expect(securityTxt(read({ SECURITY_TXT_EXPIRES: '2027-01-31T23:00:00Z' }), NOW)).toContain(
      'Expires: 2027-01-31T23:00:00Z\n',
    );
  });

  it('names the address of the product where an installation names none', () => {
    expect(securityTxt(read({}), NOW)).toMatch(/^Contact: mailto:\S+\n/);
  });

  it.each([
    'security@example.com',
    'http://example.com/report',
    'mailto:a@example.com\nPolicy: https://evil.example',
    'javascript:alert(1)',
    'mailto:a@example.com,',
    'https://',
  ])('refuses %j as a contact, naming the setting', (contact) => {
    expect(() => read({ SECURITY_CONTACT: contact })).toThrow('SECURITY_CONTACT must be addresses such as mailto:');
  });

  it.each(['soon', '2027-01-31', '2027-13-31T00:00:00Z'])('refuses %j as its end', (expires) => {
    expect(() => read({ SECURITY_TXT_EXPIRES: expires })).toThrow('SECURITY_TXT_EXPIRES must be a time in UTC');
  });

  it('is served where RFC 9116 puts it', async () => {
    const server = fastify();
    serveSecurityTxt(server, read({}), () => NOW);
    const response = await server.inject('/.well-known/security.txt');
    expect([response.statusCode, response.headers['content-type'], response.body]).toEqual([
      200,
      'text/plain; charset=utf-8',
      securityTxt(read({}), NOW),
    ]);
    await server.close();
  });
});
