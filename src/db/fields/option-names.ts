/** Options that no compiler saw: an unknown one would be written into migrations, and nothing else would come of it. */
import { nearest } from '../../std/text.ts'
import { ModelError } from '../errors.ts'
import type { ArrayOptions } from './arrays.ts'
import type { FilePathOptions } from './file-path.ts'
import type { FileOptions, ImageOptions } from './files.ts'
import type { GeneratedOptions } from './generated.ts'
import type { IpOptions } from './ip.ts'
import type { UuidOptions } from './others.ts'
import type {
  AutoNowOptions,
  DecimalOptions,
  FieldOptions,
  ForeignKeyOptions,
  ManyToManyOptions,
  NumberOptions,
  TextOptions,
} from './types.ts'
import type { VectorOptions } from './vectors.ts'

/** Each option once, so that the compiler asks for one that is forgotten here. */
type All<O> = Readonly<Record<keyof O, true>>
/** Those beside the options that all fields with a column have. */
type Own<O> = All<Omit<O, keyof FieldOptions<unknown>>>

const COLUMN: All<FieldOptions<unknown>> = {
  null: true,
  blank: true,
  default: true,
  dbDefault: true,
  primaryKey: true,
  unique: true,
  index: true,
  editable: true,
  secret: true,
  dbColumn: true,
  renamedFrom: true,
  dbType: true,
  comment: true,
  choices: true,
  validators: true,
  errorMessages: true,
  uniqueForDate: true,
  uniqueForMonth: true,
  uniqueForYear: true,
  verboseName: true,
  helpText: true,
}
const text: Own<TextOptions> = { maxLength: true, minLength: true, collation: true }
const number: Own<NumberOptions<number>> = { min: true, max: true, positive: true }
const decimal: Own<DecimalOptions<number>> = { ...number, maxDigits: true, decimalPlaces: true }
const autoNow: Own<AutoNowOptions<Date>> = { autoNow: true, autoNowAdd: true }
const file: Own<FileOptions> = {
  uploadTo: true,
  storage: true,
  maxLength: true,
  extensions: true,
  maxSize: true,
  cleanup: true,
}
/** Options of columns that references take without a word in their types: inspectdb writes some. */
type OfColumn = Pick<FieldOptions<unknown>, 'secret' | 'primaryKey' | 'comment'>
const key: All<ForeignKeyOptions & OfColumn> = {
  comment: true,
  secret: true,
  primaryKey: true,
  limitChoicesTo: true,
  onDelete: true,
  null: true,
  blank: true,
  default: true,
  dbDefault: true,
  unique: true,
  index: true,
  editable: true,
  dbColumn: true,
  renamedFrom: true,
  toField: true,
  fields: true,
  constraint: true,
  errorMessages: true,
  verboseName: true,
  helpText: true,
}
const many: All<ManyToManyOptions<unknown> & Pick<OfColumn, 'secret'>> = {
  secret: true,
  limitChoicesTo: true,
  through: true,
  throughFields: true,
  dbTable: true,
  renamedFrom: true,
  symmetrical: true,
  blank: true,
  editable: true,
  verboseName: true,
  helpText: true,
}
const generated: All<Omit<GeneratedOptions<unknown>, 'output'>> = {
  stored: true,
  unique: true,
  index: true,
  dbColumn: true,
  renamedFrom: true,
  secret: true,
  verboseName: true,
  helpText: true,
}

/** By builder. Those that are not here have the options of every column alone. */
const BY_BUILDER: Readonly<Record<string, Readonly<Record<string, true>>>> = {
  char: { ...COLUMN, ...text },
  text: { ...COLUMN, ...text },
  slug: { ...COLUMN, ...text },
  email: { ...COLUMN, ...text },
  url: { ...COLUMN, ...text },
  integer: { ...COLUMN, ...number },
  smallInteger: { ...COLUMN, ...number },
  bigInteger: { ...COLUMN, ...number },
  float: { ...COLUMN, ...number },
  decimal: { ...COLUMN, ...decimal },
  date: { ...COLUMN, ...autoNow },
  dateTime: { ...COLUMN, ...autoNow },
  instant: { ...COLUMN, ...autoNow },
  choice: { ...COLUMN, maxLength: true },
  binary: { ...COLUMN, maxLength: true },
  json: { ...COLUMN, schema: true },
  uuid: { ...COLUMN, ...({ auto: true } satisfies Own<UuidOptions>) },
  ipAddress: { ...COLUMN, ...({ protocol: true } satisfies Own<IpOptions>) },
  array: { ...COLUMN, ...({ size: true } satisfies Own<ArrayOptions<unknown>>) },
  vector: { ...COLUMN, ...({ dimensions: true } satisfies Own<VectorOptions>) },
  filePath: {
    ...COLUMN,
    ...({
      path: true,
      match: true,
      recursive: true,
      allowFiles: true,
      allowFolders: true,
      maxLength: true,
    } satisfies Own<FilePathOptions>),
  },
  file: { ...COLUMN, ...file },
  image: { ...COLUMN, ...file, ...({ ...file, widthField: true, heightField: true } satisfies Own<ImageOptions>) },
  generated,
  foreignKey: key,
  oneToOne: key,
  manyToMany: many,
}

/**
 * Refuses options that a builder does not have, naming the one that may have been meant.
 *
 * @throws ModelError db.bad-field-option
 */
export function assertFieldOptions(builder: string, options: object): void {
  const known = Object.hasOwn(BY_BUILDER, builder) ? BY_BUILDER[builder]! : COLUMN // just seen
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    const names = Object.keys(known)
    // Django's `db_index` and `unique_for` are said in other words here.
    const meant = nearest(name, names) ?? names.find((each) => name.toLowerCase().endsWith(each.toLowerCase())) ?? null
    throw new ModelError(`${name} is no option of ${builder}()${meant === null ? '' : `, did you mean ${meant}?`}`, {
      code: 'db.bad-field-option',
      hint: `Its options: ${names.join(', ')}.`,
    })
  }
}
