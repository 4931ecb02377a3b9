export {
  asciiColumn,
  counterColumn,
  exactJsonColumn,
  idColumn,
  searchedTextColumn,
  sha256Column,
  textColumn,
  timeColumn,
} from './columns.js';
export { mysqlDataSource, type MysqlOptions } from './data-source.js';
export { SnakeCaseNaming } from './naming.js';
export { inTransaction, isDuplicateKey } from './transactions.js';
