import type { ClientKeySettings, EnvironmentSettings, SiteSettings } from '@paddock/contracts';

/** An environment's settings, ready for look-ups. */
export class SettingsIndex {
  private readonly sites: ReadonlyMap<string, SiteSettings>;
  private readonly clientKeys: ReadonlyMap<string, ClientKeySettings>;
  readonly siteKeys: readonly string[];

  constructor(
    readonly settings: EnvironmentSettings,
    readonly sha256: string,
  ) {
    this.sites = new Map(settings.sites.map((site) => [site.key, site]));
    this.clientKeys = new Map(settings.clientKeys.map((key) => [key.sha256, key]));
    this.siteKeys = [...this.sites.keys()];
  }

  get version(): number {
    return this.settings.version;
  }

  get anonymousReads(): boolean {
    return this.settings.anonymousReads;
  }

  site(key: string): SiteSettings | undefined {
    return this.sites.get(key);
  }

  /** The client key with this SHA-256. */
  clientKeyBySha256(sha256: string): ClientKeySettings | undefined {
    return this.clientKeys.get(sha256);
  }
}
