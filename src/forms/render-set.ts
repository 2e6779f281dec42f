/** A form set as HTML: each form a fieldset with a legend, errors where they belong, and an inert form to copy. */
import { t } from '../i18n/index.ts'
import { escapeHtml } from '../std/html.ts'
import type { AnyForm } from './form.ts'
import type { FormSet } from './form-set.ts'
import type { FormSetRow } from './form-set-row.ts'
import { renderErrors, renderField } from './render.ts'

/** Messages about the set as a whole, announced when the page opens. */
export function renderSetErrors(set: FormSet<AnyForm>): string {
  if (set.nonFormErrors.length === 0) return ''
  const texts = set.nonFormErrors.map((message) => `<p>${escapeHtml(message)}</p>`).join('')
  return `<div class="form-errors" role="alert">${texts}</div>`
}

/** One form of a set. */
export function renderSetRow(row: FormSetRow<AnyForm>): string {
  const number = row.index === null ? '' : ` ${row.index + 1}`
  const general = row.nonFieldErrors.length ? renderErrors({ ...onlyGeneral(row), [Symbol.iterator]: none }) : ''
  let html = `<fieldset class="form-row" data-form-row><legend>${escapeHtml(t('Entry'))}${number}</legend>${row.hidden}${general}`
  for (const bound of row) html += renderField(bound)
  return `${html}</fieldset>`
}
const onlyGeneral = ({ nonFieldErrors, errors }: FormSetRow<AnyForm>) => ({ nonFieldErrors, errors })
function* none(): Generator<never> {}

/** The whole set. */
export function renderFormSet(set: FormSet<AnyForm>): string {
  const prefix = escapeHtml(set.prefix)
  let html = `<div class="form-set" data-form-set="${prefix}">${set.management}${renderSetErrors(set)}`
  for (const row of set.rows) html += renderSetRow(row)
  return `${html}<template data-form-empty>${renderSetRow(set.emptyRow)}</template></div>`
}
