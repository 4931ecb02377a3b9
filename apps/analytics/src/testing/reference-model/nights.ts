/** A zone, and an instant at which its clock changes or its calendar is unusual. */
export interface Night {
  readonly zone: string;
  /** RFC 3339. */
  readonly at: string;
  readonly what: string;
}

/** The instants that worlds are built around. */
export const NIGHTS: readonly Night[] = [
  { zone: 'Europe/London', at: '2026-10-25T01:00:00Z', what: '01:00 to 02:00 occurs twice' },
  {
    zone: 'Europe/London',
    at: '2024-03-31T01:00:00Z',
    what: '01:00 to 02:00 is missing, at the end of a month after a leap day',
  },
  {
    zone: 'America/New_York',
    at: '2026-11-01T06:00:00Z',
    what: '01:00 to 02:00 occurs twice, on the first of a month',
  },
  { zone: 'America/New_York', at: '2026-03-08T07:00:00Z', what: '02:00 to 03:00 is missing' },
  { zone: 'Europe/Berlin', at: '2026-10-25T01:00:00Z', what: '02:00 to 03:00 occurs twice' },
  { zone: 'Europe/Berlin', at: '2026-03-29T01:00:00Z', what: '02:00 to 03:00 is missing' },
  { zone: 'Pacific/Apia', at: '2011-12-30T10:00:00Z', what: '30 December is missing' },
  { zone: 'Pacific/Apia', at: '2021-04-03T14:00:00Z', what: '03:00 to 04:00 occurs twice, at UTC+14' },
  { zone: 'Australia/Lord_Howe', at: '2026-04-04T15:00:00Z', what: 'half an hour occurs twice' },
  { zone: 'Australia/Lord_Howe', at: '2026-10-03T15:30:00Z', what: 'half an hour is missing' },
  { zone: 'Asia/Kathmandu', at: '2026-02-28T18:15:00Z', what: 'no change; 45 minutes beside the hours of UTC' },
  { zone: 'America/Sao_Paulo', at: '2018-11-04T03:00:00Z', what: 'midnight is missing' },
  { zone: 'America/Sao_Paulo', at: '2018-02-18T02:00:00Z', what: 'the last hour of a day occurs twice' },
  { zone: 'Pacific/Chatham', at: '2026-04-04T14:00:00Z', what: '02:45 to 03:45 occurs twice, at UTC+13:45' },
  { zone: 'Pacific/Chatham', at: '2026-09-26T14:00:00Z', what: '02:45 to 03:45 is missing' },
  { zone: 'America/Havana', at: '2026-11-01T05:00:00Z', what: 'the first hour of a day occurs twice' },
  { zone: 'Atlantic/Azores', at: '2026-10-25T01:00:00Z', what: 'the first hour of a day occurs twice' },
  { zone: 'America/St_Johns', at: '2006-10-29T02:31:00Z', what: 'set back over midnight, one minute after it' },
];

/** Zones of queries, besides the zone of the night. */
export const ZONES: readonly string[] = [...new Set(['UTC', ...NIGHTS.map(({ zone }) => zone)])];
