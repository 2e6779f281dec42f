/** `{{ a.b }}`: what a dot finds, and what it must not. */
import { describe, expect, test } from 'vitest'
import { rendered } from './render.ts'

class Author {
  name = 'Django'
  get initials() {
    return 'DR'
  }
  fullName() {
    return `${this.name} Reinhardt`
  }
  say(what: string) {
    return what
  }
  save() {
    this.name = 'saved'
    return 'saved'
  }
  delete() {
    this.name = 'deleted'
    return 'deleted'
  }
  promote() {
    this.name = 'promoted'
    return 'promoted'
  }
  static count = 3
  static make() {
    return new Author()
  }
}
Object.defineProperty(Author.prototype.promote, Symbol.for('nuages.altersData'), { value: true })

describe('a dot finds', () => {
  test.each([
    ['a property', '{{ a.name }}', 'Django'],
    ['a getter of the class', '{{ a.initials }}', 'DR'],
    ['what a method without parameters gives, called on its object', '{{ a.fullName }}', 'Django Reinhardt'],
    ['the camelCase of a snake_case name', '{{ a.full_name }}', 'Django Reinhardt'],
    ['the camelCase of a snake_case variable', '{{ book_list.0 }}', 'first'],
    ['a key of a map', '{{ map.key }} {{ map.1 }}', 'value one'],
    ['the size of a map and of a set', '{{ map.size }} {{ set.size }}', '2 1'],
    ['an index of a list', '{{ list.1 }}{{ list.9 }}', 'b'],
    ['the length of a list and of text', '{{ list.length }} {{ text.length }}', '2 5'],
    ['a character of text', '{{ text.1 }}', 'e'],
    [
      'entries of a plain object, as of a dict',
      '{% for k, v in data.items %}{{ k }}={{ v }};{% endfor %}',
      'x=1;items2=2;',
    ],
    ['an own key before the entries', '{{ named.items }}', 'mine'],
    ['what a function in the context gives', '{{ greet }} {{ lazy.name }}', 'hello Django'],
    ["a class's own data", '{{ Author.count }}', '3'],
    ['numbers of a date', '{{ date.getUTCFullYear }}', '2026'],
  ])('%s', async (_, template, expected) => {
    const context = () => ({
      a: new Author(),
      Author,
      bookList: ['first'],
      map: new Map<unknown, unknown>([
        ['key', 'value'],
        [1, 'one'],
      ]),
      set: new Set([1]),
      list: ['a', 'b'],
      text: 'hello',
      data: { x: 1, items2: 2 },
      named: { items: 'mine' },
      greet: () => 'hello',
      lazy: () => new Author(),
      date: new Date(Date.UTC(2026, 0, 1)),
    })
    expect(await rendered(template, context, { stringIfInvalid: '' })).toBe(expected)
  })
})

describe('a dot does not find', () => {
  test.each([
    [
      'the constructor of anything',
      '{{ a.constructor }}{{ text.constructor }}{{ list.constructor }}{{ n.constructor }}',
    ],
    [
      'the way from a constructor to code',
      '{{ a.constructor.constructor }}{{ greet.constructor }}{{ Author.constructor }}',
    ],
    [
      'prototype and the inside of functions',
      '{{ Author.prototype }}{{ greet.call }}{{ greet.name }}{{ Author.make }}',
    ],
    [
      'methods of Object.prototype',
      '{{ data.toString }}{{ data.valueOf }}{{ data.hasOwnProperty }}{{ data.isPrototypeOf }}',
    ],
    ['methods that change a list', '{{ list.pop }}{{ list.reverse }}{{ list.shift }}{{ list.sort }}{{ map.clear }}'],
    ['methods that save, delete or are marked as altering data', '{{ a.save }}{{ a.delete }}{{ a.promote }}'],
    ['methods that need arguments', '{{ a.say }}'],
    ['classes: they are not called', '{{ Author }}'],
    ['the variables of Object.prototype', '{{ constructor }}{{ toString }}{{ hasOwnProperty }}'],
    ['methods of promises', '{{ promise.then }}'],
  ])('%s', async (_, template) => {
    const made: Author[] = []
    const list = [1, 2, 3]
    const context = () => {
      const a = new Author()
      made.push(a)
      return {
        a,
        Author,
        list,
        map: new Map([[1, 1]]),
        text: 't',
        n: 1,
        data: { x: 1 },
        greet: () => '',
        promise: { then: (f: (v: string) => void) => f('') },
      }
    }
    expect(await rendered(template, context)).toBe('')
    expect(list).toEqual([1, 2, 3])
    expect(made.map((a) => a.name)).toEqual(made.map(() => 'Django'))
  })

  test('names that begin with an underscore: they do not compile', async () => {
    for (const name of ['a._x', 'a.__proto__', '__proto__', '_x', 'a.b.__class__']) {
      await expect(rendered(`{{ ${name} }}`)).rejects.toMatchObject({ code: 'templates.private-name' })
    }
  })

  test('a constructor, unless data has a key of that name', async () => {
    expect(await rendered('{{ car.constructor }}', { car: JSON.parse('{"constructor": "Ferrari"}') })).toBe('Ferrari')
    expect(await rendered('{{ car.constructor }}', { car: new Map([['constructor', 'Ferrari']]) })).toBe('Ferrari')
  })

  test('methods through dictsort, whose argument may come from a request (CVE-2021-45116)', async () => {
    let called = 0
    class Row {
      name = 'x'
      archive() {
        called++
        return 1
      }
    }
    for (const key of [
      'archive',
      'constructor',
      'constructor.name',
      '__proto__',
      'prototype',
      'toString',
      '__class__',
      '0.password',
    ]) {
      expect(await rendered('{{ rows|dictsort:key }}', { rows: [new Row(), new Row()], key })).toBe('')
    }
    expect(called).toBe(0)
  })

  test('and nothing is left on Object.prototype by a hostile context', async () => {
    await rendered('{% for k, v in data.items %}{{ k }}{% endfor %}', {
      data: JSON.parse('{"__proto__": {"polluted": 1}}'),
    })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('values are written', () => {
  test.each([
    ['null and undefined as nothing', '[{{ a }}{{ b }}]', { a: null, b: undefined }, '[]'],
    ['booleans as JavaScript has them', '{{ a }} {{ b }}', { a: true, b: false }, 'true false'],
    ['big integers exactly', '{{ n }}', { n: 9007199254740993n }, '9007199254740993'],
    ['lists and plain objects spelt out', '{{ a|safe }}', { a: ['x', 1, { k: null }] }, "['x', 1, {'k': null}]"],
    ['objects with HTML of their own unescaped', '{{ a }}', { a: { [Symbol.for('nuages.html')]: () => '<b>' } }, '<b>'],
    ['text escaped', '{{ a }}', { a: `<&>"'` }, '&lt;&amp;&gt;&quot;&#x27;'],
  ])('%s', async (_, template, context, expected) => {
    expect(await rendered(template, context as Record<string, unknown>)).toBe(expected)
  })

  test('objects by their toString, escaped', async () => {
    class Named {
      toString() {
        return '<b>'
      }
    }
    expect(await rendered('{{ a }}', { a: new Named() })).toBe('&lt;b&gt;')
  })
})
