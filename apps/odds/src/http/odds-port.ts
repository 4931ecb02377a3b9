import { Cors, HttpPort, type HttpSettings } from '@paddock/http-server';

/** The port of an odds service: pages of listed origins may read what a client key opens. */
export function oddsPort(settings: HttpSettings): HttpPort {
  const cors = new Cors({
    origins: settings.allowedOrigins,
    methods: 'GET, HEAD, OPTIONS',
    requestHeaders: 'Paddock-Client-Key, If-None-Match, X-Request-Id, Traceparent',
    exposedHeaders:
      'ETag, Age, Retry-After, Paddock-Data-Age-Ms, Paddock-Cache, Paddock-Upstream-Problem, X-Request-Id',
    credentials: false,
  });
  return new HttpPort(settings, { cors, resources: 'same-origin' });
}
