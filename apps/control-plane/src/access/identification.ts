import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../graphql/request-scope.js';
import { type ControlPlaneSettings, SETTINGS } from '../settings.js';
import { Authenticator } from './authenticator.js';
import { type Credential, credentialFromToken, credentialOf } from './credential.js';

/** Finds out who is behind a request or a socket. */
@Injectable()
export class Identification {
  constructor(
    private readonly authenticator: Authenticator,
    @Inject(SETTINGS) private readonly settings: ControlPlaneSettings,
  ) {}

  ofRequest(headers: IncomingHttpHeaders): Promise<Caller> {
    return this.of(credentialOf(headers), headers);
  }

  /**
   * A socket's credential comes in its `connection_init`, as `authorization: "Bearer …"` or as `token`, because browsers
   * cannot set headers on a WebSocket; else it is that of the request which opened the socket.
   */
  ofSocket(headers: IncomingHttpHeaders, params: Readonly<Record<string, unknown>> | undefined): Promise<Caller> {
    const { authorization, token } = params ?? {};
    if (typeof authorization === 'string') return this.of(credentialOf({ authorization }), headers);
    if (typeof token === 'string') return this.of(credentialFromToken(token), headers);
    return this.ofRequest(headers);
  }

  private async of(credential: Credential | undefined, headers: IncomingHttpHeaders): Promise<Caller> {
    if (!credential) return {};
    if (credential.type === 'SESSION' && credential.fromCookie && !this.ownOrigin(headers)) {
      return { refusal: `a cookie from the origin ${headers.origin} does not count` };
    }
    return this.authenticator.identify(credential);
  }

  /** Browsers add cookies to whatever page asks; the page must be ours. */
  private ownOrigin({ origin, host }: IncomingHttpHeaders): boolean {
    if (origin === undefined) return true;
    if (this.settings.allowedOrigins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }
}
