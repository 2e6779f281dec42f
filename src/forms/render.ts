/**
 * The one renderer. Each control has its label, its help and its errors, tied together for screen readers
 * (`aria-describedby`, `aria-invalid`); groups of boxes are a fieldset with a legend.
 */
import { t } from '../i18n/index.ts'
import { escapeHtml, markSafe, type SafeString } from '../std/html.ts'
import { capitalize } from '../std/text.ts'
import type { BoundField } from './form.ts'
import { attributesHtml } from './widgets.ts'

/** Anything that gives bound fields and messages of its own. */
export interface Renderable extends Iterable<BoundField> {
  readonly nonFieldErrors: readonly string[]
  readonly errors: Readonly<Record<string, readonly string[]>>
}

/** The control alone, with its accessibility attributes. */
export function renderControl(bound: BoundField): SafeString {
  const { field, id, errors } = bound
  const described = [bound.helpText ? `${id}_help` : '', errors.length ? `${id}_errors` : ''].filter(Boolean).join(' ')
  const control = field.widget.render({
    name: bound.htmlName,
    id,
    value: bound.value,
    choices: bound.choices,
    initial: bound.initial,
    raw: bound.raw,
    attributes: {
      ...field.attributes,
      required: bound.required,
      disabled: field.disabled,
      'aria-describedby': described || undefined,
      'aria-invalid': errors.length ? 'true' : undefined,
    },
  })
  const { remembered } = bound
  return remembered ? markSafe(`${control}<input${attributesHtml({ type: 'hidden', ...remembered })}>`) : control
}

/** Label, control, help and errors of one field. */
export function renderField(bound: BoundField): string {
  const { field } = bound
  const id = escapeHtml(bound.id)
  const control = renderControl(bound).toString()
  if (field.widget.hidden) return control
  const label = escapeHtml(capitalize(String(bound.label)))
  const optional =
    field.required || field.widget.type === 'checkbox'
      ? ''
      : ` <span class="optional">${escapeHtml(t('optional'))}</span>`
  const help = bound.helpText ? `<p class="help" id="${id}_help">${escapeHtml(bound.helpText)}</p>` : ''
  const errors = bound.errors.length
    ? `<ul class="errors" id="${id}_errors">${bound.errors.map((message) => `<li>${escapeHtml(message)}</li>`).join('')}</ul>`
    : ''
  const state = `field field-${escapeHtml(field.widget.type)}${bound.errors.length ? ' has-errors' : ''}`
  if (field.widget.grouped)
    return `<fieldset class="${state}"><legend>${label}${optional}</legend>${errors}${control}${help}</fieldset>`
  if (field.widget.type === 'checkbox')
    return `<div class="${state}">${errors}<label for="${id}">${control} ${label}</label>${help}</div>`
  return `<div class="${state}"><label for="${id}">${label}${optional}</label>${errors}${control}${help}</div>`
}

/** Messages about the whole form, announced when the page opens. */
export function renderErrors(form: Renderable): string {
  if (Object.keys(form.errors).length === 0) return ''
  const messages = form.nonFieldErrors.length ? form.nonFieldErrors : [t('Please correct what is marked below.')]
  return `<div class="form-errors" role="alert">${messages.map((message) => `<p>${escapeHtml(message)}</p>`).join('')}</div>`
}

export function renderForm(form: Renderable): string {
  let html = renderErrors(form)
  for (const bound of form) html += renderField(bound)
  return html
}
