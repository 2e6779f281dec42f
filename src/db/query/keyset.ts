/**
 * Pages by key: the rows after (or before) a place in an order, found by their values and not by counting rows. The
 * place is a cursor, which is opaque to whoever holds it: signed where the project has a key, checked in any case.
 */
import { timeZone } from '../../i18n/index.ts'
import { BadSignature, SigningError, sign, unsign } from '../../signing/index.ts'
import { Temporal } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import type { SqlRow } from '../backends/backend.ts'
import { DataError } from '../errors.ts'
import { nodeKind } from '../expressions/kinds.ts'
import type { Kind } from '../kinds.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { BuildContext } from './context.ts'
import { QueryUsageError, QueryValueError } from './errors.ts'
import { rewrite } from './nodes.ts'
import { planRows } from './plan.ts'
import { prefetch } from './prefetch.ts'
import { Query } from './query.ts'
import { databaseOf, introduce, rowsPlan, valuesOf } from './rows.ts'
import { Shape } from './shape.ts'
import { isSliced, LETTER, type State, startOp, withOp } from './state.ts'
import { asTable, withReverse, withSlice } from './state-ops.ts'
import { keysetOrder } from './total-order.ts'

/** Options of page(). */
export interface PageOptions {
  /** Most rows of the page. */
  readonly size: number
  /** A cursor: the page begins behind it. Null or left out with `before`: the first page. */
  readonly after?: string | null
  /** A cursor: the page ends before it. */
  readonly before?: string | null
}
/** What page() gives. */
export interface KeysetPage<Row> {
  /** In the order of the query set, whichever way the page was asked for. */
  readonly rows: Row[]
  /** For `after` of the next page; null when there is none. */
  readonly next: string | null
  /** For `before` of the previous page; null when there is none. */
  readonly previous: string | null
}

/** Longest cursor that is read. */
const MAX_CURSOR = 8192

interface Layout {
  readonly kinds: readonly Kind[]
  /** What a cursor is for: signed with it, so that one of another list does not fit. */
  readonly salt: string
}
const layouts = new Map<string, Layout>()
const MAX_LAYOUTS = 1000

function layoutOf(model: AnyModel, state: State): Layout {
  const { features, alias } = databaseOf(model, state)
  const known = layouts.get(`${alias} ${state.key}`)
  if (known !== undefined) return known
  const query = new Query(model.meta, new BuildContext(features, timeZone)).replay(state, 0)
  const order = keysetOrder(query)
  // A cursor shows the values it was made of: it is signed, not sealed.
  for (const { by } of order) {
    const secret = secretIn(query, by)
    if (secret !== null) {
      throw new QueryUsageError(`Rows that are ordered by the secret field "${secret}" have no pages.`, {
        code: 'db.unpageable-order',
        hint: 'Order by something else: whoever has a cursor can read what it is made of.',
      })
    }
  }
  const kinds = order.map(({ by }) => nodeKind(by))
  const layout = { kinds, salt: `nuages.db.page ${model.meta.label} ${orderKey(model, state)} ${kinds.join()}` }
  if (layouts.size >= MAX_LAYOUTS) layouts.clear()
  layouts.set(`${alias} ${state.key}`, layout)
  return layout
}

/** A secret field that a value is computed from, `accounts.User.password`. */
function secretIn(query: Query, node: SqlExpr): string | null {
  let found: string | null = null
  rewrite(node, (part) => {
    const meta = part.t === 'column' && part.table !== null ? query.joins.map.get(part.table)?.meta : undefined
    const field = meta?.columns.find(({ column, secret }) => secret && part.t === 'column' && column === part.column)
    if (field !== undefined) found = `${meta!.label}.${field.name}` // where a field is, its model is
    return null
  })
  return found
}

/** The order as text, the same whatever the rows are filtered by. */
function orderKey(model: AnyModel, state: State): string {
  const shape = new Shape()
  let items: readonly unknown[] = model.meta.orderBy
  let reversed = false
  for (const op of state.ops) {
    if (op.t === 'order') {
      items = op.items
      reversed = false
    } else if (op.t === 'reverse') reversed = !reversed
  }
  for (const item of items) {
    if (typeof item === 'string') shape.key += `${item} `
    else (item as { write(shape: Shape): void }).write(shape) // an Ordering
  }
  return shape.key + (reversed ? '!' : '')
}

/** One page. @throws QueryValueError db.bad-cursor, db.invalid-slice (status 400) */
export async function readPage(model: AnyModel, given: State, options: PageOptions): Promise<KeysetPage<unknown>> {
  assertOptions('page()', options, ['size', 'after', 'before'])
  const { size, after = null, before = null } = options
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new QueryValueError(`A page cannot have ${size} rows.`, {
      code: 'db.invalid-slice',
      status: 400,
      hint: 'Give a whole number from 1.',
    })
  }
  if (after !== null && before !== null) {
    throw new QueryValueError('page() was given both `after` and `before`.', {
      code: 'db.bad-cursor',
      status: 400,
      hint: 'A page begins behind a place or ends before one.',
    })
  }
  if (isSliced(given)) {
    throw new QueryUsageError('page() was called after slice().', {
      code: 'db.sliced-query',
      hint: 'Pages are cut by `size`.',
    })
  }
  const state = asTable(given)
  if (state.empty) return { rows: [], next: null, previous: null }
  const layout = layoutOf(model, state)
  const cursor = after ?? before
  const place = cursor === null ? null : openCursor(cursor, layout)
  const directed = before === null ? state : withReverse(state)
  const { rows, tails } = await fetched(model, withSlice(withPlace(directed, place), 0, size + 1), cursor !== null)
  const more = rows.length > size
  if (more) {
    rows.pop()
    tails.pop()
  }
  if (before !== null) {
    rows.reverse()
    tails.reverse()
  }
  if (state.prefetch.length > 0 && state.mode === 'instances' && rows.length > 0)
    await prefetch(model.meta, rows as AnyInstance[], state.prefetch) // mode 'instances'
  const first = tails[0]
  const last = tails.at(-1)
  const sealed = (values: readonly unknown[] | undefined): string | null =>
    values === undefined ? null : sealCursor(values, layout)
  return {
    rows,
    next: (before === null ? more : rows.length > 0) ? sealed(last) : null,
    previous: (before === null ? after !== null : more) ? sealed(first) : null,
  }
}

