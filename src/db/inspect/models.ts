/** From tables to declarations of models: which fields, which options, and what a person has to look at. */
import type { ColumnSpec, ForeignKeySpec, IndexSpec, TableSpec } from '../backends/schema.ts'
import { type Source, stringLiteral } from '../migrations/source.ts'
import { schemaName, tableName, throughTableName } from '../models/names.ts'
import type { Vendor } from '../sql/nodes.ts'
import { type Between, betweenTables } from './between.ts'
import { declaredDefault, declaredType, type Entry } from './columns.ts'
import { constraintsOf, type DeclaredTable, indexesOf } from './constraints.ts'
import { isPlain } from './index-options.ts'
import { fieldName, impliedColumn, modelName } from './names.ts'
import { commentOf, keyType, onDeleteWord } from './options.ts'
import { rawSql } from './raw.ts'
import { searchVectorArgs } from './search-vector.ts'

/** A model that is there already: what a file imports to refer to it. */
export interface KnownModel {
  /** Its class, or an expression that gives it: `userModel()`. */
  readonly expression: string
  readonly name: string
  readonly from: string
  /** Column of its key. */
  readonly column: string
}

/** How tables become models: options of `nuages inspectdb`. */
export interface InspectOptions {
  /** Models are of this app: its prefix goes from their names, and tables called as expected are not named. */
  readonly app?: string | undefined
  /** Migrations make and change the tables. Default false: they are somebody else's. */
  readonly managed?: boolean
  /** Tables that models elsewhere have. */
  readonly known?: ReadonlyMap<string, KnownModel>
  /** Whose SQL the tables speak: constraints without a form of ours are written as that of PostgreSQL. */
  readonly vendor?: Vendor
  /** Names among the tables that are views. */
  readonly views?: ReadonlySet<string>
}

/** A field as it is to be written. */
export interface FieldDraft {
  readonly name: string
  readonly column: string | null
  readonly builder: string
  readonly args: readonly Source[]
  readonly isRelation: boolean
  readonly notes: readonly string[]
}
/** A model as it is to be written. */
export interface ModelDraft {
  readonly name: string
  readonly table: TableSpec
  readonly fields: readonly FieldDraft[]
  readonly options: readonly Entry[]
  readonly notes: readonly string[]
}

const text = (value: string): Source => ({ text: stringLiteral(value) })
const code = (value: string): Source => ({ text: value })
const list = (items: readonly Source[]): Source => ({ items })
const object = (entries: readonly Entry[]): Source => ({ entries })

/** Models of tables, in order. Relations lead to one another whatever their order. */
export function draftModels(tables: readonly TableSpec[], options: InspectOptions): ModelDraft[] {
  const taken = new Set<string>()
  const names = new Map(tables.map((table) => [table.name, modelName(table.name, options.app, taken)]))
  const between = betweenTables(tables, names, options)
  return tables
    .filter((table) => !between.has(table.name))
    .map((table) => new Drafter(table, { tables, names, options }).draft([...between.values()]))
}

interface Surroundings {
  readonly tables: readonly TableSpec[]
  readonly names: ReadonlyMap<string, string>
  readonly options: InspectOptions
}

class Drafter {
  readonly #table: TableSpec
  readonly #around: Surroundings
  readonly #taken = new Set<string>()
  readonly #fields = new Map<string, FieldDraft>()
  readonly #notes: string[] = []
  readonly #primaryKey: readonly string[]
  /** Indexes that a field says with `index: true`, by column. */
  readonly #single = new Map<string, IndexSpec>()

  constructor(table: TableSpec, around: Surroundings) {
    this.#table = table
    this.#around = around
    this.#primaryKey = this.#key()
    for (const index of table.indexes) {
      const [part, ...more] = index.columns
      if (index.unique || index.where !== undefined || more.length > 0 || part?.name === undefined || !isPlain(index))
        continue
      if (index.name === schemaName(table.name, [part.name])) this.#single.set(part.name, index)
    }
  }

