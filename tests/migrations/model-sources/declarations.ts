/**
 * Random declarations of a project's models, and of what became of them: the same few models, each with the same few fields,
 * whatever they are called and wherever they are. What is drawn here is written as TypeScript in source.ts.
 */
import fc from 'fast-check'
import { engine } from '../../db/backends/fresh.ts'

const pick = <T>(...values: T[]) => fc.constantFrom(...values)
const flag = fc.boolean()
const isMariaDb = engine.name === 'MariaDB'
/** As MariaDB and PostgreSQL have it; SQLite's own. */
const COLLATION = { SQLite: 'nocase', MariaDB: 'utf8mb4_bin' }[engine.name as string] ?? 'C'

/** Options as they are written: `{ maxLength: '50' }`. */
export type Options = Readonly<Record<string, string>>

/** A field with a column. */
export interface Column {
  /** The first or second of its names. */
  readonly name: string
  readonly builder: string
  readonly options: Options
  /** In the class itself, in an abstract base, or in a plain object that is spread. */
  readonly home: 'own' | 'base' | 'mixin'
}
/** A foreign key or a one-to-one key. */
export interface Key {
  readonly name: string
  readonly builder: 'foreignKey' | 'oneToOne'
  readonly target: Slot
  readonly onDelete: string
  readonly byCode: boolean
  readonly options: Options
}
/** A relation of many to many; `through`: by the model between, which leads from the first model to the second. */
export interface Many {
  readonly name: string
  readonly target: Slot
  readonly through: boolean
  readonly options: Options
}
/** One model. */
export interface Declared {
  readonly app: 'library' | 'shop'
  readonly name: string
  readonly table: string | null
  readonly code: Column
  readonly title: Column
  readonly number: Column
  readonly extra: Column | null
  readonly generated: { readonly name: string; readonly of: 'title' | 'number'; readonly stored: boolean } | null
  readonly key: Key | null
  readonly many: Many | null
  readonly indexes: readonly string[]
  readonly constraints: readonly string[]
  readonly triggers: readonly string[]
  readonly order: 'none' | 'ordering' | 'reverse' | 'respect'
  readonly comment: string | null
  readonly verboseName: boolean
  readonly proxy: boolean
  readonly managed: boolean
  /** Title, number and extra take one another's names in turn. */
  readonly turned: number
}
export type Slot = 'a' | 'b' | 'c'
/** The model between the first and the second. */
export interface Between {
  readonly app: 'library' | 'shop'
  readonly name: string
  readonly from: string
  readonly to: string
  readonly note: string | null
  readonly composite: boolean
  readonly unique: boolean
}
export interface Project {
  readonly models: Readonly<Record<Slot, Declared | null>>
  readonly between: Between
  /** The three models take one another's names in turn. */
  readonly turned: number
}
export const SLOTS: readonly Slot[] = ['a', 'b', 'c']

const NAMES: Readonly<Record<Slot, readonly [string, string]>> = {
  a: ['Book', 'Novel'],
  b: ['Author', 'Person'],
  c: ['Tag', 'LongLabel'],
}
const home = pick<Column['home']>('own', 'own', 'own', 'base', 'mixin')
const optional = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: null, freq })

const code: fc.Arbitrary<Column> = fc.record({
  name: pick('code', 'code', 'skuCode'),
  builder: fc.constant('char'),
  options: pick({ maxLength: '20', unique: 'true' }, { maxLength: '30', unique: 'true' }),
  home,
})

const TEXTS: readonly [string, Options][] = [
  ['char', { maxLength: '50' }],
  ['char', { maxLength: '120' }],
  ['text', {}],
  ['slug', {}],
  ['choice', {}],
]
const title: fc.Arbitrary<Column> = fc
  .record({
    name: pick('title', 'title', 'headLine'),
    of: pick(...TEXTS),
    isNull: flag,
    more: pick<Options>(
      {},
      {},
      {},
      { unique: 'true' },
      { index: 'true' },
      { default: "'c'" },
      { default: "() => 'c'" },
      { dbDefault: "'c'" },
      { comment: '"what\'s it called"' },
      { dbColumn: "'by_hand'" },
      { collation: `'${COLLATION}'` },
      { verboseName: "'name'", helpText: "'as printed'" },
    ),
    home,
  })
  .map(({ name, of: [builder, options], isNull, more, home }) => {
    // MariaDB keeps no index and no constant default on a long text; a choice takes no collation.
    const long = builder === 'text' && isMariaDb
    const of = builder === 'choice' && more.collation ? {} : more
    return {
      name,
      builder: long ? 'char' : builder,
      options: { ...(long ? { maxLength: '200' } : options), ...(isNull ? { null: 'true' } : {}), ...of },
      home,
    }
  })

const NUMBERS: readonly [string, Options][] = [
  ['integer', {}],
  ['integer', {}],
  ['bigInteger', {}],
  ['smallInteger', {}],
  ['decimal', { maxDigits: '12', decimalPlaces: '2' }],
  ['decimal', { maxDigits: '20', decimalPlaces: '4' }],
  ['float', {}],
  ['char', { maxLength: '20' }],
]
const number: fc.Arbitrary<Column> = fc
  .record({
    name: pick('number', 'number', 'amount'),
    of: pick(...NUMBERS),
    isNull: flag,
    more: pick<Options>({}, {}, {}, { default: '7' }, { dbDefault: '7' }, { index: 'true' }, { positive: 'true' }),
    home,
  })
  .map(({ name, of: [builder, options], isNull, more, home }) => {
    const quoted = (value: string | undefined) =>
      builder === 'char' || builder === 'decimal' ? `'${value}'` : builder === 'bigInteger' ? `${value}n` : value!
    const given = more.default ? { default: quoted(more.default) } : more.dbDefault ? { dbDefault: quoted('7') } : more
    return {
      name,
      builder,
      options: {
        ...options,
        ...(isNull ? { null: 'true' } : {}),
        ...(builder === 'char' && more.positive ? {} : given),
      },
      home,
    }
  })

