// A form is sent once, asks before it is left with changes, and is not lost when it cannot be saved: when the session
// ended, the server failed or the line was cut, what was sent is offered again. Passwords and files are not kept.
import { find, findAll, make } from './dom.js'
import { LAST_DRAFT } from './drafts.js'
import { keep, kept } from './storage.js'

const written = (form) =>
  [...new FormData(form)].filter(([name, value]) => {
    if (typeof value !== 'string' || name === 'csrfmiddlewaretoken') return false
    return form.elements[name]?.type !== 'password'
  })

/** What the form was made from differs from page to page: it is kept with a draft, and no change by itself. */
const isState = (name) => /(^|-)_state$/.test(name)
const content = (entries) => JSON.stringify(entries.filter(([name]) => !isState(name)))

function restore(form, entries) {
  const all = new Map()
  for (const [name, value] of entries) all.set(name, [...(all.get(name) ?? []), value])
  for (const control of form.elements) {
    // The server compares what was written with what it was written over, which may have changed since.
    if (isState(control.name)) control.value = all.get(control.name)?.[0] ?? control.value
    if (!control.name || /^(hidden|password|file|submit)$/.test(control.type)) continue
    const values = all.get(control.name) ?? []
    if (control.type === 'checkbox' || control.type === 'radio') control.checked = values.includes(control.value)
    else if (control.type === 'select-multiple')
      for (const option of control.options) option.selected = values.includes(option.value)
    else if (values.length) control.value = values[0]
    control.dispatchEvent(new Event('change', { bubbles: true }))
  }
}

function offer(form, draft) {
  const notice = make('div', { className: 'notice' }, make('p', { textContent: form.dataset.draft }))
  notice.setAttribute('role', 'status')
  const done = (entries) => {
    if (entries) restore(form, entries)
    keep('sessionStorage', draft, null)
    notice.remove()
    find('input:not([type=hidden]), select, textarea', form)?.focus()
  }
  const entries = JSON.parse(kept('sessionStorage', draft))
  notice.append(
    make('button', { type: 'button', textContent: form.dataset.restore, onclick: () => done(entries) }),
    make('button', {
      type: 'button',
      className: 'plain',
      textContent: form.dataset.discard,
      onclick: () => done(null),
    }),
  )
  form.before(notice)
}

for (const form of findAll('form[data-guard]')) {
  // Of this account: whoever signs in next in the same window is not offered what another wrote.
  const draft = `nuages-draft:${find('[data-account]')?.dataset.account ?? ''}:${location.pathname}`
  const state = () => content(written(form))
  const before = state()
  // Shown again with what was sent, it differs from what is stored.
  let dirty = 'kept' in form.dataset
  let sending = false
  form.addEventListener('submit', (event) => {
    if (sending) {
      event.preventDefault()
      return
    }
    sending = true
    keep('sessionStorage', draft, JSON.stringify(written(form)))
    keep('sessionStorage', LAST_DRAFT, draft)
  })
  form.addEventListener('input', () => {
    dirty = true
  })
  addEventListener('pageshow', () => {
    sending = false
  })
  addEventListener('beforeunload', (event) => {
    if (!sending && dirty && ('kept' in form.dataset || state() !== before)) event.preventDefault()
  })
  const stored = kept('sessionStorage', draft)
  if (stored && content(JSON.parse(stored)) !== before && !('kept' in form.dataset)) offer(form, draft)
}
