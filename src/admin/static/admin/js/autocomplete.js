// A box for keys becomes a search by name: a combobox with a list, for one row, or for many with a chip each. The box
// stays in the form and holds the keys, so that what is sent is the same with and without a script.
import { enhance, find, findAll, make } from './dom.js'

const WAIT = 200
let numbers = 0

const keysIn = (text) => {
  if (text.startsWith('[')) {
    try {
      return JSON.parse(text).map(String)
    } catch {
      return []
    }
  }
  return text.split(/[\s,]+/).filter(Boolean)
}
const textOf = (keys) => (keys.some((key) => /[\s,[]/.test(key)) ? JSON.stringify(keys) : keys.join(','))
const announceChange = (box) => {
  box.dispatchEvent(new Event('input', { bubbles: true }))
  box.dispatchEvent(new Event('change', { bubbles: true }))
}

async function ask(address, parameters) {
  const url = new URL(address, location.href)
  for (const [name, value] of parameters) url.searchParams.append(name, value)
  const response = await fetch(url, { headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(String(response.status))
  return response.json()
}

class Combobox {
  constructor(root) {
    this.root = root
    this.words = root.dataset
    this.many = 'many' in this.words
    this.box = find('input', root)
    this.names = new Map(Object.entries(JSON.parse(this.words.names || '{}')))
    this.options = []
    this.active = -1
    this.asked = 0
    this.build()
    this.show()
    this.nameUnknown()
  }

  get keys() {
    const { value } = this.box
    return this.many ? keysIn(value) : value.trim() === '' ? [] : [value.trim()]
  }

  set keys(keys) {
    this.box.value = this.many ? textOf(keys) : (keys[0] ?? '')
    announceChange(this.box)
  }

  build() {
    const { box, root, words } = this
    const id = box.id || `combobox-${++numbers}`
    this.list = make('ul', { id: `${id}-list`, hidden: true })
    this.list.setAttribute('role', 'listbox')
    this.status = make('span', { className: 'sr' })
    this.status.setAttribute('role', 'status')
    this.input = make('input', { type: 'text', autocomplete: 'off', placeholder: words.search, spellcheck: false })
    const attributes = {
      role: 'combobox',
      'aria-expanded': 'false',
      'aria-controls': this.list.id,
      'aria-autocomplete': 'list',
      'aria-haspopup': 'listbox',
    }
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value)
    for (const { name, value } of box.attributes)
      if (/^(aria-.*|disabled)$/.test(name)) this.input.setAttribute(name, value)
    if (box.required) this.input.setAttribute('aria-required', 'true')
    // The label leads to what is typed into.
    box.id = `${id}-keys`
    this.input.id = id
    if (this.many) {
      const group = box.closest('fieldset')
      const name = find('legend', group ?? root)?.textContent ?? ''
      if (!this.input.labels?.length && !box.hasAttribute('aria-label')) this.input.setAttribute('aria-label', name)
    }
    box.hidden = true
    box.required = false
    this.chips = make('ul', { className: 'chips' })
    this.chips.setAttribute('aria-label', words.chosen)
    this.clear = make('button', { type: 'button', className: 'clear', title: words.clear, textContent: '×' })
    this.clear.setAttribute('aria-label', words.clear)
    this.clear.tabIndex = -1
    const control = make('div', { className: 'combobox-control' }, ...(this.many ? [this.chips] : []), this.input)
    if (!this.many) control.append(this.clear)
    for (const child of findAll('output, a', root)) child.hidden = true
    root.append(control, this.list, this.status)
    root.classList.add('ready')
    this.listen(control)
  }

  listen(control) {
    const { input, list, box } = this
    input.addEventListener('input', (event) => {
      // What is typed to search is no change of the form.
      event.stopPropagation()
      clearTimeout(this.waiting)
      this.waiting = setTimeout(() => this.search(), WAIT)
    })
    input.addEventListener('change', (event) => event.stopPropagation())
    input.addEventListener('keydown', (event) => this.press(event))
    input.addEventListener('click', () => this.isOpen || this.search(''))
    input.addEventListener('blur', () => this.leave())
    list.addEventListener('pointerdown', (event) => event.preventDefault())
    list.addEventListener('click', (event) => {
      const option = event.target.closest('[role=option]')
      if (option) this.choose(this.options.indexOf(option))
    })
    list.addEventListener('scroll', () => {
      if (this.more && list.scrollTop + list.clientHeight > list.scrollHeight - 60) this.load(this.page + 1)
    })
    this.clear.addEventListener('click', () => {
      this.keys = []
      this.show()
      input.focus()
    })
    this.chips.addEventListener('click', (event) => {
      const button = event.target.closest('button')
      if (button) this.remove(button.dataset.key)
    })
    control.addEventListener('click', (event) => event.target === control && input.focus())
    // The keys were set from elsewhere: a draft that is restored, a row that was added.
    box.addEventListener('change', () => {
      this.show()
      this.nameUnknown()
    })
    box.addEventListener('admin:named', (event) => {
      this.names.set(event.detail.key, event.detail.name)
      this.keys = this.many ? [...new Set([...this.keys, event.detail.key])] : [event.detail.key]
    })
  }

  get isOpen() {
    return !this.list.hidden
  }

  /** Draws what is chosen. */
  show() {
    const { keys } = this
    if (!this.many) {
      this.input.value = keys.length ? (this.names.get(keys[0]) ?? keys[0]) : ''
      this.clear.hidden = keys.length === 0
      return
    }
    this.chips.hidden = keys.length === 0
    this.chips.replaceChildren(
      ...keys.map((key) => {
        const name = this.names.get(key) ?? key
        const button = make('button', { type: 'button', textContent: '×' })
        button.dataset.key = key
        button.setAttribute('aria-label', this.words.remove.replace('%n', name))
        return make('li', {}, make('span', { textContent: name }), button)
      }),
    )
  }

  /** Names of rows that were chosen before this page was drawn. */
  async nameUnknown() {
    const unknown = this.keys.filter((key) => !this.names.has(key)).slice(0, 200)
    if (unknown.length === 0) return
    try {
      const { rows } = await ask(
        this.words.combobox,
        unknown.map((key) => ['key', key]),
      )
      for (const { key, name } of rows) this.names.set(key, name)
      if (document.activeElement !== this.input || this.many) this.show()
    } catch {
      // The key is shown.
    }
  }

  search(text = this.input.value) {
    this.text = text.trim()
    this.list.scrollTop = 0
    return this.load(1)
  }

  async load(page) {
    if (this.loading === page && page > 1) return
    this.loading = page
    const asked = ++this.asked
    try {
      const { rows, more } = await ask(this.words.combobox, [
        ['q', this.text],
        ['page', page],
      ])
      if (asked !== this.asked || document.activeElement !== this.input) return
      this.more = more
      this.page = page
      this.draw(rows, page === 1)
    } catch {
      if (asked === this.asked) this.say(this.words.failed)
    } finally {
      this.loading = 0
    }
  }

  draw(rows, isFirst) {
    if (isFirst) {
      this.options = []
      this.active = -1
      this.list.replaceChildren()
    }
    const chosen = new Set(this.keys)
    for (const { key, name } of rows) {
      this.names.set(key, name)
      const option = make('li', { id: `${this.list.id}-${this.options.length}`, textContent: name })
      option.dataset.key = key
      option.setAttribute('role', 'option')
      option.setAttribute('aria-selected', String(chosen.has(key)))
      this.options.push(option)
      this.list.append(option)
    }
    if (this.options.length === 0) {
      const none = make('li', { className: 'quiet', textContent: this.words.none })
      none.setAttribute('role', 'option')
      none.setAttribute('aria-disabled', 'true')
      this.list.append(none)
    }
    this.open()
    const count = this.options.length
    this.say(count ? (this.more ? this.words.more : this.words.found).replace('%n', count) : this.words.none)
  }

  say(text) {
    this.status.textContent = text
  }

  open() {
    this.list.hidden = false
    this.input.setAttribute('aria-expanded', 'true')
  }

  close() {
    clearTimeout(this.waiting)
    this.asked++
    this.list.hidden = true
    this.active = -1
    this.input.setAttribute('aria-expanded', 'false')
    this.input.removeAttribute('aria-activedescendant')
    this.say('')
  }

  move(index) {
    if (this.options.length === 0) return
    this.options[this.active]?.classList.remove('active')
    this.active = Math.max(0, Math.min(index, this.options.length - 1))
    const option = this.options[this.active]
    option.classList.add('active')
    option.scrollIntoView({ block: 'nearest' })
    this.input.setAttribute('aria-activedescendant', option.id)
    if (this.more && this.active >= this.options.length - 3) this.load(this.page + 1)
  }

  async press(event) {
    const { key } = event
    if (event.isComposing) return
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault()
      if (!this.isOpen) await this.search(this.many || this.isShown ? '' : undefined)
      const from = this.active < 0 && key === 'ArrowUp' ? this.options.length : this.active
      this.move(from + (key === 'ArrowDown' ? 1 : -1))
    } else if (key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      // Enter in a search is no "save".
      if (this.isOpen || this.input.value.trim() !== '') event.preventDefault()
      if (this.isOpen && this.active >= 0) this.choose(this.active)
    } else if (key === 'Escape' && (this.isOpen || !this.isShown)) {
      event.preventDefault()
      event.stopPropagation()
      this.close()
      if (this.many) this.input.value = ''
      else this.show()
    } else if (key === 'Backspace' && this.many && this.input.value === '' && this.keys.length) {
      this.remove(this.keys.at(-1))
    }
  }

  /** Whether the input shows what is chosen, and nothing that was typed. */
  get isShown() {
    if (this.many) return this.input.value === ''
    const [key] = this.keys
    return this.input.value === (key === undefined ? '' : (this.names.get(key) ?? key))
  }

  choose(index) {
    const key = this.options[index]?.dataset.key
    if (key === undefined) return
    const { keys } = this
    this.close()
    this.input.value = ''
    this.keys = this.many ? (keys.includes(key) ? keys : [...keys, key]) : [key]
    this.say(this.names.get(key))
  }

  remove(key) {
    this.keys = this.keys.filter((each) => each !== key)
    this.input.focus()
  }

  leave() {
    // A name that was wiped out is a choice of nothing; one half typed is no choice.
    if (!this.many && this.input.value.trim() === '' && this.keys.length) this.keys = []
    this.close()
    if (this.many) this.input.value = ''
    else this.show()
  }
}

enhance('[data-combobox]', (root) => {
  if (!root.classList.contains('ready')) new Combobox(root)
})
