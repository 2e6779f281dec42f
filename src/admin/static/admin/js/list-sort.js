// Shift and a click on a heading: sorted by it after the others, as the small plus beside it does.
import { find, findAll } from './dom.js'

for (const head of findAll('th:has([data-sort-add])')) {
  find('a', head).addEventListener('click', (event) => {
    if (!event.shiftKey) return
    event.preventDefault()
    find('[data-sort-add]', head).click()
  })
}
