// Theme: system → light → dark → system.
import { find } from './dom.js'
import { keep } from './storage.js'

const root = document.documentElement
const themes = ['system', 'light', 'dark']
const button = find('[data-theme-button]')

function show() {
  const name = root.dataset.theme ?? 'system'
  button?.setAttribute('data-state', name)
  if (button) button.title = `${button.dataset.label}: ${button.dataset[name]}`
}

button?.addEventListener('click', () => {
  const next = themes[(themes.indexOf(root.dataset.theme ?? 'system') + 1) % themes.length]
  if (next === 'system') delete root.dataset.theme
  else root.dataset.theme = next
  keep('localStorage', 'nuages-theme', next === 'system' ? null : next)
  show()
})
show()
