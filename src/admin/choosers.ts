/**
 * Controls that choose rows. Without a script: a `<select>` or boxes for few rows, a box for keys among many. With one,
 * the box becomes a search (`js/autocomplete.js`), and the links beside it bring back what was added (`js/related.js`).
 */
import type { Choice, Widget, WidgetContext } from '../forms/index.ts'
import { attributesHtml, manyWidget, select, TOO_MANY } from '../forms/internal.ts'
import { t } from '../i18n/index.ts'
import { escapeHtml, markSafe, type SafeString } from '../std/html.ts'

/** Stands for a row's key in an address that the browser completes. */
export const KEY_IN_ADDRESS = '__key__'
/** The same for a key of several columns, whose parts are encoded already. */
export const KEYS_IN_ADDRESS = '__keys__'

/** Where the rows of a relation are found. */
export interface Lookup {
  /** The model's name. */
  readonly name: string
  /** The list; null where the user may not see it. */
  readonly listUrl: string | null
  /** Answers `q` with rows that fit, as JSON; null where they cannot be searched. */
  readonly choicesUrl: string | null
  /** Where a row is added; null where the user may not. */
  readonly addUrl: string | null
  /** The page of a row, with {@link KEY_IN_ADDRESS} for its key; null where the user may not see it. */
  readonly changeUrl: string | null
  /** Names of rows that are chosen, by key, as far as they are known. */
  readonly names: Map<string, string>
}

/** A chooser with no links to the rows: of a filter, of a cell. */
export function searchOnly(
  name: string,
  choicesUrl: string | null,
  chosen: readonly [key: string, name: string][],
): Lookup {
  return { name, listUrl: null, choicesUrl, addUrl: null, changeUrl: null, names: new Map(chosen) }
}

/** What a search over rows needs. Independent of forms: the filters of a list draw it too. */
export interface ComboboxOptions {
  /** The control for keys, which is what is sent: one key, or keys with commas between. */
  readonly control: SafeString
  readonly choicesUrl: string
  readonly many: boolean
  /** Names of the rows chosen, by key; others are asked for. */
  readonly names?: ReadonlyMap<string, string>
}

/** A box for keys that a script turns into a search by name. */
export function combobox({ control, choicesUrl, many, names = new Map() }: ComboboxOptions): SafeString {
  const attributes = {
    class: many ? 'combobox many' : 'combobox',
    'data-combobox': choicesUrl,
    'data-many': many,
    'data-names': JSON.stringify(Object.fromEntries(names)),
    'data-search': t('Search'),
    'data-none': t('Nothing matches.'),
    'data-failed': t('The search did not answer. Try again.'),
    'data-found': t('{n} found', { n: '%n' }),
    'data-more': t('{n} found, and more', { n: '%n' }),
    'data-remove': t('Remove {name}', { name: '%n' }),
    'data-clear': t('Clear'),
    'data-chosen': t('Chosen'),
  }
  return markSafe(`<div${attributesHtml(attributes)}>${control}</div>`)
}

const icons = {
  add: '<path d="M12 6v12M6 12h12"/>',
  open: '<path d="M8 8h8v8M16 8l-8.500 8.500"/>',
} as const

function iconLink(icon: keyof typeof icons, label: string, attributes: Record<string, string | boolean | undefined>) {
  const all = {
    class: 'button icon',
    target: '_blank',
    rel: 'opener',
    title: label,
    'aria-label': label,
    ...attributes,
  }
  return `<a${attributesHtml(all)}><svg viewBox="0 0 24 24" aria-hidden="true">${icons[icon]}</svg></a>`
}

/** The control with what leads to the rows themselves: add one, open the one chosen. */
function withLinks(control: SafeString, lookup: Lookup, { value }: WidgetContext, many: boolean): SafeString {
  const { name: model, addUrl, changeUrl } = lookup
  const key = typeof value === 'string' ? value : ''
  let links = ''
  if (addUrl) links += iconLink('add', t('Add {model}', { model }), { href: addUrl, 'data-related-add': true })
  if (changeUrl && !many)
    links += iconLink('open', t('Open this {model}', { model }), {
      href:
        key === ''
          ? undefined
          : changeUrl.replace(KEYS_IN_ADDRESS, encodeURIComponent(key)).replace(KEY_IN_ADDRESS, keyInAddress(key)),
      hidden: key === '',
      'data-related-open': changeUrl,
    })
  if (links === '') return control
  return markSafe(`<div class="related" data-related>${control}<span class="related-links">${links}</span></div>`)
}

/** A key of one part, as it is written in addresses (`keys.ts`), and then as part of an address. */
function keyInAddress(key: string): string {
  const part = key === '.' || key === '..' ? key.replaceAll('.', '%2E') : encodeURIComponent(key.toWellFormed())
  return encodeURIComponent(part.replaceAll('~', '%7E'))
}

/** A box for keys: one, or several with commas between. */
function keyBox(context: WidgetContext, lookup: Lookup, many: boolean): SafeString {
  const { id, value, attributes } = context
  const keys = value === null ? [] : typeof value === 'string' ? [value] : value
  const box = attributesHtml({
    type: 'text',
    name: many ? `${context.name}${KEYS}` : context.name,
    id,
    value: many ? keysText(keys) : (keys[0] ?? ''),
    autocomplete: 'off',
    placeholder: many ? t('keys, with commas between') : t('key'),
    ...attributes,
  })
  const names = keys.flatMap((key) => lookup.names.get(key) ?? [])
  const chosen = `<output for="${escapeHtml(id)}">${escapeHtml(names.join(', '))}</output>`
  const find = lookup.listUrl
    ? `<a href="${escapeHtml(lookup.listUrl)}" target="_blank" rel="noopener">${escapeHtml(t('Find {model}', { model: lookup.name }))}</a>`
    : ''
  const control = markSafe(`<div class="lookup"><input${box}>${chosen}${find}</div>`)
  if (lookup.choicesUrl === null) return control
  return combobox({ control, choicesUrl: lookup.choicesUrl, many, names: lookup.names })
}

/** One row: a `<select>` among few; a box for the key that searches, where there are many. */
export function rowWidget(lookup: Lookup): Widget {
  return {
    ...select,
    render: (context) =>
      withLinks(
        context.choices === TOO_MANY ? keyBox(context, lookup, false) : select.render(context),
        lookup,
        context,
        false,
      ),
  }
}

/** As the forms' own box for keys names itself, so that what comes back says which of the two it is. */
const KEYS = '__keys'
/** Keys with commas between; as JSON where a key has a comma or a space in it. */
const keysText = (keys: readonly string[]): string =>
  keys.some((key) => /[\s,[]/.test(key)) ? JSON.stringify(keys) : keys.join(', ')

function readKeys(text: string): string[] | null {
  if (!text.startsWith('[')) return null
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) && parsed.every((key) => typeof key === 'string') ? parsed : null
  } catch {
    return null
  }
}

/** Any number of rows: boxes that scroll, with a filter where there is a script; a search where there are many. */
export function picker(lookup: Lookup): Widget {
  const plain = manyWidget({
    type: 'picker',
    grouped: true,
    render: drawPicker,
    read: (input, name) => input.getAll(name),
  })
  return {
    ...plain,
    render: (context) =>
      withLinks(
        context.choices === TOO_MANY ? keyBox(context, lookup, true) : plain.render(context),
        lookup,
        context,
        true,
      ),
    read: (input, name) => readKeys(String(input.get(name + KEYS) ?? '')) ?? plain.read(input, name),
  }
}

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
