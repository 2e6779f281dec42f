/** From rows to text: any query set or list of instances, a chunk at a time. */

import { nearest } from '../../std/text.ts'
import { currentAlias, database } from '../connections.ts'
import { ALIAS, type AnyInstance, isInstance, ROW } from '../models/instance.ts'
import { KeyMap } from '../models/keys.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { AnyQuerySet } from '../query/any-queryset.ts'
import { readRows } from '../query/rows.ts'
import { initialState } from '../query/state.ts'
import { withFilter, withOrder, withValues } from '../query/state-ops.ts'
import { SerializationError } from './errors.ts'
import { type FixtureRow, formatNamed } from './format.ts'
import { fieldsByName, fixtureLabel, fixtureName } from './names.ts'
import { NaturalKeys, naturalFields } from './natural-keys.ts'
import { toFixture } from './values.ts'

/** What is written. */
export interface SerializeOptions {
  /** Names of fields, ours or as fixtures spell them; default all that are not secret. */
  readonly fields?: readonly string[]
  /** Secret fields too: password hashes, tokens. Default false. A field named in `fields` is written anyway. */
  readonly secrets?: boolean
  /** Relations as natural keys of their targets, where those have one. Default false. */
  readonly useNaturalForeignKeys?: boolean
  /** No primary key where the row has a natural one. Default false. */
  readonly useNaturalPrimaryKeys?: boolean
  /** Spaces of each level; default 0: a row on a line. */
  readonly indent?: number
  /** Alias of the database that relations are read from; default the one each row came from. */
  readonly using?: string
}

/** What rows may be given as. */
export type SerializableRows = AnyQuerySet | Iterable<object> | AsyncIterable<object>

/** Rows read at a time. */
const CHUNK = 500

/**
 * Rows as text of a format, in one string.
 *
 *     await serialize('json', Book.objects.filter({ status: 'published' }), { indent: 2 })
 *
 * @throws SerializationError serializers.unknown-format, serializers.unknown-field, serializers.not-an-instance
 */
export async function serialize(
  format: string,
  rows: SerializableRows,
  options: SerializeOptions = {},
): Promise<string> {
  let text = ''
  for await (const part of serializeStream(format, rows, options)) text += part
  return text
}

/** The same in parts, with little memory whatever the number of rows. */
export function serializeStream(
  format: string,
  rows: SerializableRows,
  options: SerializeOptions = {},
): AsyncIterable<string> {
  return formatNamed(format).write(fixtureRows(rows, options), { indent: options.indent ?? 0 })
}

/** Rows as data, in Django's words: what formats write. */
export async function* fixtureRows(rows: SerializableRows, options: SerializeOptions = {}): AsyncGenerator<FixtureRow> {
  const keys = new Map<string, NaturalKeys>()
  for await (const chunk of chunks(rows)) {
    const alias = options.using ?? chunk[0]![ALIAS] ?? currentAlias()
    let natural = keys.get(alias)
    if (natural === undefined) {
      natural = new NaturalKeys(alias)
      keys.set(alias, natural)
    }
    yield* writeChunk(chunk, { options, alias, natural })
  }
}

/** Instances of one model, of one database, {@link CHUNK} at most. */
async function* chunks(rows: SerializableRows): AsyncGenerator<AnyInstance[]> {
  const source = rows instanceof AnyQuerySet ? rows.iterator({ chunk: CHUNK }) : rows
  let chunk: AnyInstance[] = []
  for await (const row of source as AsyncIterable<unknown>) {
    if (!isInstance(row)) {
      throw new SerializationError(`${String(row)} is not an instance of a model.`, {
        code: 'serializers.not-an-instance',
        hint: 'Give instances, or a query set without values().',
      })
    }
    const first = chunk[0]
    if (first && (chunk.length === CHUNK || first.constructor !== row.constructor || first[ALIAS] !== row[ALIAS])) {
      yield chunk
      chunk = []
    }
    chunk.push(row)
  }
  if (chunk.length > 0) yield chunk
}

interface Writing {
  readonly options: SerializeOptions
  readonly alias: string
  readonly natural: NaturalKeys
}

/** How one model is written. */
interface Layout {
  readonly label: string
  readonly columns: readonly { readonly field: FieldMeta; readonly name: string; readonly at: number }[]
  readonly relations: readonly FieldMeta[]
}