  draft(between: readonly Between[]): ModelDraft {
    const { name: table } = this.#table
    const { names, options } = this.#around
    const { columns } = this.#table
    // Plain columns keep their names; relations, whose names are made, give way.
    for (const column of columns) if (!column.references) this.#fields.set(column.name, this.#column(column))
    for (const column of columns) if (column.references) this.#fields.set(column.name, this.#reference(column))
    for (const column of columns) if (column.generated) this.#searchVector(column)
    const fields = columns.map((column) => this.#fields.get(column.name)!)
    const many = between.filter((each) => each.owner === table).map((each) => this.#manyToMany(each))
    const name = names.get(table)!
    const declared = this.#options(name)
    const shown = fields.filter((field) => field.builder !== 'id')
    const wide = (this.#table.foreignKeys ?? []).flatMap((key) => this.#wideReference(key) ?? [])
    if (options.views?.has(table)) this.#notes.push(`${table} is a view: rows cannot be written`)
    return { name, table: this.#table, fields: [...shown, ...wide, ...many], options: declared, notes: this.#notes }
  }

  /** A reference by several columns, to the key of a table: a field over the fields of these columns. */
  #wideReference({ columns, table, targets, onDelete }: ForeignKeySpec): FieldDraft | null {
    const { tables, names } = this.#around
    const key = tables.find((each) => each.name === table)?.primaryKey ?? []
    const target = names.get(table)
    const own = key.map((column) => columns[targets.indexOf(column)])
    if (target === undefined || key.length !== targets.length || own.includes(undefined)) {
      this.#notes.push(
        `${columns.join(', ')} refer to ${table} (${targets.join(', ')}), which is no key of these tables`,
      )
      return null
    }
    const isNull = columns.some((name) => this.#table.columns.find((each) => each.name === name)?.null)
    const entries: Entry[] = [
      ['onDelete', text(onDeleteWord(onDelete, isNull))],
      ['fields', list(own.map((column) => text(this.#fieldOf(column!))))], // none is missing
      ...(isNull ? [['null', code('true')] as const] : []),
      ['index', code('false')],
    ]
    const name = fieldName(target[0]!.toLowerCase() + target.slice(1), false, this.#taken)
    return {
      name,
      column: null,
      builder: 'foreignKey',
      args: [code(target), object(entries)],
      isRelation: true,
      notes: [],
    }
  }

  /** A column that the database computes. */
  #generated(column: ColumnSpec): FieldDraft {
    const { sql, stored } = column.generated!
    const { builder, element, options, notes } = declaredType(column.type)
    const name = fieldName(column.name, false, this.#taken)
    const typed = [...options, ...(column.null ? [['null', code('true')] as const] : [])]
    const output = {
      call: builder,
      args: [...(element ? [element] : []), ...(typed.length > 0 ? [object(typed)] : [])],
    }
    const entries: Entry[] = [
      ['output', output],
      ...(stored ? [] : [['stored', code('false')] as const]),
      ...this.#common(column, name, false).filter(([option]) => option !== 'null'),
    ]
    const args = [rawSql(sql), object(entries)]
    return { name, column: column.name, builder: 'generated', args, isRelation: false, notes }
  }

  /** A column of words is declared by the fields whose words they are, once these have names. */
  #searchVector(column: ColumnSpec): void {
    if (column.type.declared?.postgres !== 'tsvector' || !column.generated!.stored) return
    const { name } = this.#fields.get(column.name)!
    const named = this.#common(column, name, false).filter(([option]) => option === 'dbColumn')
    const args = searchVectorArgs(column.generated!.sql, named, (each) => this.#fields.get(each)?.name)
    if (args === null) return
    this.#fields.set(column.name, {
      name,
      column: column.name,
      builder: 'searchVector',
      args,
      isRelation: false,
      notes: [],
    })
  }

  /** Columns of the key; where the table has none, those of something unique. */
  #key(): readonly string[] {
    const { primaryKey, uniques, indexes, columns } = this.#table
    if (primaryKey.length > 0) return primaryKey
    const required = (names: readonly string[]) =>
      names.every((name) => columns.some((each) => each.name === name && !each.null))
    const single = columns.find((column) => column.unique && !column.null)
    const candidates = [
      ...(single ? [[single.name]] : []),
      ...uniques.map((unique) => [...unique.columns]),
      ...indexes
        .filter((index) => index.unique && !index.where)
        .map((index) => index.columns.flatMap((part) => part.name ?? [])),
    ].filter((names) => names.length > 0 && required(names))
    const key = candidates[0] ?? columns.slice(0, 1).map((column) => column.name)
    this.#notes.push(
      candidates.length > 0
        ? `the table has no primary key: ${key.join(', ')} is unique`
        : `the table has no primary key: is ${key[0]} unique?`,
    )
    return key
  }

  #isKey(column: ColumnSpec): boolean {
    return this.#primaryKey.length === 1 && this.#primaryKey[0] === column.name
  }

  #column(column: ColumnSpec): FieldDraft {
    if (column.generated !== undefined) return this.#generated(column)
    const isKey = this.#isKey(column)
    const identity = isKey && column.type.kind === 'auto'
    const type = column.type.kind === 'auto' && !isKey ? { kind: 'bigInteger' as const } : column.type
    const { builder, element, options, notes } = declaredType(type)
    const name = fieldName(column.name, false, this.#taken)
    if (identity && column.name === 'id' && name === 'id' && column.comment === undefined) {
      return { name, column: 'id', builder: 'id', args: [], isRelation: false, notes }
    }
    const given = identity ? {} : declaredDefault(column)
    const entries: Entry[] = [
      ...options,
      ...this.#common(column, name, false),
      ...(isKey && !identity ? [['primaryKey', code('true')] as const] : []),
      ...(given.entry ? [given.entry] : []),
      ...commentOf(column),
    ]
    const all = [...notes, ...(given.note === undefined ? [] : [given.note])]
    const args = [...(element === undefined ? [] : [element]), ...(entries.length > 0 ? [object(entries)] : [])]
    return { name, column: column.name, builder, args, isRelation: false, notes: all }
  }

  #reference(column: ColumnSpec): FieldDraft {
    const { tables, names, options } = this.#around
    const { table, column: there, onDelete } = column.references!
    const known = options.known?.get(table)
    const target = names.get(table)
    const key = tables.find((each) => each.name === table)?.primaryKey
    const toField =
      target === undefined || (key?.length === 1 && key[0] === there) ? null : this.#uniqueField(table, there)
    const fits =
      target === undefined ? known?.column === there : toField !== null || (key?.length === 1 && key[0] === there)
    if (!fits) {
      const draft = this.#column(column)
      const why =
        target === undefined && known === undefined ? 'which is not among these tables' : 'which is not its key'
      return { ...draft, notes: [...draft.notes, `refers to ${table}.${there}, ${why}`] }
    }
    const isKey = this.#isKey(column)
    const single = isKey || column.unique === true
    const name = fieldName(column.name, true, this.#taken)
    const given = isKey ? {} : declaredDefault({ ...column, type: keyType(tables, table, there) ?? column.type })
    const entries: Entry[] = [
      [
        'onDelete',
        text(onDeleteWord(given.entry === undefined && onDelete === 'setDefault' ? undefined : onDelete, column.null)),
      ],
      ...(toField === null ? [] : [['toField', text(toField)] as const]),
      ...this.#common(column, name, true).filter(([option]) => !(single && option === 'unique')),
      ...(isKey ? [['primaryKey', code('true')] as const] : []),
      ...(single || this.#single.has(column.name) ? [] : [['index', code('false')] as const]),
      ...(given.entry ? [given.entry] : []),
      ...commentOf(column),
    ]
    return {
      name,
      column: column.name,
      builder: single ? 'oneToOne' : 'foreignKey',
      args: [code(target ?? known!.expression), object(entries)],
      isRelation: true,
      notes: given.note === undefined ? [] : [given.note],
    }
  }

  /** The field of another table's column, where that is unique by itself. */
  #uniqueField(table: string, column: string): string | null {
    const there = this.#around.tables.find((each) => each.name === table)?.columns.find((each) => each.name === column)
    return there?.unique && there.references === undefined ? fieldName(column, false, new Set()) : null
  }

  #common(column: ColumnSpec, name: string, isRelation: boolean): Entry[] {
    return [
      ...(column.null && !this.#isKey(column) ? [['null', code('true')] as const] : []),
      ...(column.unique && !this.#isKey(column) ? [['unique', code('true')] as const] : []),
      ...(this.#single.has(column.name) && !isRelation && !column.unique ? [['index', code('true')] as const] : []),
      ...(impliedColumn(name, isRelation) === column.name ? [] : [['dbColumn', text(column.name)] as const]),
    ]
  }

  #manyToMany({ field, target, table }: Between): FieldDraft {
    const { names, options } = this.#around
    const same = target === this.#table.name
    const entries: Entry[] = [
      ...(throughTableName(this.#table.name, field) === table ? [] : [['dbTable', text(table)] as const]),
      ...(same ? [['symmetrical', code('false')] as const] : []),
    ]
    const name = fieldName(field, false, this.#taken)
    const args = [
      code(names.get(target) ?? options.known!.get(target)!.expression),
      ...(entries.length > 0 ? [object(entries)] : []),
    ]
    const notes = same ? ['symmetrical where both of two rows are always related'] : []
    return { name, column: null, builder: 'manyToMany', args, isRelation: true, notes }
  }

  #options(name: string): Entry[] {
    const { name: table } = this.#table
    const { app, vendor = 'postgres', managed = false } = this.#around.options
    const key = this.#primaryKey.length > 1 ? this.#primaryKey.map((column) => text(this.#fieldOf(column))) : []
    const declared: DeclaredTable = { table: this.#table, fields: this.#fields, vendor, notes: this.#notes }
    const constraints = constraintsOf(declared)
    const indexes = indexesOf(declared, new Set(this.#single.values()))
    const expected = app !== undefined && tableName(app, name) === table
    return [
      ...(expected ? [] : [['dbTable', text(table)] as const]),
      ...(managed ? [] : [['managed', code('false')] as const]),
      ...commentOf(this.#table),
      ...(key.length > 0 ? [['primaryKey', list(key)] as const] : []),
      ...(constraints.length > 0 ? [['constraints', list(constraints)] as const] : []),
      ...(indexes.length > 0 ? [['indexes', list(indexes)] as const] : []),
    ]
  }

  #fieldOf(column: string): string {
    return this.#fields.get(column)!.name
  }
}
