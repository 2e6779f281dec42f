/** Reads the rows of inlines: a bounded number of queries, whatever the number of rows. */

import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { AnyInstance } from '../../db/models/instance.ts'
import { keyId, keyValue } from '../../db/models/keys.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import { rowsOf } from '../../forms/internal.ts'
import { rowsFor } from '../access.ts'
import type { ResolvedInline } from './resolve.ts'

/** Rows of one parent shown on a page, and of each row of an inline; the others are in the list. */
const MOST_ROWS = 50
const MOST_INNER = 10
/** A request brings 1,000 values at most (`maxFields`): what a page sends stays below. */
const MOST_VALUES = 700

/** How many rows of an inline a page shows. */
export interface Room {
  readonly rows: number
  /** Inner rows, all parents together. */
  readonly inner: number
}

const valuesOf = ({ admin }: ResolvedInline): number => admin.fields.length + 3 // key, box, what was there

/** Shares the values of a page among its inlines. */
export function roomFor(inline: ResolvedInline, count: number): Room {
  const share = MOST_VALUES / count
  const inner = inline.inlines.reduce((sum, each) => sum + 4 + each.rules.extra * valuesOf(each), 0)
  const own = inline.inlines.length ? share / 2 : share
  const largest = Math.max(1, ...inline.inlines.map(valuesOf))
  return {
    rows: Math.max(3, Math.min(MOST_ROWS, Math.floor(own / (valuesOf(inline) + inner)))),
    inner: Math.floor(share / 2 / largest / Math.max(1, inline.inlines.length)),
  }
}

/** Rows to show, and how many there are in all; null: more, not counted. */
export interface ReadRows {
  readonly rows: readonly object[]
  readonly total: number | null
}
export const NO_ROWS: ReadRows = { rows: [], total: 0 }

/** Every row of a parent that exists for this user. */
export function rowsUnder(inline: ResolvedInline, request: AuthenticatedRequest, parent: object | null) {
  return rowsOf(rowsFor(inline.admin, request), inline.fk, parent)
}

/** What a form shows beside the columns is read with the rows, not row by row. */
function withRelations({ admin, model, fk }: ResolvedInline, rows: AnyModel['objects']): AnyModel['objects'] {
  const relations = admin.fields.map((name) => model.meta.fields.get(name)).filter((field) => field?.relation)
  const single = relations.filter((field) => field!.relation!.single && field !== fk).map((field) => field!.name)
  const many = relations.filter((field) => !field!.relation!.single).map((field) => field!.name)
  const joined = single.length ? rows.dynamicSelectRelated(...single) : rows
  return many.length ? joined.dynamicPrefetchRelated(...many) : joined
}

function ordered({ ordering, model }: ResolvedInline, rows: AnyModel['objects'], first: readonly string[] = []) {
  return rows.dynamicOrderBy(...first, ...ordering, ...model.meta.pk.map((field) => field.attname))
}

/** The first rows of a parent. */
export async function readRows(
  inline: ResolvedInline,
  request: AuthenticatedRequest,
  parent: object | null,
  most: number,
): Promise<ReadRows> {
  if (parent === null) return NO_ROWS
  const all = rowsUnder(inline, request, parent)
  const rows: object[] = await ordered(inline, withRelations(inline, all)).slice(0, most + 1)
  if (rows.length <= most) return { rows, total: rows.length }
  return { rows: rows.slice(0, most), total: await all.count() }
}

/** The first rows of each of these parents, in one query. */
export async function readInnerRows(
  inline: ResolvedInline,
  request: AuthenticatedRequest,
  parents: readonly object[],
  most: number,
): Promise<ReadonlyMap<object, ReadRows>> {
  const { targets } = inline.fk.relation!
  const keys = parents.map((parent) => keyValue(parent as AnyInstance, targets)) // rows of the parent's model
  if (keys.length === 0) return new Map()
  const all = rowsFor(inline.admin, request).dynamic({ [`${inline.fk.name}__in`]: keys })
  const found: object[] = await ordered(inline, withRelations(inline, all), [inline.fk.attname]).slice(0, most + 1)
  const isCut = found.length > most
  const byParent = Map.groupBy(found.slice(0, most), (row) =>
    keyId((row as Record<string, unknown>)[inline.fk.attname]),
  )
  return new Map(
    parents.map((parent, index) => {
      const rows = byParent.get(keyId(keys[index])) ?? []
      const whole = !isCut && rows.length <= MOST_INNER
      return [parent, { rows: rows.slice(0, MOST_INNER), total: whole ? rows.length : null }]
    }),
  )
}
