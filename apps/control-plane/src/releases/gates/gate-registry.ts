import { Injectable, type Provider } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type Observed, PlanObserver } from '../plan-observer.js';
import type { Gate } from './gate.js';
import { ENGINE_GATES } from './index.js';

/** Gates that one module registers. */
export class RegisteredGates {
  constructor(readonly gates: readonly Gate[]) {}
}

/** A provider that registers gates with the engine. Any module of the application may list one. */
export function provideGates(...gates: readonly Gate[]): Provider {
  return { provide: Symbol('gates'), useValue: new RegisteredGates(gates) };
}

/** In the order of plans, which does not depend on the order of modules. */
export function inOrder(registered: readonly Gate[]): Gate[] {
  const name = ({ code, title }: Gate) => `${code} ${title}`;
  return [...ENGINE_GATES, ...registered.toSorted((a, b) => (name(a) < name(b) ? -1 : 1))];
}

/** Every gate and every plan observer of this process: those of the engine, and those that its modules provide. */
@Injectable()
export class GateRegistry {
  private found: { gates: readonly Gate[]; observers: readonly PlanObserver[] } | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  get gates(): readonly Gate[] {
    return this.registered.gates;
  }

  /** Runs every observer. To be called before the transaction that plans the releases. */
  async look(releaseIds: readonly string[]): Promise<void> {
    await Promise.all(this.registered.observers.map((observer) => observer.look(releaseIds)));
  }

  /** What every observer saw, for the input of a plan. */
  observed(releaseId: string): Observed[] {
    return this.registered.observers.map((observer) => observer.observed(releaseId));
  }

  /** Read at the first use, when every provider of the application exists. */
  private get registered() {
    this.found ??= this.discover();
    return this.found;
  }

  private discover() {
    const gates: Gate[] = [];
    const observers: PlanObserver[] = [];
    for (const { instance } of this.discovery.getProviders()) {
      if (instance instanceof RegisteredGates) gates.push(...instance.gates);
      if (instance instanceof PlanObserver) observers.push(instance);
    }
    return { gates: inOrder(gates), observers: [...new Set(observers)] };
  }
}
