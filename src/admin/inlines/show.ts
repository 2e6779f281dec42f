/** What the templates of inlines show. */

import { renderErrors, renderField } from '../../forms/index.ts'
import { relatedKeyText } from '../../forms/internal.ts'
import { t } from '../../i18n/index.ts'
import { escapeHtml, markSafe, type SafeString } from '../../std/html.ts'
import { capitalize, humanize } from '../../std/text.ts'
import { listUrl, namesOf } from '../addresses.ts'
import { keyOf, nameOf } from '../keys.ts'
import { shownFields } from '../row-form.ts'
import { STATE, stateOf, writeState } from '../stale.ts'
import { adminUrls } from '../urls.ts'
import type { InlineNode, Page, SetRow } from './nodes.ts'
import type { ResolvedInline } from './resolve.ts'

/** A row of an inline, drawn. */
export interface ShownRow {
  readonly title: string
  readonly isNew: boolean
  readonly wrong: boolean
  /** Hidden controls. */
  readonly hidden: SafeString
  /** Messages about the row as a whole. */
  readonly errors: SafeString
  readonly cells: readonly { readonly label: string; readonly html: SafeString | ''; readonly kind: string }[]
  readonly deleteBox: { readonly name: string; readonly id: string; readonly checked: boolean } | null
  readonly changeUrl: string | null
  readonly inlines: readonly ShownInline[]
  /** Columns of the table, for a cell that takes all of them. */
  readonly span: number
}

/** An inline, drawn. */
export interface ShownInline {
  readonly prefix: string
  readonly title: string
  readonly name: string
  readonly tabular: boolean
  readonly nested: boolean
  readonly management: SafeString
  readonly errors: readonly string[]
  readonly heads: readonly { readonly label: string; readonly optional: boolean; readonly help: string }[]
  readonly rows: readonly ShownRow[]
  /** What new rows are made from; null where none can be added. */
  readonly empty: ShownRow | null
  readonly canDelete: boolean
  /** Rows that are not shown, in words; with the list that has them, where the user may see it. */
  readonly more: { readonly text: string; readonly url: string | null } | null
}

/** Draws the inlines of a page. */
export async function shownInlines(page: Page, nodes: readonly InlineNode[], nested = false): Promise<ShownInline[]> {
  const shown: ShownInline[] = []
  for (const node of nodes) shown.push(await showInline(page, node, nested))
  return shown
}

async function showInline(page: Page, node: InlineNode, nested: boolean): Promise<ShownInline> {
  const { inline, set, rights } = node
  const { fields, columns } = inline.admin
  const span = fields.length + 1
  const rows: ShownRow[] = []
  for (const row of set.rows) rows.push(await showRow(page, node, row, span))
  return {
    prefix: set.prefix,
    title: inline.title,
    name: inline.model.meta.verboseName,
    tabular: inline.layout === 'tabular',
    nested,
    management: set.management,
    errors: set.nonFormErrors,
    heads: fields.map((name) => {
      const field = Object.hasOwn(columns, name) ? undefined : inline.model.meta.fields.get(name)
      const label = field?.verboseName ?? String(columns[name]?.label ?? humanize(name))
      const control = set.emptyRow.form.fields[name]
      return {
        label: capitalize(label),
        optional: control ? !control.required && control.widget.type !== 'checkbox' : false,
        help: field?.helpText ?? '',
      }
    }),
    rows,
    empty: rights.add ? await showRow(page, node, set.emptyRow, span) : null,
    canDelete: rights.delete,
    more: moreOf(page, node),
  }
}

/** The rows that are not on the page, and where they are. */
function moreOf({ access }: Page, { inline, parent, set, total, rights }: InlineNode): ShownInline['more'] {
  const count = set.rows.filter((row) => !row.isNew).length
  if (parent === null || !rights.view || (total !== null && total <= count)) return null
  const { verboseNamePlural: names } = inline.model.meta
  const url = inline.shown && access.may('view', inline.model) ? childrenUrl(inline, parent) : null
  if (total === null) return url === null ? null : { text: t('All {names}', { names }), url }
  return {
    text: t('{count} of {total} {names} are shown here; the others stay as they are.', { count, total, names }),
    url,
  }
}

/** The list of a child, with the rows of this parent only where the list can be narrowed so. */
function childrenUrl({ shown, fk }: ResolvedInline, parent: object): string {
  const key = relatedKeyText(parent, fk.relation!.targets)
  return listUrl(shown!, new URLSearchParams({ [fk.name]: key }).toString())
}

async function showRow(page: Page, node: InlineNode, row: SetRow, span: number): Promise<ShownRow> {
  const { inline, rights } = node
  const { form } = row
  const { instance } = form
  await form.prepare() // a row that is to be deleted was not validated
  const stored = row.isNew ? null : instance
  const { request, access } = page
  const cells: ShownRow['cells'][number][] = []
  for (const name of inline.admin.fields) {
    const known = Object.hasOwn(form.fields, name)
    const field = inline.model.meta.fields.get(name)
    const label = capitalize(String(inline.admin.columns[name]?.label ?? field?.verboseName ?? humanize(name)))
    const [value] =
      known || !stored
        ? []
        : await shownFields({ request, access, admin: { ...inline.admin, fields: [name] }, row: stored }, form, false)
    const html = known ? markSafe(renderField(form.field(name))) : (value?.html ?? '')
    cells.push({ label, html, kind: known ? form.fields[name]!.widget.type : 'value' })
  }
  const box = rights.delete || row.isNew ? row.deleteBox : null
  const state = stored && form.isBound === (page.input !== null) && Object.keys(form.fields).length > 0
  return {
    title: stored ? nameOf(stored) : t('New {model}', { model: inline.model.meta.verboseName }),
    isNew: row.isNew,
    wrong: !row.isFaultless,
    hidden: markSafe(
      row.hidden.toString() +
        (state
          ? `<input type="hidden" name="${escapeHtml(form.prefix + STATE)}" value="${escapeHtml(writeState(stateOf(form, stored!)))}">`
          : ''),
    ),
    errors: markSafe(
      row.nonFieldErrors.length
        ? renderErrors({ errors: form.errors, nonFieldErrors: row.nonFieldErrors, *[Symbol.iterator]() {} })
        : '',
    ),
    cells,
    deleteBox: box && { name: box.htmlName, id: box.id, checked: row.deleted },
    changeUrl:
      stored && inline.showChangeLink && inline.shown && access.may('view', inline.model)
        ? adminUrls.change({ ...namesOf(inline.shown), key: keyOf(stored) })
        : null,
    inlines: await shownInlines(page, node.inner.get(row) ?? [], true),
    span,
  }
}
