// How many rows stand behind each filter: asked for once the filters are seen, after the page itself.
import { announce, find } from './dom.js'

const link = find('[data-counts]')
const filters = find('[data-filters]')

async function load() {
  const response = await fetch(link.dataset.counts, { headers: { accept: 'text/html' } }).catch(() => null)
  // Signed out meanwhile, or the line is cut: the link stays.
  if (!response?.ok || response.redirected) return
  // Whoever is in a filter now keeps what they type.
  if (filters.contains(document.activeElement)) return
  const answer = new DOMParser().parseFromString(await response.text(), 'text/html')
  filters.replaceChildren(...answer.body.children)
  announce(filters)
  link.parentElement.remove()
}

if (link && filters) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return
    seen.disconnect()
    load()
  })
  seen.observe(filters)
}
