/** Sets of forms that belong to rows: those of a query set, or those of one parent. */
import { DataError } from '../db/errors.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import { ProtectedError, RestrictedError, RowVanishedError } from '../db/query/errors.ts'
import { allowRepeats } from '../db/repeats/allow.ts'
import { atomic } from '../db/transactions.ts'
import { t } from '../i18n/index.ts'
import { capitalize } from '../std/text.ts'
import { ValidationError } from '../validators.ts'
import type { BindOptions } from './form.ts'
import { FormSet, type SetParts, type SetRules, setParts } from './form-set.ts'
import type { FormSetRow } from './form-set-row.ts'
import { readManagement } from './management.ts'
import type { ModelForm, ModelFormDefinition } from './model-form.ts'
import { keyText, rowsByKey } from './row-keys.ts'
import type { FormInput } from './types.ts'

/** Why a set sends the same statement for each of its rows. */
const EACH = 'each row of a set of forms is checked and written by itself'

/** What `save()` did. */
export interface SetChanges<T> {
  readonly added: readonly T[]
  /** With the names of the fields that changed. */
  readonly changed: readonly { readonly row: T; readonly fields: readonly string[] }[]
  readonly deleted: readonly T[]
}

/** What may be done to the rows of a set. */
export interface RowRights {
  /** New rows; default true. Without it, forms without a row are not read, whatever was sent. */
  readonly canAdd?: boolean
  /** Changes to rows that are there; default true. Without it, they are shown, and what was sent is not read. */
  readonly canChange?: boolean
}

/** How a set of forms is made from rows. */
export interface RowSetParts {
  readonly model: AnyModel
  readonly prefix: string
  readonly rules: SetRules
  readonly rights: Required<RowRights>
  /** The form of a row, or of a new one. */
  readonly form: (
    row: object | null,
    index: number | null,
  ) => ModelFormDefinition<object> | Promise<ModelFormDefinition<object>>
  /** The rows that may be edited: what is sent is looked up among them, and nowhere else. */
  readonly rows: AnyModel['objects']
  /** Those that are shown, when they are read already; default: all of `rows`. */
  readonly shown?: readonly object[]
  /** Finds rows by the keys that were sent; default: among `rows`, in one query. */
  readonly find?: (keys: readonly string[]) => ReadonlyMap<string, object> | Promise<ReadonlyMap<string, object>>
  /** Rows that come with a key become new rows: the parent is one, too. */
  readonly copies?: boolean
  /** The forms read their choices themselves; default: once for all. */
  readonly ownChoices?: boolean
  /** Rows that are not shown, but count for `max`. */
  readonly others?: () => number
  /** Values that no form asks for: the parent. */
  readonly fixed?: Readonly<Record<string, unknown>>
  /** First values of new forms. */
  readonly initial?: readonly Readonly<Record<string, unknown>>[]
}

/** The name of the hidden control with a row's key: the key's own, as Django has it, unless a form writes it. */
export function keyName(model: AnyModel, fields: Readonly<Record<string, unknown>>): string {
  const [first, ...more] = model.meta.pk
  return more.length > 0 || Object.hasOwn(fields, first!.name) ? '__key' : first!.name
}

/** A set of forms bound to rows. Await `isValid()`, then `save()`. */
export class ModelFormSet<T> extends FormSet<ModelForm<T>> {
  readonly model: AnyModel
  readonly #others: number
  #saving: FormSetRow<ModelForm<T>> | null = null

  constructor(model: AnyModel, parts: SetParts<ModelForm<T>>, others: number) {
    super(parts)
    this.model = model
    this.#others = others
  }

  /** Each form is checked by itself: what it refers to, and what must be unique. */
  override isValid(): Promise<boolean> {
    return allowRepeats(EACH, () => super.isValid())
  }

  protected override get others(): number {
    return this.#others
  }

  /** Deletes, changes, then adds, together or not at all. Await `isValid()` first. */
  async save(): Promise<SetChanges<T>> {
    const added: T[] = []
    const changed: { row: T; fields: readonly string[] }[] = []
    const deleted: T[] = []
    await allowRepeats(EACH, () => atomic(() => this.#write(added, changed, deleted)))
    this.#saving = null
    return { added, changed, deleted }
  }

  async #write(added: T[], changed: { row: T; fields: readonly string[] }[], deleted: T[]): Promise<void> {
    for (const row of this.deleted) {
      const { instance } = row.form
      if (!instance) continue // one that was never saved, or that is gone already
      this.#saving = row
      deleted.push(instance)
      await (instance as unknown as { delete(): Promise<unknown> }).delete() // rows are instances of the model
    }
    const kept = this.kept.filter((row) => !row.isBlank)
    for (const row of [...kept.filter((each) => !each.isNew), ...kept.filter((each) => each.isNew)]) {
      this.#saving = row
      const saved = await row.form.save()
      if (row.isNew) added.push(saved)
      else if (row.form.changed.length) changed.push({ row: saved, fields: row.form.changed })
    }
  }

  /** Puts what `save()` threw at the form it is about. False for an error that no form is to blame for. */
  explain(error: unknown): boolean {
    const form = this.#saving?.form
    if (!form) return false
    if (error instanceof RowVanishedError) form.addError(null, goneMessage(this.model, true))
    else if (error instanceof ProtectedError || error instanceof RestrictedError)
      form.addError(null, t('This cannot be deleted: other rows refer to it.'))
    else if (error instanceof DataError)
      form.addError(null, t('The database cannot hold one of these values: it is too large, or not of the right kind.'))
    else if (error instanceof ValidationError) {
      // A rule that spoke only while the row was saved.
      for (const message of error.messages) form.addError(null, message)
      for (const [name, messages] of Object.entries(error.fields))
        for (const message of messages) form.addError(name in form.fields ? name : null, message)
    } else return form.explain(error)
    return true
  }

  /** What must be unique must be so among the forms too: the database knows only what was there before. */
  protected override async checkTogether(): Promise<void> {
    for (const fields of uniqueGroups(this.model)) this.#checkUnique(fields)
  }

  #checkUnique(fields: readonly FieldMeta[]): void {
    const written = fields.filter((field) => Object.hasOwn(this.emptyRow.form.fields, field.name))
    if (written.length === 0) return
    const seen = new Set<string>()
    for (const { form, deleted, isNew, isBlank } of this.rows) {
      if (deleted || (isNew && isBlank)) continue
      const row = (form.row ?? form.instance) as Record<string, unknown> | null
      const values = fields.map((field) => row?.[field.attname])
      // The parent of new rows has no key yet; it is the same for all.
      const known = values.filter((_, index) => written.includes(fields[index]!))
      if (known.some((value) => value === null || value === undefined)) continue
      const text = JSON.stringify(known.map(String))
      if (seen.has(text)) {
        const names = written.map((field) => capitalize(field.verboseName)).join(', ')
        const place = written.length === 1 && written[0]!.name in form.fields ? written[0]!.name : null
        form.addError(place, t('Another entry here has the same value: {fields}.', { fields: names }))
      }
      seen.add(text)
    }
  }
}

