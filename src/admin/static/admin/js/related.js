// Beside a chooser: a row is added in a window of its own, which hands it back; "open" leads to the row that is chosen.
import { enhance, find, make } from './dom.js'

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('nuages-admin-rows') : null
const waiting = new Map()

const encoded = (key) => {
  const part = key === '.' || key === '..' ? key.replaceAll('.', '%2E') : encodeURIComponent(key.toWellFormed())
  return encodeURIComponent(part.replaceAll('~', '%7E'))
}

/** Takes a row that was added into a chooser: a search, a select, boxes. */
function take(root, { key, name }) {
  const box = find('[data-combobox] input', root)
  if (box) {
    box.dispatchEvent(new CustomEvent('admin:named', { detail: { key, name } }))
    return
  }
  const control = find('select', root)
  if (control) {
    if (![...control.options].some((option) => option.value === key))
      control.append(make('option', { value: key, textContent: name }))
    control.value = key
    control.dispatchEvent(new Event('input', { bubbles: true }))
    control.dispatchEvent(new Event('change', { bubbles: true }))
    return
  }
  const choices = find('[data-picker] .choices', root)
  if (!choices) return
  const field = choices.parentElement.id.replace(/^id_/, '')
  const added = make('input', { type: 'checkbox', name: field, value: key, checked: true })
  choices.prepend(make('label', {}, added, ' ', make('span', { textContent: name })))
  added.dispatchEvent(new Event('input', { bubbles: true }))
  added.dispatchEvent(new Event('change', { bubbles: true }))
}

channel?.addEventListener('message', ({ data }) => {
  const root = waiting.get(data?.token)
  if (!root || typeof data.key !== 'string' || typeof data.name !== 'string') return
  waiting.delete(data.token)
  take(root, data)
})

enhance('[data-related]', (root) => {
  const add = find('[data-related-add]', root)
  add?.addEventListener('click', (event) => {
    if (!channel || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const token = crypto.getRandomValues(new Uint32Array(4)).join('-')
    waiting.set(token, root)
    const url = new URL(add.href)
    url.searchParams.set('_popup', token)
    window.open(url, '_blank', 'popup,width=900,height=760')
  })
  const open = find('[data-related-open]', root)
  if (!open) return
  root.addEventListener('change', ({ target }) => {
    const isControl = target.matches('select') || target.matches('[data-combobox] input:not([role])')
    if (!isControl) return
    open.hidden = target.value === ''
    if (target.value)
      open.href = open.dataset.relatedOpen
        .replace('__keys__', encodeURIComponent(target.value))
        .replace('__key__', encoded(target.value))
  })
})
