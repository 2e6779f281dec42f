/** Controls of the admin's forms, drawn so that they work without a script and are better with one. */
import type { Choice, Widget, WidgetContext } from '../forms/index.ts'
import { attributesHtml, manyWidget, passwordInput, select, TOO_MANY } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { escapeHtml, markSafe, type SafeString } from '../std/html.ts'
import { capitalize } from '../std/text.ts'

function choiceBox(context: WidgetContext, choice: Choice, index: number, chosen: ReadonlySet<string>): string {
  const attributes = {
    type: 'checkbox',
    name: context.name,
    id: `${context.id}_${index}`,
    value: choice.value,
    checked: chosen.has(choice.value),
    disabled: context.attributes.disabled,
  }
  return `<label><input${attributesHtml(attributes)}> <span>${escapeHtml(choice.label)}</span></label>`
}

function drawPicker(context: WidgetContext): SafeString {
  const { choices, value, id } = context
  if (choices.length === 0) return markSafe(`<p class="quiet">${escapeHtml(t('There is nothing to choose from.'))}</p>`)
  const chosen = new Set(value === null ? [] : typeof value === 'string' ? [value] : value)
  let html = ''
  let group: string | undefined
  for (const [index, choice] of choices.entries()) {
    const label = choice.group === undefined ? undefined : String(choice.group)
    if (label !== group) {
      if (group !== undefined) html += '</div>'
      if (label !== undefined)
        html += `<div class="group" role="group" aria-label="${escapeHtml(label)}"><span class="heading" aria-hidden="true">${escapeHtml(label)}</span>`
      group = label
    }
    html += choiceBox(context, choice, index, chosen)
  }
  if (group !== undefined) html += '</div>'
  const words = { 'data-filter': t('Filter'), 'data-chosen': t('chosen'), 'data-none': t('Nothing matches.') }
  return markSafe(
    `<div${attributesHtml({ class: 'picker', id, 'data-picker': true, ...words })}><div class="choices" tabindex="-1">${html}</div></div>`,
  )
}

/** Any number of rows: boxes that scroll, with a filter where there is a script; keys where the table is large. */
export const picker: Widget = manyWidget({
  type: 'picker',
  grouped: true,
  render: drawPicker,
  read: (input, name) => input.getAll(name),
})

/** Where the rows of a large table are found. */
export interface Lookup {
  /** The model's name. */
  readonly name: string
  /** The list; null where the user may not see it. */
  readonly listUrl: string | null
  /** Answers `?q=` with rows that fit, as JSON. */
  readonly choicesUrl: string | null
  /** The name of the row chosen now, when it is known. */
  current: string | null
}

/** One row: a `<select>` for a small table; a box for the key that searches, where the table is large. */
export function rowWidget(lookup: Lookup): Widget {
  return {
    ...select,
    render(context) {
      if (context.choices !== TOO_MANY) return select.render(context)
      const { name, id, value, attributes } = context
      const key = typeof value === 'string' ? value : ''
      const box = attributesHtml({
        type: 'text',
        name,
        id,
        value: key,
        autocomplete: 'off',
        placeholder: t('key'),
        list: lookup.choicesUrl ? `${id}_rows` : undefined,
        'data-lookup': lookup.choicesUrl ?? undefined,
        ...attributes,
      })
      const current = key && lookup.current ? escapeHtml(lookup.current) : ''
      const find = lookup.listUrl
        ? `<a href="${escapeHtml(lookup.listUrl)}" target="_blank" rel="noopener">${escapeHtml(t('Find {model}', { model: lookup.name }))}</a>`
        : ''
      const rows = lookup.choicesUrl ? `<datalist id="${id}_rows"></datalist>` : ''
      return markSafe(
        `<div class="lookup"><input${box}>${rows}<output for="${id}" data-lookup-name>${current}</output>${find}</div>`,
      )
    },
  }
}

/** A value that is written and never shown: an empty box leaves it as it is. */
export const secretInput: Widget = {
  ...passwordInput,
  render: (context) =>
    passwordInput.render({ ...context, attributes: { autocomplete: 'new-password', ...context.attributes } }),
}

/** A field as a value, in the place of its control. */
export function renderValue(label: string, value: SafeString, help = ''): SafeString {
  const about = help ? `<p class="help">${escapeHtml(help)}</p>` : ''
  return markSafe(
    `<div class="field field-value"><div class="label">${escapeHtml(capitalize(label))}</div><div class="value">${value}</div>${about}</div>`,
  )
}
