// The admin works without this file; it adds comfort: theme, filters, shortcuts, unsaved input that is not lost.
const root = document.documentElement
const find = (selector, from = document) => from.querySelector(selector)
const findAll = (selector, from = document) => from.querySelectorAll(selector)

// What a browser keeps, where it keeps anything.
function keep(storage, name, value) {
  try {
    if (value === null) window[storage].removeItem(name)
    else window[storage].setItem(name, value)
  } catch {
    // Switched off, or full.
  }
}
function kept(storage, name) {
  try {
    return window[storage].getItem(name)
  } catch {
    return null
  }
}
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

// Theme: system → light → dark → system.
const themes = ['system', 'light', 'dark']
const themeButton = find('[data-theme-button]')
function showTheme() {
  const name = root.dataset.theme ?? 'system'
  themeButton?.setAttribute('data-state', name)
  if (themeButton) themeButton.title = `${themeButton.dataset.label}: ${themeButton.dataset[name]}`
}
themeButton?.addEventListener('click', () => {
  const next = themes[(themes.indexOf(root.dataset.theme ?? 'system') + 1) % themes.length]
  if (next === 'system') delete root.dataset.theme
  else root.dataset.theme = next
  keep('localStorage', 'nuages-theme', next === 'system' ? null : next)
  showTheme()
})
showTheme()

// Small screens: the navigation opens over the page, and closes with Escape or a click beside it.
const navButton = find('[data-nav-button]')
function openNav(open) {
  document.body.classList.toggle('nav-open', open)
  navButton?.setAttribute('aria-expanded', String(open))
  if (open) find('.nav input, .nav a')?.focus()
}
navButton?.addEventListener('click', (event) => {
  event.stopPropagation()
  openNav(!document.body.classList.contains('nav-open'))
})
document.addEventListener('click', (event) => {
  if (document.body.classList.contains('nav-open') && !event.target.closest('.nav')) openNav(false)
})

// Navigation filter.
const navFilter = find('[data-nav-filter]')
navFilter?.addEventListener('input', () => {
  const text = navFilter.value.trim().toLowerCase()
  for (const item of findAll('.nav li[data-name]')) item.hidden = !item.dataset.name.includes(text)
  for (const section of findAll('.nav section')) section.hidden = !find('li:not([hidden])', section)
})

// Keys: / searches, Ctrl+S saves and stays, Ctrl+Enter saves, Escape closes the navigation.
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, textarea, select, [contenteditable]')
  const command = event.ctrlKey || event.metaKey
  if (event.key === '/' && !typing && !command && !event.altKey) {
    const search = find('[data-search], [data-nav-filter]')
    if (!search) return
    event.preventDefault()
    search.focus()
    search.select()
  } else if (command && (event.key === 's' || event.key === 'Enter')) {
    const button = find(event.key === 's' ? 'button[name=_continue]' : 'button[name=_save]')
    if (!button) return
    event.preventDefault()
    button.click()
  } else if (event.key === 'Escape' && document.body.classList.contains('nav-open')) {
    openNav(false)
    navButton?.focus()
  }
})

// A list remembers how it was left: forms lead back to it.
const listKey = (path) => `nuages-list:${path}`
if (find('[data-list]')) keep('sessionStorage', listKey(location.pathname), location.search.slice(1) || null)
for (const input of findAll('input[data-list-of]')) {
  const path = input.dataset.listOf
  if (!input.value) input.value = kept('sessionStorage', listKey(path)) ?? ''
  const link = [...findAll('.trail a')].find((each) => each.getAttribute('href') === path)
  if (link && input.value) link.href = `${path}?${input.value}`
}

