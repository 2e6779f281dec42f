/** Controls and values of the admin's forms. */

import type { Widget } from '../forms/index.ts'
import { passwordInput, select } from '../forms/internal.ts'
import { escapeHtml, markSafe, type SafeString } from '../std/html.ts'
import { capitalize } from '../std/text.ts'

/** A value that is written and never shown: an empty box leaves it as it is. */
export const secretInput: Widget = {
  ...passwordInput,
  render: (context) =>
    passwordInput.render({ ...context, attributes: { autocomplete: 'new-password', ...context.attributes } }),
}

/** A choice that is made and never shown. */
export const secretSelect: Widget = { ...select, showsValue: false }

/** A field as a value, in the place of its control. */
export function renderValue(label: string, value: SafeString, help = ''): SafeString {
  const about = help ? `<p class="help">${escapeHtml(help)}</p>` : ''
  return markSafe(
    `<div class="field field-value"><div class="label">${escapeHtml(capitalize(label))}</div><div class="value">${value}</div>${about}</div>`,
  )
}
