// Selecting rows: all of the page, a range with Shift, all that match; and how many are selected.
import { find, findAll } from './dom.js'

const form = find('form[data-select]')
const boxes = findAll('input[name=_selected]')
if (form && boxes.length) {
  const { count, none, some, all } = form.dataset
  const across = find('[data-across]', form)
  const told = find('[data-selected]', form)
  const run = find('button', form)
  const choice = find('select', form)
  const label = find('label[data-all]')
  const head = find('input', label)
  label.hidden = false

  function show() {
    const selected = boxes.filter((box) => box.checked).length
    for (const box of boxes) {
      box.disabled = across.checked
      box.closest('tr').classList.toggle('selected', across.checked || box.checked)
    }
    head.disabled = across.checked
    head.checked = across.checked || selected === boxes.length
    head.indeterminate = !head.checked && selected > 0
    const text = across.checked ? all : selected ? some : none
    const now = text.replace('{n}', selected.toLocaleString(document.documentElement.lang)).replace('{total}', count)
    // Written only when it differs: a screen reader would say it again.
    if (told.textContent !== now) told.textContent = now
    run.disabled = choice.value === '' || !(across.checked || selected)
  }

  head.addEventListener('change', () => {
    for (const box of boxes) box.checked = head.checked
    show()
  })

  // Shift: everything between this box and the last one gets what this one got. Space with Shift is a click, too, but
  // not every browser says so.
  let last = null
  let shift = false
  for (const type of ['keydown', 'keyup', 'pointerdown'])
    addEventListener(type, (event) => {
      shift = event.shiftKey
    })
  for (const [index, box] of boxes.entries()) {
    box.addEventListener('click', (event) => {
      if ((event.shiftKey || shift) && last !== null)
        for (const each of boxes.slice(Math.min(last, index), Math.max(last, index) + 1)) each.checked = box.checked
      last = index
      show()
    })
    // A click with Shift marks no text.
    box.closest('td').addEventListener('mousedown', (event) => {
      if (event.shiftKey) event.preventDefault()
    })
  }
  // A form may send only so many fields: all keys go as one.
  form.addEventListener('formdata', ({ formData }) => {
    const keys = formData.getAll('_selected')
    if (keys.length) formData.set('_selected', keys.join(' '))
  })
  across.addEventListener('change', show)
  choice.addEventListener('change', show)
  // A page that comes back from the browser's memory has its boxes as they were.
  addEventListener('pageshow', show)
  show()
}
