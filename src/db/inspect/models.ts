/** From tables to declarations of models: which fields, which options, and what a person has to look at. */
import type { ColumnSpec, ForeignKeySpec, IndexPart, IndexSpec, TableSpec } from '../backends/schema.ts'
import { type Source, stringLiteral } from '../migrations/source.ts'
import { indexName, schemaName, tableName, throughTableName } from '../models/names.ts'
import type { Vendor } from '../sql/nodes.ts'
import { type Between, betweenTables } from './between.ts'
import { declaredDefault, declaredType, type Entry } from './columns.ts'
import { readCheck } from './condition.ts'
import { describe, isPlain, kindOf } from './index-options.ts'
import { fieldName, impliedColumn, modelName } from './names.ts'
import { commentOf, keyType, onDeleteWord } from './options.ts'
import { rawSql } from './raw.ts'

/** A model that is there already: what a file imports to refer to it. */
export interface KnownModel {
  /** Its class, or an expression that gives it: `userModel()`. */
  readonly expression: string
  readonly name: string
  readonly from: string
  /** Column of its key. */
  readonly column: string
}

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
    const { app, managed = false } = this.#around.options
    const key = this.#primaryKey.length > 1 ? this.#primaryKey.map((column) => text(this.#fieldOf(column))) : []
    const constraints = this.#constraints()
    const indexes = this.#indexes()
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

  #constraints(): Source[] {
    const { name: table, uniques, checks, indexes } = this.#table
    const unique = (columns: readonly string[], name: string, where: readonly Entry[] = []): Source => {
      const named: Entry[] = [
        ...(name === schemaName(table, columns, '_uniq') ? [] : [['name', text(name)] as const]),
        ...where,
      ]
      return {
        call: 'unique',
        args: [list(columns.map((each) => text(this.#fieldOf(each)))), ...(named.length > 0 ? [object(named)] : [])],
      }
    }
    const found = uniques.flatMap(({ name, columns }) =>
      columns.every((each) => this.#fields.has(each)) ? [unique(columns, name)] : [],
    )
    // What Django calls unique_together is an index in SQLite.
    for (const index of indexes) {
      if (!index.unique) continue
      const columns = index.columns.flatMap((part) => (part.desc ? [] : (part.name ?? [])))
      const where = this.#where(index)
      const plain = where !== null && isPlain(index) && columns.length === index.columns.length
      if (plain && columns.every((each) => this.#fields.has(each))) found.push(unique(columns, index.name, where))
      else this.#notes.push(`unique index ${index.name}${describe(index)}`)
    }
    for (const { name, sql } of checks) {
      const condition = readCheck(sql, (column) => this.#checked(column))
      if (condition === null) found.push(...this.#constraint(name, `CHECK (${sql})`))
      else {
        const entries = Object.entries(condition).map(([key, value]): Entry => [key, code(String(value))])
        found.push({ call: 'check', args: [object(entries), object([['name', text(name)]])] })
      }
    }
    for (const { name, sql } of this.#table.constraints ?? []) found.push(...this.#constraint(name, sql))
    return found
  }

  /** One that lookups cannot say: on PostgreSQL as its own text, elsewhere a note. */
  #constraint(name: string, sql: string): Source[] {
    if (this.#around.options.vendor === 'postgres')
      return [{ call: 'constraint', args: [text(name), object([['postgres', rawSql(sql)]])] }]
    this.#notes.push(`constraint ${name}: ${sql}`)
    return []
  }

  /** The option `where` of an index; null where its condition has no such form. */
  #where({ where }: IndexSpec): readonly Entry[] | null {
    if (where === undefined) return []
    const condition = readCheck(where, (column) => this.#checked(column))
    if (condition === null) return null
    return [['where', object(Object.entries(condition).map(([key, value]): Entry => [key, code(String(value))]))]]
  }

  #checked(column: string): { name: string; isNumber: boolean } | null {
    const field = this.#fields.get(column)
    const spec = this.#table.columns.find((each) => each.name === column)
    if (field === undefined || spec === undefined) return null
    const numbers = ['auto', 'integer', 'smallInteger', 'float', 'bigInteger', 'decimal']
    return { name: field.name, isNumber: numbers.includes(spec.type.kind) && !field.isRelation }
  }

  #indexes(): Source[] {
    const { name: table, indexes } = this.#table
    const found: Source[] = []
    for (const index of indexes) {
      if (index.unique) continue
      // An expression is said as it stands; its direction has no form.
      const isSaid = ({ name, sql, desc }: IndexPart): boolean =>
        sql === undefined ? this.#fields.has(name ?? '') : !desc
      if ([...this.#single.values()].includes(index)) continue
      // Django's own companion of an index on text, for LIKE in PostgreSQL.
      if (
        index.columns.length === 1 &&
        /_like$/.test(index.name) &&
        index.columns[0]!.opclass?.endsWith('_pattern_ops')
      )
        continue
      const where = this.#where(index)
      const kind = kindOf(index, (column) => this.#fields.get(column)?.name)
      if (where === null || kind === null || !index.columns.every(isSaid)) {
        this.#notes.push(`index ${index.name}${describe(index)}`)
        continue
      }
      const columns = index.columns.map((part) => `${part.desc ? '-' : ''}${part.name ?? part.sql}`)
      const fields = index.columns.map(
        (part) =>
          part.sql === undefined ? text(`${part.desc ? '-' : ''}${this.#fieldOf(part.name!)}`) : rawSql(part.sql), // one of both
      )
      const named: Entry[] = [
        ...(index.name === indexName(table, columns) ? [] : [['name', text(index.name)] as const]),
        ...kind,
        ...where,
      ]
      found.push({ call: 'index', args: [list(fields), ...(named.length > 0 ? [object(named)] : [])] })
    }
    return found
  }
}