const EXTRAS: readonly [string, Options][] = [
  ['boolean', { default: 'false' }],
  ['boolean', { null: 'true' }],
  ['date', { null: 'true' }],
  ['dateTime', { null: 'true' }],
  ['dateTime', { autoNow: 'true' }],
  ['dateTime', { autoNowAdd: 'true' }],
  ['dateTime', { dbDefault: "'now'" }],
  ['instant', { null: 'true' }],
  ['json', { default: '() => ({ a: [1] })' }],
  ['json', { null: 'true' }],
  ['uuid', { null: 'true', unique: 'true' }],
  ['binary', { null: 'true' }],
  ['duration', { null: 'true' }],
  ['time', { null: 'true' }],
  ['ipAddress', { null: 'true' }],
  ['char', { maxLength: '9', dbType: "{ postgres: 'varchar(9)' }", null: 'true' }],
  ['float', { null: 'true', comment: "'50% of it'" }],
]
const extra: fc.Arbitrary<Column> = fc
  .record({ name: pick('extra', 'spare'), of: pick(...EXTRAS), home })
  .map(({ name, of: [builder, options], home }) => ({ name, builder, options, home }))

const slot = pick<Slot>('a', 'b', 'c')
const key: fc.Arbitrary<Key> = fc.record({
  name: pick('owner', 'owner', 'holderOf'),
  builder: pick<Key['builder']>('foreignKey', 'foreignKey', 'oneToOne'),
  target: slot,
  onDelete: pick('cascade', 'setNull', 'protect', 'dbCascade', 'dbSetNull', 'doNothing'),
  byCode: fc.boolean(),
  options: pick<Options>({}, {}, {}, { dbColumn: "'whose'" }, { constraint: 'false' }, { index: 'false' }),
})
const many: fc.Arbitrary<Many> = fc.record({
  name: pick('tags', 'tags', 'markS'),
  target: slot,
  through: flag,
  options: pick<Options>({}, {}, {}, { symmetrical: 'false' }, { blank: 'true' }, { dbTable: "'tags_by_hand'" }),
})

const declared = (which: Slot): fc.Arbitrary<Declared> =>
  fc.record({
    app: pick<Declared['app']>('library', 'library', 'library', 'shop'),
    name: pick(NAMES[which][0], NAMES[which][0], NAMES[which][1]),
    table: pick(null, null, null, `own_${which}`),
    code,
    title,
    number,
    extra: optional(extra),
    generated: optional(
      fc.record({
        name: pick('total', 'sum'),
        of: pick<'title' | 'number'>('title', 'number'),
        stored: engine.name === 'SQLite' || isMariaDb ? pick(true, true, false) : fc.constant(true),
      }),
      1,
    ),
    key: optional(key),
    many: optional(many),
    indexes: fc.subarray(['two', 'lower', 'where', 'key', 'base']),
    constraints: fc.subarray(['unique', 'check', 'key', 'lower', 'base', ...(isMariaDb ? [] : ['where'])]),
    triggers: fc.subarray(['now', 'readOnly', 'refuse', 'copy', 'sql']).map((list) => list.slice(0, 2)),
    order: pick<Declared['order']>('none', 'none', 'ordering', 'reverse', 'respect'),
    comment: pick(null, null, 'some', "it's"),
    verboseName: flag,
    proxy: flag,
    managed: fc.constant(true),
    turned: fc.constant(0),
  })

/** A project before and after: each part of a model stays as it was more often than not. */
export const pairOfProjects: fc.Arbitrary<readonly [Project, Project]> = fc
  .record({
    models: fc.tuple(...SLOTS.map((which) => pairOfModels(which))),
    between: pairOf(
      fc.record({
        app: pick<'library' | 'shop'>('library', 'library', 'shop'),
        name: pick('Link', 'Bond'),
        from: pick('first', 'left'),
        to: pick('second', 'right'),
        note: pick(null, 'note', 'remark'),
        composite: flag,
        unique: flag,
      }),
    ),
    turned: fc.constant([0, 0] as const),
  })
  .map(({ models, between, turned }) => {
    const project = (i: 0 | 1): Project => ({
      models: Object.fromEntries(SLOTS.map((which, at) => [which, models[at]![i]])) as Project['models'],
      between: between[i],
      turned: turned[i],
    })
    return [project(0), project(1)] as const
  })

function pairOf<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, T]> {
  return fc.tuple(arbitrary, arbitrary, flag).map(([a, b, changes]) => [a, changes ? b : a] as const)
}

function pairOfModels(which: Slot): fc.Arbitrary<readonly [Declared | null, Declared | null]> {
  const model = declared(which)
  // Of two draws every part is one or the other's: what changes is some of it.
  return fc
    .record({
      was: model,
      other: model,
      changes: fc.array(pick(true, false, false), { minLength: 20, maxLength: 20 }),
      there: pick('both', 'both', 'both', 'both', 'both', 'before', 'after', 'none'),
    })
    .map(({ was, other, changes, there }) => {
      const parts = (Object.keys(was) as (keyof Declared)[]).map((part, i) => [
        part,
        changes[i] ? other[part] : was[part],
      ])
      const is = Object.fromEntries(parts) as unknown as Declared // the keys of one
      return [
        there === 'after' || there === 'none' ? null : was,
        there === 'before' || there === 'none' ? null : is,
      ] as const
    })
}
