// A row of a list is one large target: a click anywhere follows its first link.
import { find, findAll } from './dom.js'

for (const row of findAll('tr[data-row]')) {
  row.addEventListener('click', (event) => {
    if (event.target.closest('a, input, select, textarea, button, label, td.edit, td.tick') || String(getSelection()))
      return
    const link = find('a', row)
    if (!link) return
    if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener')
    else link.click()
  })
}
