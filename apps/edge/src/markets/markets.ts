import type { Environment, EnvironmentListener } from '../state/environment.js';
import type { AppliedChange } from '../state/recent-changes.js';
import type { BrandView } from './brand-view.js';
import type { MarketHub } from './market-hub.js';
import { NO_RULES, policyFor, type RuleSet, rulesOf } from './market-policy.js';

const KINDS: readonly string[] = ['market-rule', 'odds-feed'];

/** Identifies a view: the environment whose rules apply, the site, and the jurisdiction. */
export interface ViewName {
  readonly environment: Environment;
  readonly site: string;
  readonly jurisdiction: string;
}

/** Market visibility in every environment: releases that land reach the views, and through them all readers. */
export class Markets implements EnvironmentListener {
  private readonly rules = new WeakMap<Environment, RuleSet>();
  private readonly settings = new WeakMap<Environment, string>();
  private readonly settingsListeners = new Set<(environment: Environment) => void>();

  constructor(readonly hub: MarketHub) {}

  view({ environment, site, jurisdiction }: ViewName): BrandView {
    return this.hub.view(`${environment.name}/${site}/${jurisdiction}`, () =>
      policyFor(this.rulesOf(environment), { site, jurisdiction }),
    );
  }

  rulesOf(environment: Environment): RuleSet {
    let rules = this.rules.get(environment);
    if (!rules) this.rules.set(environment, (rules = environment.state ? rulesOf(environment.state) : NO_RULES));
    return rules;
  }

  /** Calls back when an environment's settings, client keys included, change. @returns a function that ends it */
  onSettings(call: (environment: Environment) => void): () => void {
    this.settingsListeners.add(call);
    return () => this.settingsListeners.delete(call);
  }

  applied(environment: Environment, changes: readonly AppliedChange[]): void {
    if (changes.some(({ change }) => change.items.some(({ kind }) => KINDS.includes(kind))))
      this.applyRules(environment);
    this.announceSettings(environment);
  }

  replaced(environment: Environment): void {
    this.applyRules(environment);
    this.announceSettings(environment);
  }

  private applyRules(environment: Environment): void {
    if (!environment.state) return;
    const rules = rulesOf(environment.state);
    this.rules.set(environment, rules);
    for (const view of this.hub.views) {
      const [name, site = '', jurisdiction = ''] = view.name.split('/');
      if (name === environment.name) this.hub.applyPolicy(view, policyFor(rules, { site, jurisdiction }));
    }
  }

  private announceSettings(environment: Environment): void {
    const name = environment.settings?.sha256 ?? '';
    if (this.settings.get(environment) === name) return;
    this.settings.set(environment, name);
    for (const call of this.settingsListeners) call(environment);
  }
}
