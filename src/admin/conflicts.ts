/** A conflict as it is shown: for each field what this user wrote, what stands there now, who wrote it and when. */
import type { FieldMeta } from '../db/models/meta.ts'
import type { ModelForm } from '../forms/index.ts'
import { keyPath, readRelatedKey, relatedKeyText, TOO_MANY } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import type { SafeString } from '../std/html.ts'
import { rowsFor } from './access.ts'
import { nameOf } from './keys.ts'
import { type Author, authorsOf } from './log.ts'
import type { FormContext } from './row-form.ts'
import type { SentForm } from './saving.ts'
import { showValue } from './show.ts'
import { adminOf } from './site.ts'
import { KEEP } from './stale.ts'

/** One field of a conflict. */
export interface ShownConflict {
  /** Of the choice between the two. */
  readonly name: string
  readonly label: string
  readonly mine: SafeString
  readonly theirs: SafeString
  /** Null when it was not changed through the admin. */
  readonly author: Author | null
}

/** The fields that both sides changed. */
export async function shownConflicts({ form, context, comparison }: SentForm): Promise<ShownConflict[]> {
  const { conflicts, next } = comparison
  if (conflicts.length === 0) return []
  await form.prepare()
  const authors = await authorsOf(context.row!, conflicts, next.at)
  const shown: ShownConflict[] = []
  for (const name of conflicts) {
    const meta = context.admin.model.meta.fields.get(name)!
    shown.push({
      name: `${KEEP}${form.prefix}${name}`,
      label: meta.verboseName,
      mine: await shownValue(context, form, meta, sentValue(form, name)),
      theirs: await shownValue(context, form, meta, form.initial(name)),
      author: authors.get(name) ?? null,
    })
  }
  return shown
}

/** What was sent, as a value where it is one. */
function sentValue(form: ModelForm<object>, name: string): unknown {
  const raw = form.raw(name)
  if (raw === undefined || raw === '') return null
  try {
    return form.fields[name]!.parse(raw)
  } catch {
    if (form.model.meta.fields.get(name)?.relation) return null // no key: it names no row
    return Array.isArray(raw) ? raw.join(', ') : raw
  }
}

/** Longest list of related rows that is written out. */
const MOST_NAMED = 100

async function shownValue(
  context: FormContext,
  form: ModelForm<object>,
  meta: FieldMeta,
  value: unknown,
): Promise<SafeString> {
  // showValue() hides what is secret; of a relation, the name of the row would tell it.
  if (!meta.relation || meta.secret) return showValue(value, meta, { whole: true })
  const keys = form.fields[meta.name]!.format(value)
  if (keys === null || keys.length === 0) return showValue(null)
  const names = await relatedNames(context, form, meta, (typeof keys === 'string' ? [keys] : keys).slice(0, MOST_NAMED))
  return showValue(names.join(', '), null, { whole: true })
}

/** Names of the rows with these keys, as far as this user may choose them. */
async function relatedNames(
  { request }: FormContext,
  form: ModelForm<object>,
  meta: FieldMeta,
  keys: readonly string[],
): Promise<string[]> {
  const choices = form.choicesOf(meta.name)
  let names = new Map(choices.map((choice) => [choice.value, String(choice.label)]))
  if (choices === TOO_MANY) {
    const { target, targets } = meta.relation!
    const admin = adminOf(target)
    const rows: object[] = await (admin ? rowsFor(admin, request) : target.objects.all()).dynamic({
      [`${keyPath(targets)}__in`]: keys.flatMap((text) => cleaned(targets, text)),
    })
    names = new Map(rows.map((row) => [relatedKeyText(row, targets), nameOf(row)]))
  }
  return keys.map((text) => names.get(text) ?? t('another {model}', { model: meta.relation!.target.meta.verboseName }))
}

function cleaned(targets: readonly FieldMeta[], text: string): unknown[] {
  try {
    return [readRelatedKey(text, targets)]
  } catch {
    return []
  }
}