function layoutOf(meta: ModelMeta, { fields, secrets = false }: SerializeOptions): Layout {
  const byName = fieldsByName(meta)
  const wanted = fields?.map((name) => {
    const field = byName.get(name)
    if (field !== undefined) return field
    const near = nearest(name, byName.keys())
    throw new SerializationError(`"${name}" is not a field of ${meta.label}.`, {
      code: 'serializers.unknown-field',
      hint: `${near === null ? '' : `Did you mean "${near}"? `}Fields: ${[...byName.values()].map((each) => each.name).join(', ')}.`,
    })
  })
  // What the database computes it computes again where the row is loaded.
  const isWanted = (field: FieldMeta) =>
    wanted === undefined ? (secrets || !field.secret) && field.computed === null : wanted.includes(field)
  // A key of several fields is written in full among the fields, as Django does.
  const single = meta.pk.length === 1 ? meta.pk[0] : undefined
  return {
    label: fixtureLabel(meta),
    columns: meta.columns.flatMap((field, at) =>
      field !== single && isWanted(field) ? [{ field, name: fixtureName(field), at }] : [],
    ),
    relations: meta.manyToMany.filter((field) => field.relation!.through!.auto && isWanted(field)), // each has a table between
  }
}

async function* writeChunk(chunk: readonly AnyInstance[], writing: Writing): AsyncGenerator<FixtureRow> {
  const { options, natural } = writing
  const { meta } = chunk[0]!.constructor as unknown as AnyModel // an instance's class is a model
  const { label, columns, relations } = layoutOf(meta, options)
  const own = options.useNaturalPrimaryKeys && naturalFields(meta.model).length > 0
  const ownKeys = own
    ? await natural.of(
        meta.model,
        chunk.map((row) => row.pk),
      )
    : null
  const targets = new Map<FieldMeta, ReadonlyMap<unknown, readonly unknown[] | null>>()
  if (options.useNaturalForeignKeys) {
    for (const { field } of columns) {
      if (field.relation === null || naturalFields(field.relation.target).length === 0) continue
      const { target, targets: held } = field.relation
      if (held.length > 1 || held[0] !== target.meta.pk[0] || target.meta.pk.length > 1) continue // not by the whole key
      targets.set(
        field,
        await natural.of(
          field.relation.target,
          chunk.map((row) => row[field.attname]),
        ),
      )
    }
  }
  const sets = new Map<FieldMeta, ReadonlyMap<unknown, readonly unknown[]>>()
  for (const field of relations) sets.set(field, await linked(field, chunk, writing))
  for (const row of chunk) {
    const fields: Record<string, unknown> = {}
    for (const { field, name, at } of columns) {
      const value = row[field.attname]
      fields[name] = targets.get(field)?.get(value) ?? toFixture(field, value, row[ROW]?.[at])
    }
    for (const field of relations) fields[fixtureName(field)] = sets.get(field)!.get(row.pk) ?? []
    const known = ownKeys?.get(row.pk)
    const pk = keyToFixture(meta, row.pk)
    yield known ? { model: label, fields } : { model: label, pk, fields }
  }
}

/** A key as fixtures have it; a list where it has several columns. */
function keyToFixture({ pk }: ModelMeta, key: unknown): unknown {
  return Array.isArray(key) && pk.length > 1 ? pk.map((field, i) => toFixture(field, key[i])) : toFixture(pk[0]!, key)
}

/** Keys behind a many-to-many field, by the key of the row. */
async function linked(
  field: FieldMeta,
  chunk: readonly AnyInstance[],
  { alias, options, natural }: Writing,
): Promise<ReadonlyMap<unknown, readonly unknown[]>> {
  const { model, from, to } = field.relation!.through!
  const { target } = field.relation!
  const pks = chunk.map((row) => row.pk)
  const found = new KeyMap<unknown, unknown[]>()
  const pairs: [unknown, unknown][] = []
  const most = Math.min(CHUNK, Math.floor(database(alias).features.maxParams / from.relation!.targets.length))
  for (let i = 0; i < pks.length; i += most) {
    const state = withFilter({ ...initialState(model), alias }, { [`${from.attname}__in`]: pks.slice(i, i + most) })
    const ordered = withOrder(state, [from.attname, to.attname])
    pairs.push(...((await readRows(model, withValues(ordered, [from.attname, to.attname], 'lists'))) as typeof pairs))
  }
  const names = options.useNaturalForeignKeys && naturalFields(target).length > 0
  const known = names
    ? await natural.of(
        target,
        pairs.map((pair) => pair[1]),
      )
    : null
  for (const [own, other] of pairs) {
    const value = known?.get(other) ?? keyToFixture(target.meta, other)
    const list = found.get(own)
    if (list === undefined) found.set(own, [value])
    else list.push(value)
  }
  return found
}
