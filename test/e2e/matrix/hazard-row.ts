import type { Random } from '@paddock/testing';
import type { Installation } from '../installation.js';
import type { JudgeOptions } from '../judge/judge.js';
import type { InstallationOptions } from '../start-installation.js';
import type { TwinPublisher } from '../twins.js';
import type { EventSender } from './event-sender.js';

/** An installation under load, on which a row injects its fault. */
export interface Site {
  readonly installation: Installation;
  /** Publishes the twins' page every few seconds, all the time. */
  readonly publisher: TwinPublisher;
  /** Publishes another page, when a row asks it to. */
  readonly other: TwinPublisher;
  /** Sends events all the time, where analytics runs. */
  readonly events: EventSender | undefined;
}

/** The description of every row. */
interface About {
  /** As it is named on the command line. */
  readonly name: string;
  /** The fault, in a few words. */
  readonly fault: string;
  /** Conditions besides the judge's invariants of every run. */
  readonly expected: string;
}

/** One row of the fault matrix: a fault that is injected into an installation under load, and healed. */
export interface FaultRow extends About {
  /** From the start of healing until MySQL, edges and receipts agree, at most. */
  readonly boundMs: number;
  /** Rows that need the same installation share it. */
  readonly needs?: InstallationOptions;
  /** The installation cannot be used again. */
  readonly usedUp?: boolean;
  readonly judge?: JudgeOptions;
  /** Injects the fault and holds it. Throws where something that must hold meanwhile does not. */
  readonly inject: (site: Site, random: Random) => Promise<void>;
  /** Steps of healing besides starting and resuming processes, repairing networks and freeing disks. */
  readonly heal?: (site: Site, random: Random) => Promise<void>;
}

/** A row with a setting of its own. Throws where something that must hold does not; returns what it measured. */
export interface SeparateRow extends About {
  readonly run: (random: Random) => Promise<string>;
}

export type HazardRow = FaultRow | SeparateRow;

/** A MariaDB that may be killed, and a network that may fail between every app and each server. */
export const BREAKABLE: InstallationOptions = { ownDatabase: true, networks: true };
/** The same with analytics and odds. */
export const ALL_PLANES: InstallationOptions = { ...BREAKABLE, dataPlanes: true };
