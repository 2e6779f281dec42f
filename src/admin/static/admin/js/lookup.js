// One row of a large table: the box for its key offers rows by name.
import { enhance, find, make } from './dom.js'

enhance('[data-lookup]', (box) => {
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
})
