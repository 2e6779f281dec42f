/** From text to instances that are not saved yet. */

import { Temporal } from '../../std/dates.ts'
import { nearest } from '../../std/text.ts'
import { currentAlias } from '../connections.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { DeserializationError, type DeserializationErrorOptions, SerializationError } from './errors.ts'
import { type FixtureItem, formatNamed } from './format.ts'
import { readJson } from './json-text.ts'
import { fieldsByName, ModelNames } from './names.ts'
import { NaturalKeys, naturalFields } from './natural-keys.ts'
import { saveRaw, saveRelations } from './save.ts'
import { BadValue, fromFixture } from './values.ts'

/** How text is read. */
export interface DeserializeOptions {
  /** Alias of the database that natural keys are looked up in, and rows are saved to; default the current one. */
  readonly using?: string
  /** Leave out models and fields that do not exist (any more), instead of an error. Default false. */
  readonly ignoreNonexistent?: boolean
  /** Labels that stand for other models: `{ 'auth.user': 'accounts.User' }`. */
  readonly models?: Readonly<Record<string, string>>
  /** Where the text comes from, for messages: a file's path. */
  readonly source?: string
  /** Which rows to take; default all. Asked before a row is read closely. */
  readonly accepts?: (model: AnyModel) => boolean
}

/** A row that was read: an instance, and what cannot be written with it. */
export class DeserializedRow {
  /** The instance, not saved. */
  readonly instance: object
  readonly model: AnyModel
  /** Keys of many-to-many relations, by field; those that name rows not there yet wait in `waiting`. */
  readonly relations: ReadonlyMap<FieldMeta, readonly unknown[]>
  /** Names that the row did not have. */
  readonly absent: ReadonlySet<FieldMeta>
  /** Instants finer than a Date, by attribute. */
  readonly precise: ReadonlyMap<string, Temporal.Instant>
  /** Relations whose natural keys name rows that are not there yet. Empty once {@link resolve} has found them all. */
  readonly waiting: Map<FieldMeta, unknown>
  readonly where: DeserializationErrorOptions
  readonly #natural: NaturalKeys
  readonly #alias: string

  /** @internal */
  constructor(
    parts: Pick<DeserializedRow, 'instance' | 'model' | 'relations' | 'absent' | 'precise' | 'waiting' | 'where'>,
    natural: NaturalKeys,
    alias: string,
  ) {
    this.instance = parts.instance
    this.model = parts.model
    this.relations = parts.relations
    this.absent = parts.absent
    this.precise = parts.precise
    this.waiting = parts.waiting
    this.where = parts.where
    this.#natural = natural
    this.#alias = alias
  }

