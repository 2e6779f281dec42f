// Around every page: the navigation, keys, the log-out. The admin works without a script; it adds comfort.
import { find, findAll } from './dom.js'
import './drafts.js'
import { forget } from './storage.js'

// Small screens: the navigation opens over the page, and closes with Escape or a click beside it.
const navButton = find('[data-nav-button]')
const isNavOpen = () => document.body.classList.contains('nav-open')
function openNav(open) {
  document.body.classList.toggle('nav-open', open)
  navButton?.setAttribute('aria-expanded', String(open))
  if (open) find('.nav input, .nav a')?.focus()
}
navButton?.addEventListener('click', (event) => {
  event.stopPropagation()
  openNav(!isNavOpen())
})
document.addEventListener('click', (event) => {
  if (isNavOpen() && !event.target.closest('.nav')) openNav(false)
})

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
  } else if (event.key === 'Escape' && isNavOpen()) {
    openNav(false)
    navButton?.focus()
  }
})

find('[data-logout]')?.addEventListener('submit', forget)
