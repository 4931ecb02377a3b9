import { type InstallationOptions, startInstallation } from '../start-installation.js';
import { TwinPublisher } from '../twins.js';
import { EventSender } from './event-sender.js';
import type { Site } from './hazard-row.js';

/** Lends one installation at a time: rows and repetitions that need the same share it, until one of them fails. */
export class Sites {
  private current: { readonly needs: string; readonly site: Site } | undefined;

  async get(needs: InstallationOptions): Promise<Site> {
    const key = JSON.stringify(needs);
    if (this.current?.needs === key) return this.current.site;
    await this.discard();
    const installation = await startInstallation(needs);
    const [publisher, other] = [new TwinPublisher(installation), new TwinPublisher(installation, 'other')];
    const { analytics } = installation.parts;
    const site = { installation, publisher, other, events: analytics && new EventSender(analytics) };
    this.current = { needs: key, site };
    await publisher.begin();
    await other.begin();
    return site;
  }

  /** Ends the installation: what failed on it may be in no state to prove anything more. */
  async discard(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.site.installation.dispose();
  }
}
