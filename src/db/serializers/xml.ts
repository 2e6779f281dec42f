/** The format `xml`: Django's, in both directions. Writing needs no library; reading is in xml-read.ts. */
import { SerializationError } from './errors.ts'
import { type FieldWords, fieldWords } from './field-words.ts'
import type { FixtureFormat, FixtureRow } from './format.ts'
import { writeJson } from './json-text.ts'
import { ModelNames } from './names.ts'
import { readXml } from './xml-read.ts'

/** What XML 1.0 cannot say, not even as a reference: control characters and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNWRITABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]/u
const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;', // as it stands, a reader would make a line feed of it
  '\n': '&#10;',
  '\t': '&#9;',
}
const inText = (text: string): string => text.replace(/[&<>\r]/g, (sign) => SIGNS[sign]!)
const inAttribute = (text: string): string => text.replace(/[&<>"\r\n\t]/g, (sign) => SIGNS[sign]!)

/** A value as text: as Python's str() has it. */
function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'object' ? writeJson(value) : String(value)
}

function fieldContent(value: unknown, words: FieldWords | undefined): string {
  if (words?.rel === 'ManyToManyRel' && Array.isArray(value)) {
    const one = (key: unknown, natural: boolean) =>
      natural ? `<object>${naturalKey(key as unknown[])}</object>` : `<object pk="${inAttribute(plain(key))}"></object>`
    return value.map((key) => one(key, Array.isArray(key) && !words.isWide)).join('')
  }
  if (value === null) return '<None></None>'
  if (words?.type === 'JSONField') return inText(writeJson(value))
  if (words?.rel && Array.isArray(value)) return naturalKey(value)
  return inText(plain(value))
}
const naturalKey = (parts: readonly unknown[]): string =>
  parts.map((part) => `<natural>${inText(plain(part))}</natural>`).join('')

async function* write(
  rows: AsyncIterable<FixtureRow>,
  { indent }: { readonly indent: number },
): AsyncGenerator<string> {
  const names = new ModelNames()
  const known = new Map<string, ReadonlyMap<string, FieldWords>>()
  const line = (level: number): string => (indent > 0 ? `\n${' '.repeat(indent * level)}` : '')
  yield '<?xml version="1.0" encoding="utf-8"?>\n<django-objects version="1.0">'
  for await (const { model, pk, fields } of rows) {
    let words = known.get(model)
    if (words === undefined) {
      words = fieldWords(names, model)
      known.set(model, words)
    }
    const key = pk === undefined || pk === null ? '' : ` pk="${inAttribute(plain(pk))}"`
    let text = `${line(1) || '\n'}<object model="${inAttribute(model)}"${key}>`
    for (const [name, value] of Object.entries(fields)) {
      const said = words.get(name)
      const about = said?.rel
        ? ` rel="${said.rel}" to="${inAttribute(said.to)}"`
        : ` type="${said?.type ?? 'TextField'}"`
      const content = fieldContent(value, said)
      if (UNWRITABLE.test(content)) {
        throw new SerializationError(`XML has no way to write what is in ${name} of ${model} ${plain(pk ?? '')}.`, {
          code: 'serializers.unwritable-text',
          hint: 'It has control characters, or half a surrogate pair. JSON and YAML can write them.',
        })
      }
      text += `${line(2)}<field name="${inAttribute(name)}"${about}>${content}</field>`
    }
    yield `${text}${line(1)}</object>`
  }
  yield '\n</django-objects>\n'
}

/** See the file's first line. */
export const xmlFormat: FixtureFormat = { name: 'xml', extensions: ['xml'], write, read: readXml }
