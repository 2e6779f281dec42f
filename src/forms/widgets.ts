/** Widgets draw a control and read what came back. They hold no state, so one object serves every form. */
import { escapeHtml, markSafe, type SafeString } from '../std/html.ts'
import type { Attributes, Choice, FormInput, WidgetContext } from './types.ts'

export interface Widget {
  readonly type: string
  /** The control alone; the label, help and errors are the renderer's. */
  render(context: WidgetContext): SafeString
  /** The raw value sent, undefined when the control was not. */
  read(input: FormInput, name: string): unknown
  /** Several controls under one heading: the renderer uses a fieldset and legend instead of a label. */
  readonly grouped?: boolean
  readonly hidden?: boolean
  /** False: a value is never shown again (passwords, files). */
  readonly showsValue?: boolean
  /** True: what it sends needs a multipart form. */
  readonly multipart?: boolean
}

/** ` name="value"` pairs, escaped. */
export function attributesHtml(attributes: Attributes): string {
  let text = ''
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) text += ` ${name}`
    else if (value !== false && value !== null && value !== undefined) text += ` ${name}="${escapeHtml(value)}"`
  }
  return text
}

const readOne = (input: FormInput, name: string): unknown => (input.has(name) ? input.get(name) : undefined)
const text = (value: WidgetContext['value']): string =>
  Array.isArray(value) ? value.join(',') : ((value as string | null) ?? '')
const chosen = (value: WidgetContext['value']): ReadonlySet<string> =>
  new Set(value === null ? [] : typeof value === 'string' ? [value] : value)

/** `<input type=…>`. `fixed` are attributes every control of this widget has. */
export function inputWidget(type: string, fixed: Attributes = {}, more: Partial<Widget> = {}): Widget {
  return {
    type,
    render: ({ name, id, value, attributes }) =>
      markSafe(
        `<input${attributesHtml({ type, name, id, value: more.showsValue === false || value === null ? undefined : text(value), ...fixed, ...attributes })}>`,
      ),
    read: readOne,
    ...more,
  }
}

export const textInput = inputWidget('text')
export const emailInput = inputWidget('email')
export const urlInput = inputWidget('url')
export const numberInput = inputWidget('number', { step: '1' })
export const decimalInput = inputWidget('number', { step: 'any', inputmode: 'decimal' })
export const dateInput = inputWidget('date')
export const timeInput = inputWidget('time', { step: '1' })
export const dateTimeInput = inputWidget('datetime-local', { step: '1' })
export const hiddenInput = inputWidget('hidden', {}, { hidden: true })
/** Never shows a value again: a password must not travel back to the page. */
export const passwordInput = inputWidget('password', {}, { showsValue: false })
export const fileInput = inputWidget('file', {}, { showsValue: false })

export const textarea: Widget = {
  type: 'textarea',
  // The leading newline is HTML's: a parser drops the first one, so text that begins with a newline keeps it.
  render: ({ name, id, value, attributes }) =>
    markSafe(
      `<textarea${attributesHtml({ name, id, rows: 6, ...attributes })}>\n${escapeHtml(text(value))}</textarea>`,
    ),
  read: readOne,
}

export const checkbox: Widget = {
  type: 'checkbox',
  render: ({ name, id, value, attributes }) =>
    markSafe(
      `<input${attributesHtml({ type: 'checkbox', name, id, value: 'on', checked: value === 'true' || value === 'on', ...attributes, required: undefined })}>`,
    ),
  // A browser sends nothing for a box left empty.
  read: (input, name) => (input.has(name) ? !/^(false|off|0|)$/i.test(String(input.get(name))) : false),
}

function options(choices: readonly Choice[], selected: ReadonlySet<string>): string {
  let html = ''
  let group: string | undefined
  for (const choice of choices) {
    const label = choice.group === undefined ? undefined : String(choice.group)
    if (label !== group) {
      if (group !== undefined) html += '</optgroup>'
      if (label !== undefined) html += `<optgroup label="${escapeHtml(label)}">`
      group = label
    }
    html += `<option${attributesHtml({ value: choice.value, selected: selected.has(choice.value) })}>${escapeHtml(choice.label)}</option>`
  }
  return group === undefined ? html : `${html}</optgroup>`
}

export const select: Widget = {
  type: 'select',
  render: ({ name, id, value, choices, attributes }) =>
    markSafe(`<select${attributesHtml({ name, id, ...attributes })}>${options(choices, chosen(value ?? ''))}</select>`),
  read: readOne,
}

export const selectMultiple: Widget = {
  type: 'select-multiple',
  render: ({ name, id, value, choices, attributes }) =>
    markSafe(
      `<select${attributesHtml({ name, id, multiple: true, size: Math.min(Math.max(choices.length, 4), 10), ...attributes })}>${options(choices, chosen(value))}</select>`,
    ),
  read: (input, name) => input.getAll(name),
}

function boxes(type: 'checkbox' | 'radio'): Widget {
  return {
    type: `${type}-list`,
    grouped: true,
    render: ({ name, id, value, choices, attributes }) => {
      const selected = chosen(value)
      const items = choices.map(
        (choice, index) =>
          `<label><input${attributesHtml({ type, name, id: `${id}_${index}`, value: choice.value, checked: selected.has(choice.value), ...attributes, required: type === 'radio' ? attributes.required : undefined })}> ${escapeHtml(choice.label)}</label>`,
      )
      return markSafe(`<div class="choices">${items.join('')}</div>`)
    },
    read: type === 'checkbox' ? (input, name) => input.getAll(name) : readOne,
  }
}

export const checkboxList = boxes('checkbox')
export const radioList = boxes('radio')
