import { Injectable } from '@nestjs/common';
import type { Caller } from '../graphql/request-scope.js';
import { Authenticator } from './authenticator.js';
import type { Credential } from './credential.js';

/**
 * Who the credentials of open sockets belong to now. Nothing is cached: a change of grants holds from the next event on.
 * Concurrent requests for one credential, by several subscriptions of a socket, share one answer.
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
