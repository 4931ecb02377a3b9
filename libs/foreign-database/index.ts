export { quoted } from './quoted.js';
export { SourceError, type SourceErrorCode, sourceError } from './source-error.js';
export { type SessionOptions, type SourceAddress, SourceSession } from './source-session.js';
