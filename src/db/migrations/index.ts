/** `nuages/db/migrations`: what migration files import, and what runs after `migrate`. */
export {
  IrreversibleError,
  MigrationError,
  MigrationFileError,
  MigrationGraphError,
  MigrationStateError,
  SerializeError,
  UnansweredError,
} from './errors.ts'
export {
  fields,
  type MigrationFieldOptions,
  type MigrationManyToManyOptions,
  type MigrationRelationOptions,
  type MigrationTarget,
} from './fields.ts'
export type { MigrationApp } from './loader.ts'
export { type DeclaredMigration, type Dependency, type MigrationDefinition, migration } from './migration.ts'
export { type CreateExtension, createExtension } from './operations/extensions.ts'
export {
  type AddField,
  type AlterField,
  addField,
  alterField,
  type FillOptions,
  type RemoveField,
  type RenameField,
  removeField,
  renameField,
} from './operations/fields.ts'
export {
  type AddConstraint,
  type AddIndex,
  addConstraint,
  addIndex,
  check,
  constraint,
  index,
  type RemoveConstraint,
  type RemoveIndex,
  type RenameIndex,
  removeConstraint,
  removeIndex,
  renameIndex,
  unique,
} from './operations/indexes.ts'
export {
  type AlterableOptions,
  type AlterModelOptions,
  type AlterModelTable,
  alterModelOptions,
  alterModelTable,
  type CreateModel,
  createModel,
  type DeleteModel,
  deleteModel,
  type MoveModel,
  moveModel,
  type RenameModel,
  renameModel,
} from './operations/models.ts'
export {
  type AddConstraintNotValid,
  type AddIndexConcurrently,
  addConstraintNotValid,
  addIndexConcurrently,
  type RemoveIndexConcurrently,
  removeIndexConcurrently,
  type ValidateConstraint,
  validateConstraint,
} from './operations/online.ts'
export type {
  CodeContext,
  HistoricalModels,
  MigrationCode,
  MigrationRun,
  Operation,
  OperationStep,
  SchemaChange,
  TypedModels,
} from './operations/operation.ts'
export { reviewed } from './operations/reviewed.ts'
export {
  noop,
  type RunCodeOptions,
  type RunSqlOptions,
  runCode,
  runSql,
  separateDatabaseAndState,
} from './operations/special.ts'
export { type AddTrigger, addTrigger, type RemoveTrigger, removeTrigger, trigger } from './operations/triggers.ts'
export { type ContractRename, contractRename, type ExpandRename, expandRename } from './operations/two-step.ts'
export { registerMigrationValue } from './plain-values.ts'
export {
  type MigratedStep,
  type MigrateEvent,
  type ModelRename,
  type ModelsRenamed,
  modelsRenamed,
  postMigrate,
  preMigrate,
} from './signals.ts'
export type { FieldState, FieldStates, ModelState, ModelStateOptions, ProjectState } from './state.ts'
export { type Call, F, type FieldReference, fn, type Marker, now, Q, type QMarker, userModel } from './values.ts'