function uniqueGroups({ meta }: AnyModel): (readonly FieldMeta[])[] {
  const groups: (readonly FieldMeta[])[] = meta.columns.filter((field) => field.unique).map((field) => [field])
  if (meta.pk.some((field) => !field.generated)) groups.push(meta.pk)
  for (const constraint of meta.constraints)
    if (constraint.type === 'unique' && constraint.where === undefined)
      groups.push(constraint.fields.map((name) => meta.fields.get(name)!))
  return groups
}

function goneMessage(model: AnyModel, canAdd: boolean): string {
  const name = model.meta.verboseName
  return canAdd
    ? t('This {model} was deleted in the meantime. Save again to add it anew, or delete it here.', { model: name })
    : t('This {model} was deleted in the meantime. What you wrote is here for you to copy.', { model: name })
}

/** The keys that were sent for a set, to look up those of several sets at once. */
export function sentKeys(input: FormInput, prefix: string, rules: SetRules, name: string): string[] {
  const { total } = readManagement(input, prefix, rules)
  const keys = Array.from({ length: total }, (_, index) => input.get(`${prefix}-${index}-${name}`))
  return keys.filter((key): key is string => typeof key === 'string' && key !== '' && key.length < 1000)
}

/** Makes a set from rows: those shown, or those whose keys were sent. */
export async function bindRows(input: FormInput | null, parts: RowSetParts): Promise<ModelFormSet<object>> {
  const { model, prefix, rights, fixed = {}, initial = [] } = parts
  const rules = rights.canAdd ? parts.rules : { ...parts.rules, extra: 0, min: 0 }
  const empty = await parts.form(null, null)
  const name = keyName(model, empty.fields)
  const rows = new Map<number, object>()
  const gone = new Set<number>()
  const copied = new Set<number>()
  let count = 0
  if (input) {
    const sent = readManagement(input, prefix, rules)
    const keys = Array.from({ length: sent.total }, (_, index) => input.get(`${prefix}-${index}-${name}`))
    const texts = keys.filter((key): key is string => typeof key === 'string' && key !== '' && key.length < 1000)
    const found = new Map(parts.copies ? [] : await (parts.find?.(texts) ?? rowsByKey(model, parts.rows, texts)))
    for (const [index, key] of keys.entries()) {
      if (typeof key !== 'string' || key === '') continue
      if (parts.copies) {
        copied.add(index)
        continue
      }
      const row = found.get(key)
      // Attack: a key of somebody else's row, or one row twice. It is as if the row were gone.
      if (row) rows.set(index, row)
      else gone.add(index)
      found.delete(key)
    }
  } else {
    const shown = parts.shown ?? ((await parts.rows.slice(0, rules.absoluteMax)) as object[])
    for (const [index, row] of shown.entries()) rows.set(index, row)
    count = shown.length
  }
  const make = async ({ choices, ...bind }: BindOptions & { readonly prefix: string }, index: number | null) => {
    const row = index === null ? null : (rows.get(index) ?? null)
    const definition = row ? await parts.form(row, index) : empty
    const first = row || index === null ? undefined : initial[index - count]
    const options = {
      ...bind,
      ...(choices && !parts.ownChoices ? { choices } : {}),
      ...(row ? { instance: row, emptyPermitted: true } : {}),
      // A copy is a row, though all of its values may be those that a new one begins with.
      ...(index !== null && copied.has(index) ? { emptyPermitted: false } : {}),
      ...(first ? { initial: first } : {}),
      fixed,
    }
    const isRead = input && index !== null && (row === null || rights.canChange)
    const form = isRead ? await definition.bind(input, options) : await definition.empty(options)
    if (index !== null && gone.has(index)) form.addError(null, goneMessage(model, rights.canAdd))
    return form
  }
  const made = await setParts<ModelForm<object>>(prefix, rules, input, {
    initial: count,
    make,
    key: {
      name,
      of: (index) => (rows.has(index) ? keyText(model, rows.get(index)!) : null),
    },
    reads: (index) => rights.canAdd || rows.has(index) || gone.has(index),
  })
  return new ModelFormSet<object>(model, made, parts.others?.() ?? 0)
}
