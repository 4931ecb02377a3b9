import type { Device } from '@paddock/contracts';

/** The properties of a visitor that audiences use. */
export interface Visitor {
  site: string;
  jurisdiction: string;
  /** A BCP 47 tag. */
  locale?: string;
  device?: Device;
  segments: ReadonlySet<string>;
  /** Stable name of the visitor, such as an account or cookie id. Without one the visitor is in no partial percentage. */
  id?: string;
}
