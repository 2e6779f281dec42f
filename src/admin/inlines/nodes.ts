/** The inlines of one page: their form sets, and those of their rows. Bound and checked together with the parent. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { ModelForm, ModelFormDefinition, ModelFormSet } from '../../forms/index.ts'
import { bindRows, type FormInput, keyName, relatedKeyText, rowsByKey, sentKeys } from '../../forms/internal.ts'
import { t } from '../../i18n/index.ts'
import { type Access, rowsFor } from '../access.ts'
import { isAllowed, judgeDeletion } from '../deletion.ts'
import { rowForm } from '../row-form.ts'
import { compare } from '../stale.ts'
import { NO_ROWS, type ReadRows, readInnerRows, readRows, roomFor, rowsUnder } from './read.ts'
import type { ResolvedInline } from './resolve.ts'
import { type InlineRights, rightsFor } from './rights.ts'

export type RowSet = ModelFormSet<object>
export type SetRow = RowSet['rows'][number]

/** An inline under one parent. */
export interface InlineNode {
  readonly inline: ResolvedInline
  readonly rights: InlineRights
  readonly parent: object | null
  readonly set: RowSet
  /** Rows of the parent in all; null: more than are shown. */
  readonly total: number | null
  /** Inlines of each row; of the form that new ones are made from, too. */
  readonly inner: ReadonlyMap<SetRow, readonly InlineNode[]>
}

/** Who edits which parent. */
export interface Page {
  readonly request: AuthenticatedRequest
  readonly access: Access
  readonly editable: boolean
  readonly input: FormInput | null
  /** The parent is not saved yet: keys of rows mean nothing, rows that have one become new. */
  readonly isNew?: boolean
}

/** The forms of an inline's rows, as this user may fill them in. */
class RowForms {
  readonly #page: Page
  readonly #inline: ResolvedInline
  readonly #rights: InlineRights
  readonly #shared = new Map()
  #empty: Promise<ModelFormDefinition<object>> | null = null

  constructor(page: Page, inline: ResolvedInline, rights: InlineRights) {
    this.#page = page
    this.#inline = inline
    this.#rights = rights
  }

  get empty(): Promise<ModelFormDefinition<object>> {
    this.#empty ??= this.#make(null, this.#rights.add)
    return this.#empty
  }

  async of(row: object | null): Promise<ModelFormDefinition<object>> {
    if (row === null) return this.empty
    return this.#make(row, this.#rights.change && (await this.#page.access.mayTouch(row)))
  }