  /**
   * Writes the row as it is: one with its key is replaced, else it is inserted. No `autoNow`, no `save()` of the
   * model; preSave and postSave are sent with `raw: true`. Then its many-to-many relations become what the text says.
   * @throws DeserializationError serializers.missing-reference while natural keys of it are {@link waiting}
   */
  async save(): Promise<void> {
    if (!(await this.resolve())) throw this.missing()
    await saveRaw([this], this.#alias)
    await saveRelations([this], this.#alias)
  }

  /** Looks up natural keys again that named rows not there yet. True when none is left. */
  async resolve(): Promise<boolean> {
    for (const [field, value] of this.waiting) {
      const found = await resolved(field, value, this.#natural, this.where)
      if (found === undefined) continue
      if (field.relation!.type === 'manyToMany') (this.relations as Map<FieldMeta, unknown>).set(field, found)
      else (this.instance as AnyInstance)[field.attname] = found
      this.waiting.delete(field)
    }
    return this.waiting.size === 0
  }

  /** The error for what is still waiting. */
  missing(): DeserializationError {
    const [field, value] = [...this.waiting][0]!
    const { target } = field.relation!
    return new DeserializationError(
      `No ${target.meta.label} has the natural key ${JSON.stringify(value)?.slice(0, 200)}.`,
      {
        ...this.where,
        field: field.name,
        code: 'serializers.missing-reference',
        hint: 'The row it names is neither in the database nor in what is loaded.',
      },
    )
  }
}

/**
 * Reads text of a format; gives each row when it is asked for, so that text of any length needs little memory.
 *
 *     for await (const row of deserialize('json', text)) await row.save()
 *
 * @throws DeserializationError serializers.malformed, serializers.unknown-model, serializers.unknown-field,
 *   serializers.invalid-value; SerializationError serializers.unknown-format
 */
export async function* deserialize(
  format: string,
  input: string | Iterable<string> | AsyncIterable<string>,
  options: DeserializeOptions = {},
): AsyncGenerator<DeserializedRow> {
  const reader = new RowReader(options)
  const parts = typeof input === 'string' ? [input] : input
  for await (const item of formatNamed(format).read(asyncParts(parts))) {
    const row = await reader.row(item)
    if (row !== null) yield row
  }
}

async function* asyncParts(parts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  yield* parts
}

/** Makes rows of items. Rows may be waiting to be written: `beforeLookUp` writes them, so that they are found. */
export class RowReader {
  readonly #options: DeserializeOptions
  readonly #names: ModelNames
  readonly #natural: NaturalKeys
  readonly #alias: string
  /** Called before the database is asked for a natural key. */
  beforeLookUp: () => Promise<void> = async () => undefined

  constructor(options: DeserializeOptions) {
    this.#options = options
    this.#alias = options.using ?? currentAlias()
    this.#names = new ModelNames(options.models)
    this.#natural = new NaturalKeys(this.#alias)
  }

  /** The row of an item; null for one that is left out. */
  async row({ value, line }: FixtureItem): Promise<DeserializedRow | null> {
    const { source, ignoreNonexistent = false, accepts } = this.#options
    const place = { source, ...(line > 0 && { line }) }
    if (!isRecord(value) || typeof value.model !== 'string' || !isRecord(value.fields ?? {})) {
      throw new DeserializationError('This is no row of a fixture.', {
        code: 'serializers.malformed',
        ...place,
        hint: 'A row has a model, a pk and fields: { "model": "library.book", "pk": 1, "fields": { … } }.',
      })
    }
    const model = this.#names.find(value.model)
    if (model === null) {
      if (ignoreNonexistent) return null
      throw this.#names.unknown(value.model, place)
    }
    if (accepts?.(model) === false) return null
    const where = { code: 'serializers.invalid-value', ...place, model: value.model, pk: value.pk }
    return this.#read(model, value.pk, (value.fields ?? {}) as Record<string, unknown>, where) // isRecord told
  }

  async #read(
    model: AnyModel,
    pk: unknown,
    given: Readonly<Record<string, unknown>>,
    where: DeserializationErrorOptions,
  ): Promise<DeserializedRow> {
    const { meta } = model
    const instance = new model() as AnyInstance // a model makes instances
    const absent = new Set(meta.columns)
    const relations = new Map<FieldMeta, readonly unknown[]>()
    const waiting = new Map<FieldMeta, unknown>()
    const precise = new Map<string, Temporal.Instant>()
    const set = (field: FieldMeta, name: string, value: unknown): void => {
      absent.delete(field)
      const read = fromFixture(field, value)
      if (read instanceof BadValue) throw badValue(name, value, read, where)
      if (read instanceof Temporal.Instant && field.type?.precise !== true) {
        instance[field.attname] = new Date(read.epochMilliseconds)
        if (read.epochNanoseconds % 1_000_000n !== 0n) precise.set(field.attname, read)
      } else instance[field.attname] = field.coerce === null || read === null ? read : field.coerce(read)
    }
    const byName = fieldsByName(meta)
    for (const [name, value] of Object.entries(given)) {
      const field = byName.get(name)
      if (field === undefined) {
        if (this.#options.ignoreNonexistent) continue
        throw unknownName(name, meta, byName.keys(), where)
      }
      if (field.computed !== null) continue // the database computes it
      if (field.relation === null) set(field, name, value)
      else if (field.relation.type === 'manyToMany' || Array.isArray(value)) {
        absent.delete(field)
        await this.#relation(field, value, { instance, relations, waiting, where })
      } else set(field, name, value)
    }
    if (pk !== undefined && pk !== null) setKey(meta, pk, absent, set, where)
    else await this.#naturalKey(model, instance, waiting, absent)
    // As in Django, text that is neither there nor null is empty.
    for (const field of absent) {
      const isText = (field.kind === 'char' || field.kind === 'text') && field.relation === null
      const isFilled = field.generated || field.computed !== null || meta.pk.includes(field)
      if (isText && !field.null && !isFilled) instance[field.attname] ??= ''
    }
    return new DeserializedRow(
      { instance, model, relations, absent, precise, waiting, where },
      this.#natural,
      this.#alias,
    )
  }

  async #relation(
    field: FieldMeta,
    value: unknown,
    to: Pick<DeserializedRow, 'waiting' | 'where'> & {
      instance: AnyInstance
      relations: Map<FieldMeta, readonly unknown[]>
    },
  ): Promise<void> {
    const natural = field.relation!.type === 'manyToMany' ? Array.isArray(value) && value.some(Array.isArray) : true
    if (natural) await this.beforeLookUp()
    const found = await resolved(field, value, this.#natural, to.where)
    if (found === undefined) to.waiting.set(field, value)
    else if (field.relation!.type === 'manyToMany') to.relations.set(field, found as unknown[])
    else to.instance[field.attname] = found
  }

  /** A row without a primary key is the one with its natural key, if there is one. */
  async #naturalKey(
    model: AnyModel,
    instance: AnyInstance,
    waiting: ReadonlyMap<FieldMeta, unknown>,
    absent: ReadonlySet<FieldMeta>,
  ): Promise<void> {
    const fields = naturalFields(model).map((name) => model.meta.fields.get(name)!) // checked when they are written
    const known = fields.every((field) => !waiting.has(field) && !absent.has(field) && instance[field.attname] !== null)
    if (fields.length === 0 || !known) return
    await this.beforeLookUp()
    const where = Object.fromEntries(fields.map((field) => [field.attname, instance[field.attname]]))
    const key = await this.#natural.lookUp(model, where)
    if (key === undefined) return
    const parts = model.meta.pk.length === 1 ? [key] : (key as readonly unknown[]) // as keyPath() gives it
    for (const [i, part] of parts.entries()) instance[model.meta.pk[i]!.attname] = part
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A key of several columns, where XML or a person wrote it as text; null for text that is none. */
function keyParts({ pk: fields }: ModelMeta, value: unknown): readonly unknown[] | null {
  let parts = value
  if (typeof value === 'string') {
    try {
      parts = readJson(value)
    } catch {
      return null
    }
  }
  return Array.isArray(parts) && parts.length === fields.length ? parts : null
}

function setKey(
  meta: ModelMeta,
  pk: unknown,
  absent: ReadonlySet<FieldMeta>,
  set: (field: FieldMeta, name: string, value: unknown) => void,
  where: DeserializationErrorOptions,
): void {
  if (meta.pk.length === 1) {
    set(meta.pk[0]!, 'pk', pk)
    return
  }
  const parts = keyParts(meta, pk)
  if (parts === null) {
    // Django's XML has Python's text of a tuple there, and the values among the fields.
    if (typeof pk === 'string' && meta.pk.every((field) => !absent.has(field))) return
    throw badValue('pk', pk, new BadValue(`a list of ${meta.pk.length} values`), where)
  }
  for (const [i, field] of meta.pk.entries()) set(field, 'pk', parts[i])
}

/** Keys of a relation's value: plain ones are read, natural ones looked up; undefined while a row is not there. */
async function resolved(
  field: FieldMeta,
  value: unknown,
  natural: NaturalKeys,
  where: DeserializationErrorOptions,
): Promise<unknown> {
  const { target, type } = field.relation!
  const key = target.meta.pk[0]!
  const isWide = target.meta.pk.length > 1
  const one = async (item: unknown): Promise<unknown> => {
    // A list is the key of several columns where its values are such, else a natural key.
    if (isWide) {
      const read = keyParts(target.meta, item)?.map((part, i) => fromFixture(target.meta.pk[i]!, part))
      if (read?.every((part) => part !== null && !(part instanceof BadValue))) return read
      if (!Array.isArray(item)) {
        const expected = new BadValue(`a key of ${target.meta.label}: a list of ${target.meta.pk.length} values`)
        throw badValue(field.name, item, expected, where)
      }
    }
    if (Array.isArray(item)) {
      try {
        return await natural.find(target, item)
      } catch (error) {
        if (!(error instanceof SerializationError)) throw error
        throw new DeserializationError(error.message, {
          ...where,
          field: field.name,
          code: error.code,
          hint: error.hint!,
        })
      }
    }
    const read = fromFixture(key, item)
    if (read === null || read instanceof BadValue) {
      const expected = read instanceof BadValue ? read : new BadValue(`a key of ${target.meta.label}`)
      throw badValue(field.name, item, expected, where)
    }
    return read
  }
  if (type !== 'manyToMany') return one(value)
  if (!Array.isArray(value)) throw badValue(field.name, value, new BadValue('a list of keys'), where)
  const keys: unknown[] = []
  for (const item of value) {
    const found = await one(item)
    if (found === undefined) return undefined
    keys.push(found)
  }
  return keys
}

function badValue(name: string, value: unknown, { expected }: BadValue, where: DeserializationErrorOptions) {
  // Not the value itself: it may be a secret. Its shape tells enough, with the line.
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
  return new DeserializationError(`The value (${kind}) is not ${expected}.`, {
    ...where,
    field: name,
    code: 'serializers.invalid-value',
    hint: `Expected ${expected}.`,
  })
}

function unknownName(
  name: string,
  meta: ModelMeta,
  names: Iterable<string>,
  where: DeserializationErrorOptions,
): DeserializationError {
  const near = nearest(name, names)
  return new DeserializationError(`"${name}" is not a field of ${meta.label}.`, {
    ...where,
    code: 'serializers.unknown-field',
    hint: `${near === null ? '' : `Did you mean "${near}"? `}Fields that do not exist any more are left out by ignoreNonexistent.`,
  })
}
