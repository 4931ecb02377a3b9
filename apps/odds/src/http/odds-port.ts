import { asProblemJson, Cors, HttpPort, type HttpSettings } from '#http-server';

/** The port of an odds service: pages of listed origins may read what a client key opens. */
export function oddsPort(settings: HttpSettings): HttpPort {
  const cors = new Cors({
    origins: settings.allowedOrigins,
    methods: 'GET, HEAD, OPTIONS',
    requestHeaders: 'Paddock-Client-Key, If-None-Match',
    exposedHeaders: 'ETag, Age, Retry-After, Paddock-Data-Age-Ms, Paddock-Cache, Paddock-Upstream-Problem',
    credentials: false,
  });
  return new HttpPort(settings, { cors, resources: 'same-origin', refusal: asProblemJson });
}