function withPlace(state: State, place: readonly unknown[] | null): State {
  const shape = startOp(state, LETTER.keyset)
  for (const value of place ?? []) {
    if (value === null) shape.key += '-'
    else shape.value(value)
  }
  return withOp(state, { t: 'keyset', nulls: place === null ? null : place.map((value) => value === null) }, shape)
}

/** Rows, and of each the values it is ordered by. */
async function fetched(
  model: AnyModel,
  state: State,
  placed: boolean,
): Promise<{ rows: unknown[]; tails: (readonly unknown[])[] }> {
  const db = databaseOf(model, state)
  const plan = rowsPlan(model, state, db)
  let raw: SqlRow[]
  try {
    raw = await planRows(db, plan, valuesOf(state))
  } catch (error) {
    if (placed && error instanceof DataError) throw badCursor(error)
    throw error
  }
  const rows = plan.hydrate!(raw, db.alias)
  introduce(state, rows)
  // Values that order come last in a row; see build.ts.
  const kinds = plan.tail!
  const decoders = kinds.map(({ kind, type }) => db.decoder(kind, type))
  const tails = raw.map((row) =>
    kinds.map(({ kind }, i) => {
      const value = row[row.length - kinds.length + i]
      if (value === null || value === undefined) return null
      if (kind === 'dateTime' && typeof value === 'string') return instantOf(value)
      return decoders[i] === null ? value : decoders[i]!(value)
    }),
  )
  return { rows, tails }
}

/** An instant with all of its digits: a Date has milliseconds, and the row after it may come sooner. */
function instantOf(text: string): unknown {
  return Temporal.Instant.from(`${text.slice(0, 10)}T${text.slice(11).replace(/(?:Z|[+-]00(?::?00)?)$/, '')}Z`)
}

// ------------------------------------------------------------------ cursors

function badCursor(cause?: unknown): QueryValueError {
  return new QueryValueError('The cursor of the page is not one of this list.', {
    code: 'db.bad-cursor',
    status: 400,
    hint: 'Pass on `next` and `previous` as they came, or begin at the first page.',
    ...(cause === undefined ? {} : { cause }),
  })
}

const unsignedKey = 'cursors of a process without a secret key'

function sealCursor(values: readonly unknown[], { kinds, salt }: Layout): string {
  const json = JSON.stringify(values.map((value, i) => (value === null ? null : plainOf(kinds[i]!, value))))
  const payload = Buffer.from(json).toString('base64url')
  try {
    return sign(payload, { salt, separator: '.' })
  } catch (error) {
    if (!(error instanceof SigningError)) throw error
    return sign(payload, { salt, separator: '.', key: unsignedKey })
  }
}

function openCursor(cursor: string, { kinds, salt }: Layout): unknown[] {
  if (typeof cursor !== 'string' || cursor.length > MAX_CURSOR) throw badCursor()
  let payload: string
  try {
    payload = unsealed(cursor, salt)
  } catch (error) {
    if (error instanceof BadSignature) throw badCursor(error)
    throw error
  }
  try {
    const values: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    if (!Array.isArray(values) || values.length !== kinds.length) throw badCursor()
    return values.map((value, i) => (value === null ? null : readValue(kinds[i]!, value)))
  } catch (error) {
    throw badCursor(error)
  }
}

function unsealed(cursor: string, salt: string): string {
  try {
    return unsign(cursor, { salt, separator: '.' })
  } catch (error) {
    if (!(error instanceof SigningError)) throw error
    return unsign(cursor, { salt, separator: '.', key: unsignedKey })
  }
}

/** A value as JSON has it. */
function plainOf(kind: Kind, value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean' || typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  if (kind === 'json' || value instanceof Uint8Array) {
    throw new QueryUsageError(`Rows that are ordered by ${kind === 'json' ? 'JSON' : 'binary values'} have no pages.`, {
      code: 'db.unpageable-order',
      hint: 'Order by something else: a column of numbers, text or dates.',
    })
  }
  return String(value)
}

/** A value of a cursor; throws where it is none. */
function readValue(kind: Kind, value: unknown): unknown {
  switch (kind) {
    case 'auto':
    case 'integer':
    case 'smallInteger':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw badCursor()
      return value
    case 'float':
      if (typeof value !== 'number' && typeof value !== 'string') throw badCursor()
      return Number(value)
    case 'boolean':
      if (typeof value !== 'boolean') throw badCursor()
      return value
    case 'bigInteger':
      return BigInt(textOf(value))
    case 'decimal':
      return new Decimal(textOf(value))
    case 'dateTime':
      return Temporal.Instant.from(textOf(value))
    case 'date':
      return Temporal.PlainDate.from(textOf(value))
    case 'time':
      return Temporal.PlainTime.from(textOf(value))
    case 'duration':
      return Temporal.Duration.from(textOf(value))
    default:
      return textOf(value)
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw badCursor()
  return value
}
