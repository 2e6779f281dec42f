// Shift and a click on a heading: sorted by it after the others, as the small plus beside it does.
import { find, findAll } from './dom.js'

for (const head of findAll('thead th:has(a)')) {
  const link = find('a', head)
  link.addEventListener('click', (event) => {
    if (!event.shiftKey) return
    event.preventDefault()
    location.assign((find('[data-sort-add]', head) ?? link).href)
  })
}
