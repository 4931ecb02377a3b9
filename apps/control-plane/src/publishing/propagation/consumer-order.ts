/** Orders of a list of instances. */
export const CONSUMER_ORDER = {
  NAME: 'The class of receivers, then the instance.',
  APPLIED_SEQ: 'The newest release that it applied.',
  SEEN_AT: 'When it was heard of last.',
  STARTED_AT: 'When it started.',
} as const;
export type ConsumerOrderField = keyof typeof CONSUMER_ORDER;
