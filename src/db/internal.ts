/** For sibling rooms only: not a public door. */
export {
  closeDatabases,
  configureDatabases,
  createDatabase,
  type Database,
  database,
  databaseAliases,
} from './connections.ts'
export { onQuery, type QueryEvent } from './query-log.ts'
