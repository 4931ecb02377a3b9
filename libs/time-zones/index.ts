export { formatLocal, type LocalMoment, locate, parseLocal } from './local-time.js';
export { isTimeZone, namedZone } from './zone-names.js';
export { ZoneOffsets } from './zone-offsets.js';
