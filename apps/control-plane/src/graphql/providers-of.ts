import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';

/** Every class that a module and those that it imports provide, read from their decorators: nothing is instantiated. */
export function providersOf(module: Type | DynamicModule, seen = new Set<unknown>()): Set<Type> {
  const providers = new Set<Type>();
  if (seen.has(module)) return providers;
  seen.add(module);
  const { type, dynamic } =
    'module' in module ? { type: module.module, dynamic: module } : { type: module, dynamic: undefined };
  for (const provider of [...listed(type, 'providers'), ...(dynamic?.providers ?? [])]) {
    if (isClass(provider)) providers.add(provider);
  }
  for (const imported of [...listed(type, 'imports'), ...(dynamic?.imports ?? [])]) {
    if (isModule(imported)) for (const provider of providersOf(imported, seen)) providers.add(provider);
  }
  return providers;
}

function listed(type: Type, what: 'providers' | 'imports'): unknown[] {
  const list: unknown = Reflect.getMetadata(what, type);
  return Array.isArray(list) ? list : [];
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function';
}

function isModule(value: unknown): value is Type | DynamicModule {
  return isClass(value) || (typeof value === 'object' && value !== null && 'module' in value);
}