// Many rows to choose from: a filter over the boxes, and how many are chosen.
for (const picker of findAll('[data-picker]')) {
  const labels = [...findAll('label', picker)]
  const count = make('span', { className: 'quiet' })
  const showCount = () => {
    count.textContent = `${findAll('input:checked', picker).length} ${picker.dataset.chosen}`
  }
  const bar = make('div', { className: 'picker-bar' })
  if (labels.length > 10) {
    const none = make('p', { className: 'quiet', textContent: picker.dataset.none, hidden: true })
    const filter = make('input', { type: 'search', placeholder: picker.dataset.filter, autocomplete: 'off' })
    filter.setAttribute('aria-label', picker.dataset.filter)
    filter.addEventListener('input', () => {
      const text = filter.value.trim().toLowerCase()
      for (const label of labels) {
        const group = label.closest('.group')?.getAttribute('aria-label') ?? ''
        label.hidden = !`${group} ${label.textContent}`.toLowerCase().includes(text)
      }
      for (const group of findAll('.group', picker)) group.hidden = !find('label:not([hidden])', group)
      none.hidden = labels.some((label) => !label.hidden)
    })
    // Enter in the filter is no "save".
    filter.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) event.preventDefault()
    })
    bar.append(filter)
    find('.choices', picker).append(none)
  }
  bar.append(count)
  picker.prepend(bar)
  picker.addEventListener('change', showCount)
  showCount()
}

// One row of a large table: the box for its key offers rows by name.
for (const box of findAll('[data-lookup]')) {
  const name = find('[data-lookup-name]', box.parentElement)
  let waiting
  const found = new Map()
  box.addEventListener('input', () => {
    name.textContent = found.get(box.value) ?? ''
    clearTimeout(waiting)
    const text = box.value.trim()
    if (!text || found.has(text)) return
    waiting = setTimeout(async () => {
      const response = await fetch(`${box.dataset.lookup}?q=${encodeURIComponent(text)}`).catch(() => null)
      if (!response?.ok || box.value.trim() !== text) return
      const { rows } = await response.json().catch(() => ({ rows: [] }))
      box.list.replaceChildren(
        ...rows.map((row) => {
          found.set(row.key, row.name)
          return make('option', { value: row.key, label: row.name })
        }),
      )
    }, 200)
  })
}

// A form is sent once, asks before it is left with changes, and is not lost when it cannot be saved: when the session
// ended, the server failed or the line was cut, what was sent is offered again. Passwords and files are not kept.
const LAST = 'nuages-draft-last'
const last = kept('sessionStorage', LAST)
if (last && find('.messages .success')) {
  keep('sessionStorage', last, null)
  keep('sessionStorage', LAST, null)
}
const written = (form) =>
  [...new FormData(form)].filter(([name, value]) => {
    if (typeof value !== 'string' || name === 'csrfmiddlewaretoken') return false
    return form.elements[name]?.type !== 'password'
  })

function restore(form, entries) {
  const all = new Map()
  for (const [name, value] of entries) all.set(name, [...(all.get(name) ?? []), value])
  for (const control of form.elements) {
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
  const draft = `nuages-draft:${location.pathname}`
  const state = () => JSON.stringify(written(form))
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
    keep('sessionStorage', draft, state())
    keep('sessionStorage', LAST, draft)
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
  if (stored && stored !== before && !('kept' in form.dataset)) offer(form, draft)
}
find('[data-logout]')?.addEventListener('submit', () => {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith('nuages-')) sessionStorage.removeItem(name)
  } catch {
    // Nothing was kept.
  }
})

// After an error, go to where it is.
const wrong = find('[aria-invalid]') ?? find('.has-errors input')
if (wrong) wrong.focus()
else {
  const errors = find('.form-errors')
  errors?.setAttribute('tabindex', '-1')
  errors?.focus()
}

// A row is one large target: a click anywhere follows its first link.
for (const row of findAll('tr[data-row]')) {
  row.addEventListener('click', (event) => {
    if (event.target.closest('a, input, button, label') || String(getSelection())) return
    const link = find('a', row)
    if (!link) return
    if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener')
    else link.click()
  })
}
