/** Rows of a list, drawn: values, links, and controls where the list itself is edited. */
import { isInstance } from '../../db/internal.ts'
import type { AnyModel, FieldMeta } from '../../db/models/meta.ts'
import type { Choice, FormField } from '../../forms/index.ts'
import { relatedKeyText, TOO_MANY } from '../../forms/internal.ts'
import { t } from '../../i18n/index.ts'
import { escapeHtml, markSafe, type SafeString } from '../../std/html.ts'
import { capitalize } from '../../std/text.ts'
import { namesOf } from '../addresses.ts'
import { rowWidget, searchOnly } from '../choosers.ts'
import { keyOf, nameOf } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { searchUrl } from '../relations.ts'
import { adminUrls } from '../urls.ts'
import { type Column, type Computed, computeColumns } from './columns.ts'
import { cellName, type Edit, type Editable, shownText, WAS } from './editable.ts'

/** The form that cells belong to, wherever in the page they are. */
export const EDIT_FORM = 'edit-rows'
/** The form that boxes belong to. */
export const ACTION_FORM = 'row-actions'

/** A cell, drawn. */
export interface Cell {
  readonly html: SafeString
  readonly label: string
  /** Class of the cell, or ''. */
  readonly css: string
  readonly url: string | null
}
/** A row, drawn. */
export interface ShownRow {
  readonly key: string
  readonly name: string
  readonly cells: readonly Cell[]
  /** What the cells that are edited show, to send along; null where none is. */
  readonly was: { readonly name: string; readonly value: string } | null
  /** Messages about the row as a whole. */
  readonly errors: readonly string[]
}

/** Draws the rows of a page. */
export async function drawRows(
  admin: ModelAdmin,
  columns: readonly Column[],
  rows: readonly object[],
  editable: Editable | null,
  edit: Edit | null,
): Promise<ShownRow[]> {
  const computed = await computeColumns(admin, columns, rows)
  const choices = new Map<string, readonly Choice[]>()
  for (const [name, field] of Object.entries(editable?.fields ?? {})) choices.set(name, await field.choices())
  const page: Page = { admin, columns, computed, editable, edit, choices }
  return Promise.all(rows.map((row) => drawRow(page, row)))
}

interface Page {
  readonly admin: ModelAdmin
  readonly columns: readonly Column[]
  readonly computed: Computed
  readonly editable: Editable | null
  readonly edit: Edit | null
  readonly choices: ReadonlyMap<string, readonly Choice[]>
}

async function drawRow(page: Page, row: object): Promise<ShownRow> {
  const { admin, columns, computed, editable, edit } = page
  const key = keyOf(row)
  const url = adminUrls.change({ ...namesOf(admin), key })
  const name = nameOf(row)
  const cells: Cell[] = []
  for (const column of columns) {
    const field = editable?.fields[column.name]
    if (field) {
      cells.push({
        html: drawControl(page, column, field, row, key, name),
        label: column.label,
        css: 'edit',
        url: null,
      })
      continue
    }
    const shown = column.show(row, column.expression ? computed.of(column, row) : undefined)
    cells.push({
      html: shown instanceof Promise ? await shown : shown,
      label: column.label,
      css: column.numeric ? 'number' : column.short ? 'short' : '',
      url: admin.links.includes(column.name) ? url : null,
    })
  }
  return { key, name, cells, was: editable && wasOf(admin, editable, row, key), errors: edit?.errors.get(key) ?? [] }
}

const metaOf = (admin: ModelAdmin, name: string): FieldMeta => admin.model.meta.fields.get(name)!

function wasOf(admin: ModelAdmin, { fields }: Editable, row: object, key: string) {
  const shown = Object.entries(fields).map(([name, field]) => [name, shownText(field, metaOf(admin, name), row)])
  return { name: WAS + key, value: JSON.stringify(Object.fromEntries(shown)) }
}

function drawControl(
  page: Page,
  column: Column,
  field: FormField,
  row: object,
  key: string,
  rowName: string,
): SafeString {
  const { admin, edit } = page
  const name = cellName(key, column.name)
  const errors = edit?.errors.get(name) ?? []
  const stored = shownText(field, metaOf(admin, column.name), row)
  const value = edit?.typed.get(name) ?? stored
  const offered = page.choices.get(column.name)!
  const isOffered = offered === TOO_MANY || offered.length === 0 || offered.some((choice) => choice.value === stored)
  const meta = metaOf(admin, column.name)
  const widget =
    offered === TOO_MANY && meta.relation ? boxFor(page, meta.relation.target, meta.name, row) : field.widget
  const html = widget.render({
    name,
    id: name,
    value,
    // A row chosen before that this user may not know of can stay.
    choices: isOffered || stored === '' ? offered : [...offered, { value: stored, label: t('as it is now') }],
    attributes: {
      ...field.attributes,
      ...(field.widget.type === 'textarea' ? { rows: 1 } : {}),
      form: EDIT_FORM,
      required: field.required,
      'aria-label': t('{column} of {row}', { column: capitalize(column.label), row: rowName }),
      'aria-describedby': errors.length ? `${name}:errors` : undefined,
      'aria-invalid': errors.length ? 'true' : undefined,
    },
  })
  if (errors.length === 0) return html
  const items = errors.map((message) => `<li>${escapeHtml(message)}</li>`).join('')
  return markSafe(`<div>${html}<ul class="errors" id="${escapeHtml(name)}:errors">${items}</ul></div>`)
}

/** A box for one of many rows, with the name of the one chosen now: the column has read it along. */
function boxFor({ admin, editable }: Page, target: AnyModel, name: string, row: object) {
  const chosen = (row as Record<string, unknown>)[name]
  const url = searchUrl(editable!.access, target, admin, name)
  const named: [string, string][] = isInstance(chosen) ? [[relatedKeyText(chosen, target.meta.pk), nameOf(chosen)]] : []
  return rowWidget(searchOnly(target.meta.verboseName, url, named))
}
