// Rows of inlines: added from an inert <template>, removed with a way back. Without a script there are the empty rows
// and the boxes to delete.
import { announce, enhance, find, findAll, make } from './dom.js'

const own = (section, selector) =>
  findAll(selector, section).filter((element) => element.closest('[data-inline]') === section)
const count = (section, name) => find(`input[name="${CSS.escape(`${section.dataset.inline}-${name}`)}"]`, section)

/** Gives a copy its number: in names, ids, and what refers to them, in templates within it too. */
function number(root, from, to) {
  for (const element of findAll('*', root)) {
    for (const { name, value } of [...element.attributes])
      if (value.includes(from)) element.setAttribute(name, value.replaceAll(from, to))
    if (element.localName === 'template') number(element.content, from, to)
  }
}

const focusable = 'input:not([type=hidden], [data-inline-delete]), select, textarea'

/** Goes to the first field that can be seen: a chooser hides the box it stands for. */
const enter = (row) =>
  findAll(focusable, row)
    .find((control) => control.checkVisibility())
    ?.focus()

function add(section) {
  const total = count(section, 'TOTAL_FORMS')
  const copy = find(':scope > template[data-inline-empty]', section).content.cloneNode(true)
  const { inline } = section.dataset
  number(copy, `${inline}-__prefix__`, `${inline}-${total.value}`)
  total.value = Number(total.value) + 1
  const row = find('[data-inline-row]', copy)
  own(section, '[data-inline-rows]')[0].append(copy)
  announce(row)
  row.dispatchEvent(new Event('input', { bubbles: true }))
  enter(row)
  limit(section)
}

/** No more rows are offered than there may be. */
function limit(section) {
  const most = Number(count(section, 'MAX_NUM_FORMS').value)
  const rows = own(section, '[data-inline-row]').filter((row) => !row.classList.contains('removed'))
  for (const button of own(section, '[data-inline-add]')) button.hidden = rows.length >= most
}

/** What is removed stays in the page until it is saved: a box is ticked, or a new row is not sent. */
function setRemoved(row, removed) {
  row.classList.toggle('removed', removed)
  const box = find('[data-inline-delete]', row)
  if (box && !('new' in row.dataset)) box.checked = removed
  else
    for (const control of findAll('input, select, textarea', row)) {
      if (removed && !control.disabled) control.dataset.wasOn = ''
      if (removed || 'wasOn' in control.dataset) control.disabled = removed
      if (!removed) delete control.dataset.wasOn
    }
  for (const body of findAll('[data-inline-body]', row)) body.hidden = removed
  limit(row.closest('[data-inline]'))
  row.dispatchEvent(new Event('input', { bubbles: true }))
}

function strip(row) {
  const text = make('span', { textContent: row.dataset.removed })
  const undo = make('button', { type: 'button', className: 'small', textContent: row.dataset.undo })
  const bar = make('div', { className: 'removed-bar' }, text, undo)
  let holder = bar
  if (row.localName === 'tbody') {
    const cell = make('td', { colSpan: 100, className: 'whole' }, bar)
    holder = make('tr', { className: 'removed-line' }, cell)
  }
  undo.addEventListener('click', () => {
    holder.remove()
    setRemoved(row, false)
    enter(row)
  })
  row.append(holder)
  return undo
}

enhance('[data-inline]', (section) => {
  for (const button of own(section, '[data-inline-add]')) button.addEventListener('click', () => add(section))
  limit(section)
})

enhance('[data-inline-row]', (row) => {
  const button = findAll('[data-inline-remove]', row).find((each) => each.closest('[data-inline-row]') === row)
  const box = findAll('[data-inline-delete]', row).find((each) => each.closest('[data-inline-row]') === row)
  if (!button || !(box || 'new' in row.dataset)) return
  button.hidden = false
  if (box) box.closest('label').hidden = true
  const remove = () => {
    setRemoved(row, true)
    strip(row).focus()
  }
  button.addEventListener('click', remove)
  if (box?.checked) remove()
})
