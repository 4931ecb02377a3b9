import { Injectable } from '@nestjs/common';
import { formatRef } from '@paddock/contracts';
import { type CompiledRule, compileRule } from '@paddock/visibility';
import { Database } from '../../database/database.js';
import { Documents, pinKey } from '../../documents/documents.js';
import { LiveState } from '../../releases/live-state.js';
import type { PinnedBody } from '../../releases/plan.js';
import { ruleOf } from './matches-nothing.js';

const AT_ONCE = 500;

/** The market rules that are live in an environment. */
@Injectable()
export class LiveRules {
  constructor(
    private readonly db: Database,
    private readonly live: LiveState,
    private readonly documents: Documents,
  ) {}

  /** By document id, ready to be asked. */
  async of(environment: string): Promise<Map<string, CompiledRule>> {
    const rules = new Map<string, CompiledRule>();
    for (let after: string | undefined; ;) {
      const page = await this.live.page(
        this.db.manager,
        environment,
        Number.MAX_SAFE_INTEGER,
        { kind: 'market-rule' },
        { limit: AT_ONCE, after },
      );
      const rows = await this.documents.revisionsOf(page, this.db.manager);
      for (const { documentId, revision, ref } of page) {
        const row = rows.get(pinKey(documentId, revision));
        const rule = row && compiled({ ref, body: JSON.parse(row.body) });
        if (rule) rules.set(documentId, rule);
      }
      after = page.at(-1)?.documentId;
      if (page.length < AT_ONCE) return rules;
    }
  }
}

/** A stored rule, ready for evaluation; `undefined` for a body that is not a rule. */
export function compiled(document: Pick<PinnedBody, 'ref' | 'body'>): CompiledRule | undefined {
  const rule = ruleOf(document);
  return rule && compileRule(formatRef(document.ref), document.ref.site, rule);
}
