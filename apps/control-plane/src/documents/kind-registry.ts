import { Inject, Injectable } from '@nestjs/common';
import { type Json, type KindName, parseJsonObject } from '@paddock/contracts';
import { type ControlPlaneSettings, SETTINGS } from '../settings.js';
import { CONFIG_KINDS, type ConfigKind } from './config-kind.js';
import { underPolicy } from './under-policy.js';

/** The kinds that this installation has, by name. */
@Injectable()
export class KindRegistry {
  private byName: ReadonlyMap<KindName, ConfigKind>;

  constructor(
    @Inject(CONFIG_KINDS) kinds: readonly ConfigKind[],
    @Inject(SETTINGS) { outbound }: ControlPlaneSettings,
  ) {
    this.byName = new Map(kinds.map((kind) => [kind.name, underPolicy(kind, outbound)]));
  }

  /** Bodies are shown in these words, from now on: those of the API, which only a process with an API knows. */
  spellBy(spelling: (kind: KindName, body: { [name: string]: Json }) => { [name: string]: Json }): void {
    const spelled = [...this.byName.values()].map((kind): ConfigKind => ({
      ...kind,
      inApiSpelling: (body) => spelling(kind.name, body),
    }));
    this.byName = new Map(spelled.map((kind) => [kind.name, kind]));
  }

  get(name: KindName): ConfigKind {
    const kind = this.byName.get(name);
    if (!kind) throw new Error(`no kind ${name} is registered`);
    return kind;
  }

  /** A stored body as it may be shown, in differences above all: the only way from stored JSON to a reader but `body` itself. */
  shown(name: KindName, stored: string): Json {
    return shownBody(this.get(name), parseJsonObject(stored));
  }
}

/** A body as callers may see it: without credentials that an older version let through, and in the words of the API. */
export function shownBody(kind: ConfigKind, body: { [name: string]: Json }): { [name: string]: Json } {
  const shown = kind.withoutSecrets ? parseJsonObject(JSON.stringify(kind.withoutSecrets(body))) : body;
  return kind.inApiSpelling ? kind.inApiSpelling(shown) : shown;
}