  #make(row: object | null, writes: boolean): Promise<ModelFormDefinition<object>> {
    const { request, access } = this.#page
    const admin = writes ? this.#inline.admin : { ...this.#inline.admin, fields: [] }
    return rowForm({ request, access, admin, row, shared: this.#shared })
  }
}

/** Binds the inlines of a parent, and those of their rows. `parent`: saved, not saved yet, or null. */
export async function bindInlines(
  page: Page,
  inlines: readonly ResolvedInline[],
  parent: object | null,
  isSaved: boolean,
): Promise<InlineNode[]> {
  const nodes: InlineNode[] = []
  const { request, input } = page
  for (const inline of inlines) {
    const rights = rightsFor(inline, page.access, page.editable)
    if (!rights.view && !rights.add) continue
    const saved = isSaved && rights.view ? parent : null
    const room = roomFor(inline, inlines.length)
    const forms = new RowForms(page, inline, rights)
    const read = input
      ? { rows: [], total: await countOf(inline, request, saved) }
      : await readRows(inline, request, saved, room.rows)
    const rows = rowsUnder(inline, request, saved)
    const find = (keys: readonly string[]) => rowsByKey(inline.model, rows, keys)
    const set = await bindSet(page, inline, rights, forms, { prefix: inline.prefix, parent, read, find })
    const inner = await bindInner(page, inline, set, room.inner)
    nodes.push({ inline, rights, parent, set, total: read.total, inner })
  }
  return nodes
}

async function countOf(inline: ResolvedInline, request: AuthenticatedRequest, parent: object | null): Promise<number> {
  return parent ? rowsUnder(inline, request, parent).count() : 0
}

interface Under {
  readonly prefix: string
  readonly parent: object | null
  readonly read: ReadRows
  readonly find: (keys: readonly string[]) => Promise<Map<string, object>>
  /** Default: the inline's. */
  readonly extra?: number
  readonly isEmpty?: boolean
}

/** One set, validated where something was sent. */
async function bindSet(
  page: Page,
  inline: ResolvedInline,
  rights: InlineRights,
  forms: RowForms,
  { prefix, parent, read, find, extra = inline.rules.extra, isEmpty = false }: Under,
): Promise<RowSet> {
  const input = isEmpty ? null : page.input
  let found = 0
  const set = await bindRows(input, {
    model: inline.model,
    prefix,
    rules: { ...inline.rules, extra, canDelete: rights.delete },
    rights: { canAdd: rights.add, canChange: rights.change },
    form: (row) => forms.of(row),
    rows: inline.model.objects.none(), // looked up by `find` only
    shown: read.rows,
    find: async (keys) => {
      const rows = await find(keys)
      found = rows.size
      return rows
    },
    others: () => Math.max(0, (read.total ?? 0) - (input ? found : read.rows.length)),
    ownChoices: true,
    copies: page.isNew ?? false,
    fixed: { [inline.fk.name]: parent },
  })
  if (input) {
    for (const row of set.rows) if (row.form.instance && !row.deleted) keepTheirs(row.form, row.form.instance, input)
    await set.isValid()
    await checkDeletions(set, page.access)
  }
  return set
}

/** What somebody else changed in the meantime stays, unless this user changed it too: then they are asked. */
function keepTheirs(form: ModelForm<object>, row: object, input: FormInput): void {
  if (!form.isBound) return
  const { theirs, conflicts } = compare(form, row, input)
  for (const name of theirs) form.keepInitial(name)
  for (const name of conflicts) {
    const field = form.fields[name]!
    const isShown = field.widget.showsValue !== false && !form.model.meta.fields.get(name)?.secret
    const value = isShown ? form.shownText(name) || '–' : '••••••'
    const label = new Map(conflictLabels(form, name)).get(value) ?? value
    form.addError(
      name,
      t('Changed by somebody else in the meantime, to: {value}. Save again to write yours.', { value: label }),
    )
  }
}

/** Choices that are read already, by their keys. */
function* conflictLabels(form: ModelForm<object>, name: string): Generator<[string, string]> {
  const choices = form.fields[name]!.choices()
  if (Array.isArray(choices)) for (const { value, label } of choices) yield [value, String(label)]
  else (choices as Promise<unknown>).catch(() => {}) // not waited for: the key is told instead
}

/** Deleting a row must not be a way to delete what one may not delete. */
async function checkDeletions(set: RowSet, access: Access): Promise<void> {
  const rows = set.deleted.filter((row) => row.form.instance)
  const allowed = async (instances: readonly object[]) => isAllowed(await judgeDeletion(instances, access))
  const touched = await Promise.all(rows.map((row) => access.mayTouch(row.form.instance!)))
  for (const [index, row] of rows.entries()) if (!touched[index]) row.form.addError(null, t('You may not delete this.'))
  if (rows.length === 0 || (await allowed(rows.map((row) => row.form.instance!)))) return
  for (const row of rows) {
    const verdict = await judgeDeletion([row.form.instance!], access)
    if (verdict.missing.length)
      row.form.addError(
        null,
        t('Deleting this would delete {names}, which you may not.', { names: verdict.missing.join(', ') }),
      )
    else if (verdict.blocked.length)
      row.form.addError(
        null,
        t('This cannot be deleted, because of: {names}.', {
          names: verdict.blocked.map(({ label }) => label).join(', '),
        }),
      )
  }
}

/** The inlines of each row of a set: their rows are read in one query for each inline. */
async function bindInner(
  page: Page,
  outer: ResolvedInline,
  set: RowSet,
  most: number,
): Promise<ReadonlyMap<SetRow, readonly InlineNode[]>> {
  const { request, input, access, editable } = page
  const all = new Map<SetRow, InlineNode[]>()
  for (const inline of outer.inlines) {
    const rights = rightsFor(inline, access, editable)
    if (!rights.view && !rights.add) continue
    const forms = new RowForms(page, inline, rights)
    const prefixOf = (row: SetRow) => `${row.prefix}${inline.prefix}`
    const parents = rights.view ? set.rows.flatMap(({ form }) => (form.instance ? [form.instance] : [])) : []
    const read = input ? new Map<object, ReadRows>() : await readInnerRows(inline, request, parents, most)
    const sent = input ? await findInner(page, inline, set, await forms.empty, prefixOf) : new Map<string, object>()
    for (const row of [...set.rows, set.emptyRow]) {
      const { instance } = row.form
      const parent = instance ?? row.form.row ?? (row === set.emptyRow ? null : new outer.model())
      const key = instance && relatedKeyText(instance, inline.fk.relation!.targets)
      const of = read.get(instance ?? row) ?? { ...NO_ROWS, total: input && instance ? null : 0 }
      const inner = await bindSet(page, inline, rights, forms, {
        prefix: prefixOf(row),
        parent,
        read: of,
        // Attack: the key of a row under another parent.
        find: async (keys) =>
          new Map(
            keys.flatMap((each) => {
              const found = sent.get(each) as Record<string, unknown> | undefined
              return found && instance && String(found[inline.fk.attname]) === key ? [[each, found] as const] : []
            }),
          ),
        ...(row.isNew ? { extra: 0 } : {}),
        isEmpty:
          row === set.emptyRow || (input !== null && (row.deleted || !input.has(`${prefixOf(row)}-TOTAL_FORMS`))),
      })
      checkBelonging(row, inner)
      const node = { inline, rights, parent, set: inner, total: of.total, inner: new Map() }
      all.set(row, [...(all.get(row) ?? []), node])
    }
  }
  return all
}

/** The rows that were sent under any row of a set, in one query. */
async function findInner(
  { request, input }: Page,
  inline: ResolvedInline,
  set: RowSet,
  empty: ModelFormDefinition<object>,
  prefixOf: (row: SetRow) => string,
): Promise<Map<string, object>> {
  const name = keyName(inline.model, empty.fields)
  const keys = set.rows.flatMap((row) => sentKeys(input!, prefixOf(row), inline.rules, name))
  return rowsByKey(inline.model, rowsFor(inline.admin, request), keys)
}

/** Rows below one that is left empty would belong to nothing. */
function checkBelonging(row: SetRow, inner: RowSet): void {
  if (row.isNew && row.isBlank && !row.deleted && row.index !== null && inner.isBound && inner.hasChanged())
    row.form.addError(null, t('Fill this in, too: what is below belongs to it.'))
}
