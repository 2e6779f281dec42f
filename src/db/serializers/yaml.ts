/** The format `yaml`: what Django writes and reads with PyYAML, which is YAML 1.1. Writing needs no library. */
import type { FixtureFormat, FixtureRow } from './format.ts'
import { readYaml } from './yaml-read.ts'

/** Text that nobody takes for anything else, whichever version of YAML they know. */
const PLAIN = /^[A-Za-z_][\w./@-]*(?: [\w./@-]+)*$/
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|none|nan|inf)$/i
/** What JSON leaves as it is, and YAML 1.1 takes for a line's end or refuses. */
const ODD = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

function textOf(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text
  return JSON.stringify(text).replace(ODD, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
function numberOf(value: number): string {
  // A number with an exponent has a point, else PyYAML takes it for text.
  return (Object.is(value, -0) ? '-0.0' : String(value)).replace(/^(-?\d+)e/, '$1.0e')
}

/** A value on one line. */
function flow(value: unknown): string {
  if (typeof value === 'string') return textOf(value)
  if (typeof value === 'number') return numberOf(value)
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if ('toJSON' in value && typeof value.toJSON === 'function') return flow(value.toJSON())
  return `{${Object.entries(value)
    .map(([name, item]) => `${textOf(name)}: ${flow(item)}`)
    .join(', ')}}`
}

async function* write(rows: AsyncIterable<FixtureRow>): AsyncGenerator<string> {
  let isEmpty = true
  for await (const { model, pk, fields } of rows) {
    isEmpty = false
    let text = `- model: ${textOf(model)}\n`
    if (pk !== undefined) text += `  pk: ${flow(pk)}\n`
    const entries = Object.entries(fields)
    text += entries.length === 0 ? '  fields: {}\n' : '  fields:\n'
    for (const [name, value] of entries) text += `    ${textOf(name)}: ${flow(value)}\n`
    yield text
  }
  if (isEmpty) yield '[]\n'
}

/** See the file's first line. */
export const yamlFormat: FixtureFormat = { name: 'yaml', extensions: ['yaml', 'yml'], write, read: readYaml }
