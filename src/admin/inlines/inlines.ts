/**
 * The inlines of a page, for the views: read or bound with the parent's form, saved in its transaction, told in its
 * history.
 */
import { type ModelForm, renderErrors } from '../../forms/index.ts'
import type { FormInput } from '../../forms/internal.ts'
import { nameOf } from '../keys.ts'
import type { InlineMessage } from '../log.ts'
import type { FormContext } from '../row-form.ts'
import { bindInlines, type InlineNode, type RowSet } from './nodes.ts'
import { inlinesOf } from './resolve.ts'

/** How a page's inlines are loaded. */
export interface LoadOptions {
  /** What was sent; null: as they are stored. */
  readonly input?: FormInput | null
  /** The parent's form: of a new row, its rules may see what the form says. Await its `isValid()` first. */
  readonly form?: ModelForm<object>
  /** Whether the parent can be changed; default true. */
  readonly editable?: boolean
}

/** The inlines of one page. */
export class Inlines {
  readonly nodes: readonly InlineNode[]
  readonly isBound: boolean
  #saving: RowSet | null = null

  constructor(nodes: readonly InlineNode[], isBound: boolean) {
    this.nodes = nodes
    this.isBound = isBound
  }

  /** Whether every row, and every set, is faultless. */
  get isValid(): boolean {
    return allSets(this.nodes).every((set) => isFaultless(set))
  }

  /** The messages above a form, which tells of faults in rows too. */
  summary(form: ModelForm<object>): string {
    if (this.isValid) return renderErrors(form)
    const errors = { ...form.errors, rows: [''] }
    return renderErrors({ errors, nonFieldErrors: form.nonFieldErrors, *[Symbol.iterator]() {} })
  }

  /** Writes every row; the parent is saved before, in the same transaction. Gives what the history is to say. */
  async save(): Promise<InlineMessage[]> {
    const messages: InlineMessage[] = []
    for (const node of this.nodes) await this.#saveNode(node, messages)
    this.#saving = null
    return messages
  }

  async #saveNode({ set, inline, inner }: InlineNode, messages: InlineMessage[]): Promise<void> {
    if (!set.isBound) return
    this.#saving = set
    const { verboseName: name, fields: metas } = inline.model.meta
    // Named before they are gone.
    const deletedNames = new Map(
      set.deleted.flatMap(({ form }) => (form.instance ? [[form.instance, nameOf(form.instance)] as const] : [])),
    )
    const { added, changed, deleted } = await set.save()
    for (const row of added) messages.push({ added: { name, object: nameOf(row) } })
    for (const { row, fields } of changed)
      messages.push({
        changed: { name, object: nameOf(row), fields: fields.map((each) => metas.get(each)?.verboseName ?? each) },
      })
    for (const row of deleted) messages.push({ deleted: { name, object: deletedNames.get(row) ?? nameOf(row) } })
    for (const [row, nodes] of inner) if (!row.deleted) for (const node of nodes) await this.#saveNode(node, messages)
  }

  /** Puts what `save()` threw at the row it is about. False where no row is to blame. */
  explain(error: unknown): boolean {
    return this.#saving?.explain(error) ?? false
  }
}

function* setsOf(nodes: readonly InlineNode[]): Generator<RowSet> {
  for (const { set, inner } of nodes) {
    yield set
    for (const below of inner.values()) yield* setsOf(below)
  }
}
const allSets = (nodes: readonly InlineNode[]): RowSet[] => [...setsOf(nodes)]

function isFaultless(set: RowSet): boolean {
  return (
    set.nonFormErrors.length === 0 &&
    set.rows.every((row) => (row.deleted ? row.form.nonFieldErrors.length === 0 : row.isFaultless))
  )
}

const bound = new WeakMap<ModelForm<object>, Inlines>()

/** The inlines that were sent with a form, once {@link validateAll} has bound them. */
export const inlinesSentWith = (form: ModelForm<object>): Inlines | null => bound.get(form) ?? null

/** Validates a form and the inlines that were sent with it, so that all errors are told at once. */
export async function validateAll(context: FormContext, form: ModelForm<object>, input: FormInput): Promise<boolean> {
  const valid = await form.isValid()
  const inlines = await loadInlines(context, { input, form })
  bound.set(form, inlines)
  return valid && inlines.isValid
}

/** Reads, or binds and validates, the inlines of a row; there may be none. */
export async function loadInlines(context: FormContext, options: LoadOptions = {}): Promise<Inlines> {
  const { request, access, admin, row } = context
  const { input = null, form, editable = true } = options
  const inlines = inlinesOf(admin.model, admin.inlines)
  if (inlines.length === 0) return new Inlines([], input !== null)
  const parent = row ?? form?.row ?? form?.instance ?? (input ? new admin.model() : null)
  const nodes = await bindInlines(
    { request, access, editable, input, isNew: row === null },
    inlines,
    parent,
    row !== null,
  )
  return new Inlines(nodes, input !== null)
}
