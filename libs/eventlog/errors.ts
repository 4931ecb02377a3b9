/** The log cannot be reached or did not answer; trying again later may help. */
export class LogUnavailable extends Error {
  constructor(cause: unknown) {
    super(`the event log cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Another member owns the partition now; it will do the refused write or acknowledgement. */
export class Fenced extends Error {
  constructor(group: string, partition: number) {
    super(`group ${group} has given partition ${partition} to another member`);
  }
}

/** Records after the wanted position are no longer held, or the log lost its end and rewrote it. */
export class PositionLost extends Error {
  constructor(topic: string, partition: number) {
    super(`records of ${topic}/${partition} after the wanted position are gone`);
  }
}

/** A record exceeds {@link MAX_RECORD_BYTES}. */
export class RecordTooLarge extends Error {
  constructor(key: string, bytes: number) {
    super(`record ${key.slice(0, 100)} has ${bytes} bytes, more than ${MAX_RECORD_BYTES}`);
  }
}

/** The group has members, which would continue from their own positions. */
export class GroupActive extends Error {
  constructor(group: string) {
    super(`group ${group} has members`);
  }
}

/** Records are changes, not files: key and value together may have one mebibyte, as in Kafka's defaults. */
export const MAX_RECORD_BYTES = 1 << 20;
