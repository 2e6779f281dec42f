/** The SQLite backend, on Node's own `node:sqlite`. */
import type { Backend } from '../backend.ts'
import { sqliteCompiler } from './compiler.ts'
import { openSqliteDriver } from './driver.ts'
import { sqliteExplain } from './explain.ts'
import { sqliteFeatures } from './features.ts'
import { sqliteIntrospector } from './introspector.ts'
import { sqliteSchemaEditor } from './schema-editor.ts'
import { sqliteDecoder, sqliteEncoder } from './values.ts'

/** SQLite. */
export const sqliteBackend: Backend = {
  name: 'sqlite',
  options: ['driver', 'lockTimeout', 'readers', 'statementTimeout', 'statements', 'synchronous', 'worker'],
  features: sqliteFeatures,
  compiler: sqliteCompiler,
  schema: sqliteSchemaEditor,
  introspector: sqliteIntrospector,
  explain: sqliteExplain,
  decoder: sqliteDecoder,
  encoder: sqliteEncoder,
  open: openSqliteDriver,
}
