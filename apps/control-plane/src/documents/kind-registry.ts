import { Inject, Injectable } from '@nestjs/common';
import type { KindName } from '#contracts';
import { CONFIG_KINDS, type ConfigKind } from './config-kind.js';

/** The kinds that this installation has, by name. */
@Injectable()
export class KindRegistry {
  private readonly byName: ReadonlyMap<KindName, ConfigKind>;

  constructor(@Inject(CONFIG_KINDS) kinds: readonly ConfigKind[]) {
    this.byName = new Map(kinds.map((kind) => [kind.name, kind]));
  }

  get(name: KindName): ConfigKind {
    const kind = this.byName.get(name);
    if (!kind) throw new Error(`no kind ${name} is registered`);
    return kind;
  }
}
