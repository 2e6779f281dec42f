/**
 * Reading the format `xml`, a part at a time. The text is not trusted: a document type is refused before any of its
 * entities could be used, which ends "billion laughs" (entities made of entities), XXE (entities read from files or
 * from the network) and DTDs fetched from elsewhere. Elements stand only where fixtures have them, so nothing nests deeper.
 */
import { JSONNull } from '../expressions/json-null.ts'
import { DeserializationError } from './errors.ts'
import { type FieldWords, fieldWords } from './field-words.ts'
import type { FixtureItem } from './format.ts'
import { readJson } from './json-text.ts'
import { library } from './library.ts'
import { ModelNames } from './names.ts'

/** What of the package is used. */
interface Tag {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}
interface Parser {
  readonly line: number
  on(event: 'opentag', handler: (tag: Tag) => void): void
  on(event: 'closetag', handler: () => void): void
  on(event: 'text' | 'cdata', handler: (text: string) => void): void
  on(event: 'doctype', handler: () => void): void
  on(event: 'error', handler: (error: Error) => void): void
  write(text: string): unknown
  close(): unknown
}
interface Saxes {
  readonly SaxesParser: new (options: object) => Parser
}

/** What may stand in what; '' is the document. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  '': ['django-objects'],
  'django-objects': ['object'],
  object: ['field'],
  field: ['None', 'natural', 'item'],
  item: ['natural'], // an <object> in a field
  natural: [],
  None: [],
}

function malformed(message: string, line: number, cause?: unknown): DeserializationError {
  return new DeserializationError(message, {
    code: 'serializers.malformed',
    line,
    cause,
    hint: 'A fixture is <django-objects><object model="library.book" pk="1"><field name="title">…</field></object></django-objects>.',
  })
}

/** Collects rows from what the parser tells. */
class Reading {
  readonly rows: FixtureItem[] = []
  readonly #parser: Parser
  readonly #names = new ModelNames()
  readonly #words = new Map<string, ReadonlyMap<string, FieldWords>>()
  readonly #open: string[] = ['']
  #row: { model: string; pk?: string; fields: Record<string, unknown> } = { model: '', fields: {} }
  #line = 0
  #field = { name: '', rel: '', type: '' }
  #text = ''
  #isNone = false
  #natural: string[] = []
  #items: unknown[] | null = null
  #key: string | undefined

  constructor(parser: Parser) {
    this.#parser = parser
    parser.on('error', (error) => {
      throw malformed(`This is no XML: ${error.message.replace(/^\d+:\d+: /, '')}`, parser.line, error)
    })
    parser.on('doctype', () => {
      throw malformed('The text has a document type, which fixtures have not.', parser.line)
    })
    parser.on('opentag', (tag) => this.#opened(tag))
    parser.on('closetag', () => this.#closed())
    parser.on('text', (text) => this.#said(text))
    parser.on('cdata', (text) => this.#said(text))
  }

  #opened({ name, attributes }: Tag): void {
    const within = this.#open.at(-1)!
    const own = within === 'field' && name === 'object' ? 'item' : name
    if (!CHILDREN[within]!.includes(own)) {
      throw malformed(
        `<${name.slice(0, 50)}> has no place in ${within === '' ? 'the document' : `<${within}>`}.`,
        this.#parser.line,
      )
    }
    this.#open.push(own)
    if (own === 'object') {
      this.#line = this.#parser.line
      const { model, pk } = attributes
      if (model === undefined) throw malformed('An <object> has no attribute "model".', this.#line)
      this.#row = { model, ...(pk !== undefined && { pk }), fields: {} }
    } else if (own === 'field') {
      const { name = '', rel = '', type = '' } = attributes
      if (name === '') throw malformed('A <field> has no attribute "name".', this.#parser.line)
      this.#field = { name, rel, type }
      this.#text = ''
      this.#isNone = false
      this.#natural = []
      this.#items = null
    } else if (own === 'item') {
      this.#items ??= []
      this.#natural = []
      this.#key = attributes.pk
    } else if (own === 'natural') this.#text = ''
    else if (own === 'None') this.#isNone = true
  }

  #said(text: string): void {
    const within = this.#open.at(-1)!
    if (within === 'field' || within === 'natural') this.#text += text
    else if (text.trim() !== '') throw malformed('There is text between the elements.', this.#parser.line)
  }

  #closed(): void {
    const own = this.#open.pop()!
    if (own === 'natural') {
      this.#natural.push(this.#text.trim())
      this.#text = ''
    } else if (own === 'item') {
      if (this.#natural.length > 0) this.#items!.push(this.#natural)
      else if (this.#key !== undefined) this.#items!.push(this.#key)
      else throw malformed('An <object> of a relation has neither a pk nor a natural key.', this.#parser.line)
    } else if (own === 'field') {
      // Own or not: "__proto__" is a field that no model has.
      Object.defineProperty(this.#row.fields, this.#field.name, {
        value: this.#value(),
        enumerable: true,
        configurable: true,
      })
    } else if (own === 'object') this.rows.push({ value: this.#row, line: this.#line })
  }

  #value(): unknown {
    if (this.#items !== null) return this.#items
    if (this.#isNone) return null
    if (this.#natural.length > 0) return this.#natural
    const { name, rel, type } = this.#field
    const words = this.#wordsOf(this.#row.model).get(name)
    if ((words?.rel ?? rel) === 'ManyToManyRel') return []
    if ((words?.type || type) !== 'JSONField') return (words?.rel ?? rel) ? this.#text.trim() : this.#text
    try {
      return readJson(this.#text) ?? JSONNull
    } catch (cause) {
      throw malformed(`The field ${name} is no JSON: ${(cause as Error).message}`, this.#parser.line, cause) // SyntaxError
    }
  }

  #wordsOf(label: string): ReadonlyMap<string, FieldWords> {
    let words = this.#words.get(label)
    if (words === undefined) {
      words = fieldWords(this.#names, label)
      this.#words.set(label, words)
    }
    return words
  }
}

/** @throws SerializationError serializers.library-missing; DeserializationError serializers.malformed */
export async function* readXml(parts: AsyncIterable<string>): AsyncGenerator<FixtureItem> {
  const { SaxesParser } = (await library('saxes', 'XML')) as Saxes
  const parser = new SaxesParser({ position: true })
  const reading = new Reading(parser)
  for await (const part of parts) {
    parser.write(part)
    yield* reading.rows.splice(0)
  }
  parser.close()
  yield* reading.rows.splice(0)
}
