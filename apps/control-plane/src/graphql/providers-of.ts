import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';

/** Every class that a module and those that it imports provide, read from their decorators: nothing is instantiated. */
export function providersOf(module: Type | DynamicModule): Set<Type> {
  return new Set([...listedProviders(module)].filter(isClass));
}

/** Every value that a module and those that it imports provide as `useValue`, and that is an instance of a class. */
export function valuesOf<T>(module: Type | DynamicModule, type: Type<T>): T[] {
  return [...listedProviders(module)].flatMap((provider) => {
    const value =
      typeof provider === 'object' && provider !== null && 'useValue' in provider ? provider.useValue : null;
    return value instanceof type ? [value] : [];
  });
}

/** What the decorators of a module and those that it imports list as providers, each once. */
function listedProviders(module: Type | DynamicModule, seen = new Set<unknown>()): Set<unknown> {
  const providers = new Set<unknown>();
  if (seen.has(module)) return providers;
  seen.add(module);
  const { type, dynamic } =
    'module' in module ? { type: module.module, dynamic: module } : { type: module, dynamic: undefined };
  for (const provider of [...listed(type, 'providers'), ...(dynamic?.providers ?? [])]) providers.add(provider);
  for (const imported of [...listed(type, 'imports'), ...(dynamic?.imports ?? [])]) {
    if (isModule(imported)) for (const provider of listedProviders(imported, seen)) providers.add(provider);
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
