/** Models, fields, queries and transactions. */

import './query/register.ts'

export { Temporal } from '../std/dates.ts'
export { Decimal } from '../std/decimal.ts'
export { abortable } from './abort.ts'
export type { Isolation } from './backends/backend.ts'
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
export {
  type AggregateOptions,
  AnyValue,
  Avg,
  BitAnd,
  BitOr,
  BitXor,
  BoolAnd,
  BoolOr,
  Count,
  Excluded,
  Exists,
  F,
  type InJson,
  JSONArrayAgg,
  JSONNull,
  JSONObjectAgg,
  JSONPatch,
  type JsonChanges,
  Max,
  Min,
  OuterRef,
  Q,
  type SpreadOptions,
  StdDev,
  StringAgg,
  type StringAggOptions,
  Subquery,
  Sum,
  Variance,
} from './expressions/index.ts'
export { Own } from './expressions/sql-expression.ts'
export {
  type CustomFieldForm,
  type CustomFieldOptions,
  type CustomFieldUse,
  customField,
} from './fields/custom.ts'
export { date, dateTime, duration, instant, time } from './fields/dates.ts'
export { type FilePathOptions, filePath } from './fields/file-path.ts'
export {
  deleteFile,
  type FileInput,
  type FileOptions,
  file,
  type ImageOptions,
  image,
  saveFile,
} from './fields/files.ts'
export { type GeneratedField, type GeneratedOptions, generated } from './fields/generated.ts'
export { type IpOptions, ipAddress } from './fields/ip.ts'
export { autoId, bigInteger, decimal, float, integer, smallInteger } from './fields/numbers.ts'
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
export { Case, Cast, ExpressionWrapper, Is, type OutputField, Value, When } from './functions/comparison.ts'
export { type Frame, Window, type WindowFunction, type WindowOptions } from './functions/window.ts'
export { beginTransaction, Savepoint, savepoint, Transaction, type TransactionOptions } from './manual-transactions.ts'
export { fieldOf } from './models/attributes.ts'
export {
  type CheckOptions,
  type ConstraintOptions,
  check,
  constraint,
  type IndexOptions,
  index,
  type UniqueOptions,
  unique,
  type ViolationOptions,
} from './models/constraints.ts'
export type { AbstractModelClass, ModelOptions, ProxyOptions } from './models/header.ts'
export { isSameRow, type RowState, rowState } from './models/identity.ts'
export type { CreateInput, UpdateInput } from './models/inputs.ts'
export { isInstance, isLoaded } from './models/instance.ts'
export type {
  CleanOptions,
  DeleteOptions,
  Instance,
  InstanceMethods,
  RefreshOptions,
  SaveOptions,
} from './models/instance-methods.ts'
export type { AnyModel, FieldMeta, IncomingRelation, ModelMeta, OnDelete, RelationMeta } from './models/meta.ts'
export { AbstractModel, Model, ProxyModel } from './models/model.ts'
export { type SetOnDelete, set } from './models/on-delete.ts'
export {
  type CopyOptions,
  copyTo,
  keepNow,
  type ReadyTriggerOptions,
  readOnly,
  refuseDelete,
  type TriggerEvent,
  type TriggerOptions,
  trigger,
} from './models/triggers.ts'
export type {
  AbstractBase,
  Fetched,
  Loaded,
  ModelClass,
  PkOf,
  ProxyClass,
  Ref,
  RelatedSet,
  ThroughSet,
  Unloaded,
} from './models/types.ts'
export { type Listening, type ListenOptions, listen, type NotifyOptions, notify } from './notifications.ts'
export { AnyQuerySet, type DeleteResult, type IteratorOptions, type LockOptions } from './query/any-queryset.ts'
export type { BulkCreateOptions, BulkUpdateOptions } from './query/bulk.ts'
export { CommonTable, type CommonTableOptions } from './query/common-table.ts'
export { type LookupOptions, registerLookup } from './query/custom-lookups.ts'
export {
  type DynamicExpressions,
  type DynamicInstance,
  type DynamicQuerySet,
  type DynamicWhere,
  dynamicQ,
  dynamicQuery,
} from './query/dynamic-queryset.ts'
export {
  DoesNotExist,
  FieldNameError,
  LookupNameError,
  MultipleObjectsReturned,
  NotLoadedError,
  ProtectedError,
  QueryUsageError,
  QueryValueError,
  RestrictedError,
  RowVanishedError,
} from './query/errors.ts'
export type { ExplainOptions, SqlText } from './query/explain.ts'
export type { KeysetPage, PageOptions } from './query/keyset.ts'
export { matches } from './query/matches.ts'
export { Prefetch, type PrefetchOptions, type PrefetchQuery } from './query/prefetch.ts'
export { prefetchRelatedObjects } from './query/prefetch-instances.ts'
export { QuerySet } from './query/queryset.ts'
export { type RawFragment, sql } from './query/raw.ts'
export { connection, type RawConnection, type RawResult } from './query/raw-connection.ts'
export { getOrder, nextInOrder, type OrderedRow, previousInOrder, setOrder } from './query/row-order.ts'
export type { Joinable, JoinableTable, JoinOptions } from './query/source-of.ts'
export type { FetchMode } from './query/state.ts'
export type { Aggregate, Expr } from './query/types/expressions.ts'
export type { CustomLookups, LookupPart } from './query/types/lookups.ts'
export type { Mistake } from './query/types/mistakes.ts'
export type { OwnCondition, OwnExpression } from './query/types/named.ts'
export type { PathArg, ValueAt } from './query/types/paths.ts'
export type { Annotated, With } from './query/types/rows.ts'
export type { Values } from './query/types/values.ts'
export type { Upserted, UpsertOptions } from './query/upsert.ts'
export { allowRepeats, RepeatedQueryError } from './repeats/allow.ts'
export type { RepeatedQuery } from './repeats/repeated-query.ts'
export { withReplicas } from './replicas.ts'
export type { MigrateHints, Router, RouterHints } from './routers.ts'
export {
  type BulkWriteEvent,
  type DeleteEvent,
  m2mChanged,
  postBulkWrite,
  postDelete,
  postSave,
  preBulkWrite,
  preDelete,
  preSave,
  type RelationEvent,
  type SaveEvent,
} from './signals.ts'
export { type AtomicOptions, atomic, type OnCommitOptions, onCommit, setRollback } from './transactions.ts'
export { type QueryCall, type QueryWrapper, wrapQueries } from './wrappers.ts'
