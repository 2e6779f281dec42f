// The admin works without this file; it adds comfort: theme, navigation filter, shortcuts, unsaved-changes guard.
const root = document.documentElement

// Theme: system → light → dark → system.
const themes = ['system', 'light', 'dark']
const themeButton = document.querySelector('[data-theme-button]')
const showTheme = () => {
  const name = root.dataset.theme ?? 'system'
  themeButton?.setAttribute('data-state', name)
  if (themeButton) themeButton.title = `${themeButton.dataset.label}: ${themeButton.dataset[name]}`
}
themeButton?.addEventListener('click', () => {
  const next = themes[(themes.indexOf(root.dataset.theme ?? 'system') + 1) % themes.length]
  if (next === 'system') {
    delete root.dataset.theme
    localStorage.removeItem('nuages-theme')
  } else {
    root.dataset.theme = next
    localStorage.setItem('nuages-theme', next)
  }
  showTheme()
})
showTheme()

// Small screens: the navigation opens over the page.
const navButton = document.querySelector('[data-nav-button]')
navButton?.addEventListener('click', () => {
  const open = document.body.classList.toggle('nav-open')
  navButton.setAttribute('aria-expanded', String(open))
  if (open) document.querySelector('.nav input, .nav a')?.focus()
})

// Navigation filter.
const navFilter = document.querySelector('[data-nav-filter]')
navFilter?.addEventListener('input', () => {
  const text = navFilter.value.trim().toLowerCase()
  for (const item of document.querySelectorAll('.nav li[data-name]')) item.hidden = !item.dataset.name.includes(text)
  for (const section of document.querySelectorAll('.nav section'))
    section.hidden = !section.querySelector('li:not([hidden])')
})

// `/` jumps to the search, Escape closes what is open.
document.addEventListener('keydown', (event) => {
  const typing =
    event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]')
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector('[data-search]') ?? navFilter
    if (search) {
      event.preventDefault()
      search.focus()
    }
  }
  if (event.key === 'Escape' && document.body.classList.contains('nav-open')) {
    document.body.classList.remove('nav-open')
    navButton?.setAttribute('aria-expanded', 'false')
    navButton?.focus()
  }
})

// A form with changes asks before the page is left; a form is sent once.
for (const form of document.querySelectorAll('form[data-guard]')) {
  const state = () =>
    new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])).toString()
  const before = state()
  let sending = false
  form.addEventListener('submit', (event) => {
    if (sending) event.preventDefault()
    sending = true
  })
  addEventListener('pageshow', () => {
    sending = false
  })
  addEventListener('beforeunload', (event) => {
    if (!sending && state() !== before) event.preventDefault()
  })
}

// A row is one large target: a click anywhere follows its first link.
for (const row of document.querySelectorAll('tr[data-row]')) {
  row.addEventListener('click', (event) => {
    if (event.target.closest('a, input, button, label') || String(getSelection())) return
    row.querySelector('a')?.click()
  })
}
