export { isMultipleOf } from './is-multiple-of.js';
export { MAX_SCHEMA_PARTS, schemaProblem, type SchemaSize, schemaSize } from './schema-problem.js';
export { type SchemaPurpose, schemaValidator } from './schema-validator.js';
