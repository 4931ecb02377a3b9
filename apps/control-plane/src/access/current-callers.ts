import { Injectable } from '@nestjs/common';
import type { Caller } from '../graphql/request-scope.js';
import { Authenticator } from './authenticator.js';
import type { Credential } from './credential.js';

/**
 * The current actors of the credentials of open sockets. Nothing is cached: a change of grants applies from the next
 * event on. Concurrent requests for one credential, by several subscriptions of a socket, share one read.
 */
@Injectable()
export class CurrentCallers {
  private readonly running = new Map<string, Promise<Caller>>();

  constructor(private readonly authenticator: Authenticator) {}

  callerOf(credential: Credential): Promise<Caller> {
    const key = JSON.stringify(credential);
    const running = this.running.get(key);
    if (running) return running;
    const asked = this.authenticator.identifySilently(credential).finally(() => this.running.delete(key));
    this.running.set(key, asked);
    return asked;
  }
}
