/** The PostgreSQL backend, on the driver `pg`. */
import type { Backend } from '../backend.ts'
import { testDatabasesOf } from '../test-databases.ts'
import { postgresCompiler } from './compiler.ts'
import { openPostgresDriver } from './driver.ts'
import { postgresExplain } from './explain.ts'
import { postgresFeatures } from './features.ts'
import { postgresImages } from './images.ts'
import { postgresIntrospector } from './introspector.ts'
import { postgresSchemaEditor } from './schema-editor.ts'
import { postgresDecoder, postgresEncoder } from './values.ts'

/** PostgreSQL 14 or newer. */
export const postgresBackend: Backend = {
  name: 'postgres',
  options: [
    'applicationName',
    'directUrl',
    'healthCheck',
    'host',
    'idleTimeout',
    'isolation',
    'lockTimeout',
    'maxAge',
    'pooler',
    'poolSize',
    'searchPath',
    'ssl',
    'sslmode',
    'statements',
    'statementTimeout',
  ],
  features: postgresFeatures,
  compiler: postgresCompiler,
  schema: postgresSchemaEditor,
  introspector: postgresIntrospector,
  explain: postgresExplain,
  decoder: postgresDecoder,
  encoder: postgresEncoder,
  open: openPostgresDriver,
  testDatabase: testDatabasesOf(openPostgresDriver, {
    quote: postgresCompiler.quote,
    create: (name) => `CREATE DATABASE ${name}`,
    drop: (name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
    names: 'SELECT datname FROM pg_database',
    images: postgresImages,
  }),
}
