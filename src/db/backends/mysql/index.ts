/**
 * The backend of MariaDB and MySQL, on the driver `mysql2`. Where the two say things differently, one text serves both:
 * MariaDB alone reads comments that begin with `M!`, MySQL alone those that begin with `!80000`.
 */
import type { Backend } from '../backend.ts'
import { testDatabasesOf } from '../test-databases.ts'
import { mysqlCompiler } from './compiler.ts'
import { openMysqlDriver } from './driver.ts'
import { mysqlExplain } from './explain.ts'
import { mysqlFeatures } from './features.ts'
import { mysqlImages } from './images.ts'
import { mysqlIntrospector } from './introspector.ts'
import { mysqlSchemaEditor } from './schema-editor.ts'
import { mysqlDecoder, mysqlEncoder } from './values.ts'

/** MariaDB 10.11 or newer, MySQL 8.4 or newer. */
export const mysqlBackend: Backend = {
  name: 'mysql',
  options: ['isolation', 'lockTimeout', 'poolSize', 'socketPath', 'ssl', 'statementTimeout'],
  features: mysqlFeatures,
  compiler: mysqlCompiler,
  schema: mysqlSchemaEditor,
  introspector: mysqlIntrospector,
  explain: mysqlExplain,
  decoder: mysqlDecoder,
  encoder: mysqlEncoder,
  open: openMysqlDriver,
  testDatabase: testDatabasesOf(openMysqlDriver, {
    quote: mysqlCompiler.quote,
    create: (name) => `CREATE DATABASE ${name} CHARACTER SET utf8mb4`,
    drop: (name) => `DROP DATABASE IF EXISTS ${name}`,
    names: 'SELECT schema_name FROM information_schema.schemata',
    images: mysqlImages,
  }),
}
