import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ownOriginOf } from '@paddock/http-server';
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

  ofRequest(request: IncomingMessage): Promise<Caller> {
    return this.of(credentialOf(request.headers), request);
  }

  /**
   * A socket's credential comes in its `connection_init`, as `authorization: "Bearer …"` or as `token`, because browsers
   * cannot set headers on a WebSocket; else it is that of the request which opened the socket.
   */
  ofSocket(request: IncomingMessage, params: Readonly<Record<string, unknown>> | undefined): Promise<Caller> {
    const { authorization, token } = params ?? {};
    if (typeof authorization === 'string') return this.of(credentialOf({ authorization }), request);
    if (typeof token === 'string') return this.of(credentialFromToken(token), request);
    return this.ofRequest(request);
  }

  private async of(credential: Credential | undefined, request: IncomingMessage): Promise<Caller> {
    if (!credential) return {};
    if (credential.type === 'SESSION' && credential.fromCookie && !this.isOwnPage(request)) {
      return { refusal: `a cookie from the origin ${request.headers.origin} does not count` };
    }
    return this.authenticator.identify(credential);
  }

  /** Browsers send cookies with requests of any page; the page must be ours: scheme, host and port. */
  private isOwnPage(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return (
      origin === undefined || this.settings.http.allowedOrigins.includes(origin) || origin === ownOriginOf(request)
    );
  }
}
