import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { formatRef } from '@paddock/contracts';
import type { ConfigKind } from '../../documents/config-kind.js';
import type { PlanInput } from '../plan.js';
import { Observation, type Observed, PlanObserver } from '../plan-observer.js';
import { planRelease } from '../plan-release.js';
import type { Gate } from './gate.js';
import { GateRegistry, inOrder, provideGates } from './gate-registry.js';
import { GatesModule } from './gates.module.js';
import { ENGINE_GATES } from './index.js';

/** A module with one observer and one gate that judges by what it saw, as a kind has them. */
function kindModule(code: string) {
  const weather = new Observation<string>(`weather of ${code}`);
  const gate: Gate = {
    ...{ code, title: `${code} is a gate of a test`, appears: 'Always.', appliesTo: 'FORWARD', severity: 'ERROR' },
    ...{ subject: 'DOCUMENT', refusesSchedule: true, override: null },
    resolution: { mutation: null, hint: `wait for ${code}` },
    find: (input) =>
      input.items.map((item) => ({ message: `${formatRef(item.ref)}: ${weather.of(input)}`, concerns: [item] })),
  };
  @Injectable()
  class Observer extends PlanObserver<string> {
    private looked = 'not looked yet';

    look(releaseIds: readonly string[]): Promise<void> {
      this.looked = `${code} saw ${releaseIds.join()}`;
      return Promise.resolve();
    }

    observed(releaseId: string): Observed<string> {
      return weather.with(`${this.looked} for ${releaseId}`);
    }
  }
  @Module({ providers: [Observer, provideGates(gate)] })
  class KindModule {}
  return KindModule;
}

const ref = { kind: 'promo', site: 'acme-uk', key: 'summer' } as const;
const pinned = { documentId: 'd1', ref, revision: 1, sha256: 'a'.repeat(64), body: {} };
const kind: ConfigKind = {
  ...{ name: 'promo', schemaVersion: 1, label: () => 'test', references: () => [], checkAgainst: () => [] },
  parse: () => ({ ok: true, body: {} }),
  reach: () => ({ audiences: [], tags: [], places: [], claims: [] }),
};

async function registryOf(...modules: ReturnType<typeof kindModule>[]): Promise<GateRegistry> {
  const module = await Test.createTestingModule({ imports: [...modules, GatesModule] }).compile();
  return module.get(GateRegistry);
}

const inputFor = (registry: GateRegistry, type: PlanInput['type'] = 'FORWARD'): PlanInput => ({
  ...{ releaseId: 'r1', environment: 'production', type, neighbours: [], sites: [], freezes: [], scheduled: [] },
  items: [{ documentId: 'd1', ref, op: 'PUT', pinned, live: null }],
  observed: registry.observed('r1'),
  now: new Date('2026-06-01T12:00:00Z'),
});

describe('gates and observers that modules register', () => {
  it('are all heard, however many modules have some', async () => {
    const registry = await registryOf(kindModule('RAIN'), kindModule('FOG'));
    await registry.look(['r1']);
    const { gates } = planRelease(inputFor(registry), () => kind, registry.gates);
    expect(gates).toMatchObject([
      { code: 'FOG', message: 'promo/acme-uk/summer: FOG saw r1 for r1', documentId: 'd1', refusesSchedule: true },
      { code: 'RAIN', message: 'promo/acme-uk/summer: RAIN saw r1 for r1', resolution: { hint: 'wait for RAIN' } },
    ]);
    expect(planRelease(inputFor(registry, 'ROLLBACK'), () => kind, registry.gates).gates).toEqual([]);
  });

  it('come after those of the engine, in an order that does not depend on the order of modules', async () => {
    const [one, other] = [kindModule('RAIN'), kindModule('FOG')];
    const codes = async (...modules: (typeof one)[]) => (await registryOf(...modules)).gates.map(({ code }) => code);
    expect(await codes(one, other)).toEqual([...ENGINE_GATES.map(({ code }) => code), 'FOG', 'RAIN']);
    expect(await codes(other, one)).toEqual(await codes(one, other));
  });

  it('have no part in the hash of a plan', async () => {
    const registry = await registryOf(kindModule('RAIN'));
    const [without, with_] = [ENGINE_GATES, inOrder(registry.gates)].map((gates) =>
      planRelease(inputFor(registry), () => kind, gates),
    );
    expect(with_?.gates.length).toBeGreaterThan(without?.gates.length ?? 0);
    expect(with_?.hash).toBe(without?.hash);
  });
});
