// Many rows to choose from: a filter over the boxes, and how many are chosen.
import { enhance, find, findAll, make } from './dom.js'

function filterOver(picker, labels) {
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
  find('.choices', picker).append(none)
  return filter
}

enhance('[data-picker]', (picker) => {
  const labels = findAll('label', picker)
  const count = make('span', { className: 'quiet' })
  const showCount = () => {
    count.textContent = `${findAll('input:checked', picker).length} ${picker.dataset.chosen}`
  }
  const bar = make('div', { className: 'picker-bar' })
  if (labels.length > 10) bar.append(filterOver(picker, labels))
  bar.append(count)
  picker.prepend(bar)
  picker.addEventListener('change', showCount)
  showCount()
})
