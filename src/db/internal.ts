/** For sibling rooms only: not a public door. */

import './query/register.ts'

export { systemChecks } from './checks.ts'
export {
  backendOf,
  closeDatabases,
  configureDatabases,
  createDatabase,
  type Database,
  database,
  databaseAliases,
  loadBackends,
} from './connections.ts'
export { SWAPPABLE, sameField } from './fields/deconstruct.ts'
export { Descriptor } from './fields/descriptor.ts'
export { type FieldBuilder, fieldBuilders } from './fields/untyped.ts'
/** Here too, so that whoever listens loads no migrations. */
export { modelsRenamed, postMigrate } from './migrations/signals.ts'
export { assignKey, resolvePending } from './models/accessors.ts'
export { type ModelHooks, registerHooks } from './models/hooks.ts'
export {
  ALIAS,
  type AnyInstance,
  CACHE,
  cached,
  clearCached,
  isInstance,
  LOADED,
  PEERS,
  ROW,
  setCached,
} from './models/instance.ts'
export { allModels, extendsModel, modelByLabel, modelCount } from './models/lookup.ts'
export { defineModel, type ModelData } from './models/model.ts'
export { indexName, schemaName } from './models/names.ts'
export { live, ModelRegistry } from './models/registry.ts'
export { collectDeletion, type DeletionSummary, unknownDeletion } from './query/deletion-summary.ts'
export { getNow } from './query/one.ts'
export { onQuery, type QueryEvent } from './query-log.ts'
export { withReplicas } from './replicas.ts'
export { configureRouters } from './routers.ts'
export { atomic } from './transactions.ts'
