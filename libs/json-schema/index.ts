export { isMultipleOf } from './is-multiple-of.js';
export { type SchemaPurpose, schemaValidator } from './schema-validator.js';
