// Editing in the list: what was changed is marked and counted, Escape takes it back, Ctrl and an arrow go to the next
// row, Ctrl+S saves, and a page with changes is not left without asking.
import { find, findAll } from './dom.js'

const form = find('form[data-edit]')
if (form) {
  const controls = [...form.elements].filter((control) => control.name.startsWith('cell:'))
  const told = find('[data-changes]', form)
  const save = find('button[name=_save]', form)
  const stored = new Map(findAll('input[name^="was:"]').map((input) => [input.name.slice(4), JSON.parse(input.value)]))
  let sending = false

  const shownBy = (control) => (control.type === 'checkbox' ? String(control.checked) : control.value)
  function first(control) {
    const [, key, name] = control.name.split(':')
    return String(stored.get(key)?.[name] ?? '')
  }
  // What was there when the page came; where it came back with what was typed, what is stored.
  const began = new Map(
    controls.map((control) => [control, 'kept' in form.dataset ? first(control) : shownBy(control)]),
  )
  const isChanged = (control) => shownBy(control) !== began.get(control)

  function show() {
    const changed = controls.filter(isChanged)
    for (const control of controls) control.closest('td').classList.toggle('changed', isChanged(control))
    const text = changed.length ? form.dataset.changed.replace('{n}', changed.length) : ''
    if (told.textContent !== text) told.textContent = text
    save.disabled = changed.length === 0
    form.classList.toggle('dirty', changed.length > 0)
  }

  function restore(control) {
    if (control.type === 'checkbox') control.checked = began.get(control) === 'true'
    else control.value = began.get(control)
    show()
  }

  function move(control, by) {
    const column = [...control.closest('tr').cells].indexOf(control.closest('td'))
    for (let row = control.closest('tr'); row; ) {
      row = by > 0 ? row.nextElementSibling : row.previousElementSibling
      const next = row?.cells[column] && find('input:not([type=hidden]), select, textarea', row.cells[column])
      if (!next) continue
      next.focus()
      next.select?.()
      return
    }
  }

  // On the table: a control may be more than one element, and may be made later.
  const table = find('table.rows')
  for (const type of ['input', 'change']) table.addEventListener(type, show)
  table.addEventListener('keydown', (event) => {
    const cell = event.target.closest('td.edit')
    const control = cell && controls.find((each) => cell.contains(each))
    if (!control || event.defaultPrevented) return
    const command = event.ctrlKey || event.metaKey
    if (event.key === 'Escape' && isChanged(control) && control === event.target) {
      event.preventDefault()
      event.stopPropagation()
      restore(control)
    } else if (command && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      move(control, event.key === 'ArrowDown' ? 1 : -1)
    }
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || save.disabled) return
    event.preventDefault()
    save.click()
  })
  form.addEventListener('submit', (event) => {
    if (sending) event.preventDefault()
    sending = true
  })
  addEventListener('pageshow', () => {
    sending = false
    show()
  })
  addEventListener('beforeunload', (event) => {
    if (!sending && controls.some(isChanged)) event.preventDefault()
  })
  show()
}
