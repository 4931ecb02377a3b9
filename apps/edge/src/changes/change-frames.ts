import { ALL_SITES } from '@paddock/contracts';
import { type Access, seesItems } from '../http/client-access.js';
import type { AppliedChange } from '../state/recent-changes.js';

/** The part of a release that a reader may see. */
export interface View {
  /** Only pages and documents of this site and of all sites; `null` for everything. */
  site: string | null;
  /** With the documents that changed, by hash. */
  items: boolean;
}

export function viewOf(access: Access): View {
  return { site: access.key?.site ?? null, items: seesItems(access) };
}

/** One release, as readers of the change stream see it. */
export function describeChange({ change, pages }: AppliedChange, view: View): object {
  const { seq, type, landedAt, stateHash } = change;
  const shownPages = pages.map(splitPage).filter(({ site }) => isVisible(site, view));
  const items = view.items ? { items: change.items.filter(({ site }) => isVisible(site, view)) } : {};
  return { seq, type, landedAt, pages: shownPages, stateHash, ...items };
}

function splitPage(path: string): { site: string; page: string } {
  const slash = path.indexOf('/');
  return { site: path.slice(0, slash), page: path.slice(slash + 1) };
}

function isVisible(site: string, view: View): boolean {
  return view.site === null || site === view.site || site === ALL_SITES;
}

/** A server-sent event: one release. `id:` is what `Last-Event-ID` resumes from. */
export function releaseFrame(applied: AppliedChange, view: View): Buffer {
  return Buffer.from(
    `id: ${applied.change.seq}\nevent: release\ndata: ${JSON.stringify(describeChange(applied, view))}\n\n`,
  );
}

/** Releases may be missing before this event: the reader has to read everything again. */
export function resetFrame(seq: number, stateHash: string): Buffer {
  return Buffer.from(`id: ${seq}\nevent: reset\ndata: ${JSON.stringify({ seq, stateHash })}\n\n`);
}

/**
 * The first event of every stream: from which release it continues, and which one is current. It carries data, because
 * clients such as npm `eventsource` keep the id of an event only where it has some, and would miss what lands while they
 * reconnect.
 */
export function headFrame(seq: number, current: number): Buffer {
  return Buffer.from(`retry: 1000\nid: ${seq}\nevent: head\ndata: ${JSON.stringify({ seq, current })}\n\n`);
}

export const HEARTBEAT_FRAME = Buffer.from(': still here\n\n');
