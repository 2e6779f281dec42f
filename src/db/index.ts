/** Models, fields, queries and transactions. */

export { Decimal } from '../std/decimal.ts'
export { using } from './connections.ts'
export {
  CommitCallbackError,
  type ConstraintKind,
  DatabaseError,
  DatabaseNotFoundError,
  DataError,
  IntegrityError,
  LockTimeoutError,
  ModelError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
  TransactionError,
} from './errors.ts'
export { date, dateTime, duration, time } from './fields/dates.ts'
export { bigInteger, decimal, float, integer, smallInteger } from './fields/numbers.ts'
export { binary, boolean, choice, json, type StandardSchema, uuid } from './fields/others.ts'
export { foreignKey, manyToMany, oneToOne, reverse, reverseOne } from './fields/relations.ts'
export { char, email, slug, text, url } from './fields/text.ts'
export type {
  Field,
  FieldOptions,
  ForeignKey,
  ForeignKeyOptions,
  ManyToMany,
  ManyToManyOptions,
  ModelTarget,
  Reverse,
  WideField,
} from './fields/types.ts'
export { check, index, unique } from './models/constraints.ts'
export { isInstance, isLoaded } from './models/instance.ts'
export type { AnyModel, FieldMeta, ModelMeta, OnDelete } from './models/meta.ts'
export { AbstractModel, Model } from './models/model.ts'
export type {
  AbstractBase,
  AbstractModelClass,
  CleanOptions,
  CreateInput,
  DeleteOptions,
  Fetched,
  Instance,
  InstanceMethods,
  Loaded,
  ModelClass,
  ModelOptions,
  PkOf,
  Ref,
  RefreshOptions,
  RelatedSet,
  SaveOptions,
  Unloaded,
  UpdateInput,
} from './models/types.ts'
export type {
  Aggregate,
  Annotated,
  Expr,
  NotARelation,
  PathArg,
  UnknownField,
  UnknownLookup,
  ValueAt,
  Values,
  With,
} from './query/types.ts'
export { type AtomicOptions, atomic, type OnCommitOptions, onCommit } from './transactions.ts'
