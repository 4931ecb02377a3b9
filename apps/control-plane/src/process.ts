import type { Health, Logger, Registry } from '@paddock/runtime';

/** Injection tokens of what a process of the control plane has once: its {@link Logger}, {@link Registry} of metrics and {@link Health}. */
export const LOGGER = Symbol('logger');
export const METRICS = Symbol('metrics');
export const HEALTH = Symbol('health');

export type { Health, Logger, Registry };
