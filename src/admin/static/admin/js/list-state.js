// A list remembers how it was left: the pages of its rows lead back to it.
import { find, findAll } from './dom.js'
import { keep, kept } from './storage.js'

const nameOf = (path) => `nuages-list:${path}`
if (find('[data-list]')) keep('sessionStorage', nameOf(location.pathname), location.search.slice(1) || null)

for (const input of findAll('input[data-list-of]')) {
  const path = input.dataset.listOf
  if (!input.value) input.value = kept('sessionStorage', nameOf(path)) ?? ''
  const link = findAll('.trail a').find((each) => each.getAttribute('href') === path)
  if (link && input.value) link.href = `${path}?${input.value}`
}
