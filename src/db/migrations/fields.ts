/**
 * Fields as migration files name them: `fields.char({ maxLength: 200 })`. They give plain data, not fields of a model,
 * so that reading a long history loads no models, and a file keeps compiling when the builders of models grow.
 */
import type { OnDelete } from '../models/meta.ts'
import type { FieldState } from './state.ts'
import type { Marker } from './values.ts'

/** Options every field knows; those of its own kind besides. */
export interface MigrationFieldOptions {
  readonly null?: boolean
  readonly blank?: boolean
  /** A constant. Defaults computed in code belong to the model and are not recorded. */
  readonly default?: unknown
  readonly dbDefault?: unknown
  readonly unique?: boolean
  readonly index?: boolean
  readonly primaryKey?: boolean
  /** Column name; default the field's name in snake_case. */
  readonly dbColumn?: string
  readonly comment?: string
  readonly collation?: string
  /** Options of the kind: `maxLength`, `maxDigits`, `decimalPlaces`, `autoNow` … */
  readonly [option: string]: unknown
}
/** Options of a foreign key or one-to-one field in a migration file. */
export interface MigrationRelationOptions extends MigrationFieldOptions {
  readonly onDelete: OnDelete
}
/** Options of a many-to-many field in a migration file. */
export interface MigrationManyToManyOptions extends MigrationFieldOptions {
  /** Label of the model between, when the project wrote it. */
  readonly through?: string
}
/** `'library.Author'`, or the marker `userModel`. */
export type MigrationTarget = `${string}.${string}` | Marker<'userModel'>

function plain(builder: string) {
  return (options?: MigrationFieldOptions): FieldState => ({ builder, args: options === undefined ? [] : [options] })
}

/** The fields of migration files, one function per builder of `nuages/db`. */
export const fields = {
  autoId: plain('autoId'),
  char: plain('char'),
  text: plain('text'),
  slug: plain('slug'),
  email: plain('email'),
  url: plain('url'),
  ipAddress: plain('ipAddress'),
  integer: plain('integer'),
  smallInteger: plain('smallInteger'),
  bigInteger: plain('bigInteger'),
  float: plain('float'),
  decimal: plain('decimal'),
  boolean: plain('boolean'),
  date: plain('date'),
  time: plain('time'),
  dateTime: plain('dateTime'),
  duration: plain('duration'),
  json: plain('json'),
  uuid: plain('uuid'),
  binary: plain('binary'),
  /** One of a list of values: `fields.choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' })`. */
  choice(choices: Readonly<Record<string, string>> | readonly string[], options?: MigrationFieldOptions): FieldState {
    return { builder: 'choice', args: options === undefined ? [choices] : [choices, options] }
  },
  /** Several values of one type (PostgreSQL): `fields.array(fields.char({ maxLength: 20 }), { null: true })`. */
  array(element: FieldState, options?: MigrationFieldOptions): FieldState {
    return { builder: 'array', args: options === undefined ? [element] : [element, options] }
  },
  vector: plain('vector'),
  /** What `searchVector()` keeps: the output of a generated field. */
  tsvector: plain('tsvector'),
  integerRange: plain('integerRange'),
  bigIntegerRange: plain('bigIntegerRange'),
  decimalRange: plain('decimalRange'),
  dateRange: plain('dateRange'),
  dateTimeRange: plain('dateTimeRange'),
  /** A column that the database computes: `fields.generated(fn('lower', F('title')), { output: fields.text() })`. */
  generated(
    expression: unknown,
    options: { readonly output: FieldState; readonly stored?: boolean; readonly [option: string]: unknown },
  ): FieldState {
    return { builder: 'generated', args: [expression, options] }
  },
  foreignKey(target: MigrationTarget, options: MigrationRelationOptions): FieldState {
    return { builder: 'foreignKey', args: [target, options] }
  },
  oneToOne(target: MigrationTarget, options: MigrationRelationOptions): FieldState {
    return { builder: 'oneToOne', args: [target, options] }
  },
  manyToMany(target: MigrationTarget, options?: MigrationManyToManyOptions): FieldState {
    return { builder: 'manyToMany', args: options === undefined ? [target] : [target, options] }
  },
  /** Any other builder by name, for fields that a package or a project adds. */
  of(builder: string, ...args: readonly unknown[]): FieldState {
    return { builder, args }
  },
}
