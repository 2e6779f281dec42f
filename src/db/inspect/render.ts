/** Declarations of models as a TypeScript file. */

import type { TableSpec } from '../backends/schema.ts'
import { type Call, print, type Source } from '../migrations/source.ts'
import { draftModels, type FieldDraft, type InspectOptions, type ModelDraft } from './models.ts'

/** The text of a file with a model for each table. */
export function modelsFile(
  tables: readonly TableSpec[],
  options: InspectOptions,
  header: readonly string[] = [],
): string {
  const models = draftModels(tables, options)
  const body = models.map(modelText).join('\n')
  return `${header.map((line) => `// ${line}\n`).join('')}${importText(models, options)}\n${body}`
}

/** Builders of the door for PostgreSQL. */
const SPECIAL: ReadonlySet<string> = new Set([
  'array',
  'integerRange',
  'bigIntegerRange',
  'decimalRange',
  'dateRange',
  'dateTimeRange',
  'vector',
  'searchVector',
])

function importText(models: readonly ModelDraft[], { known }: InspectOptions): string {
  const names = new Set(['Model'])
  const others = new Map<string, Set<string>>()
  const used = (source: Source): void => {
    if ('call' in source) {
      if (SPECIAL.has(source.call)) {
        const from = 'nuages/db/postgres'
        others.set(from, (others.get(from) ?? new Set()).add(source.call))
      } else names.add(source.call)
      source.args.forEach(used)
    } else if ('entries' in source) for (const [, value] of source.entries) used(value)
    else if ('items' in source) source.items.forEach(used)
    else if (source.text.startsWith('Temporal.')) names.add('Temporal')
    else if (source.text.startsWith('sql`')) names.add('sql')
    else if (source.text.startsWith('Own(')) names.add('Own')
    else
      for (const { expression, name, from } of known?.values() ?? [])
        if (source.text === expression) others.set(from, (others.get(from) ?? new Set()).add(name))
  }
  for (const { fields, options } of models) {
    for (const field of fields) used({ call: field.builder, args: field.args })
    for (const [, value] of options) used(value)
  }
  const sorted = (set: Set<string>) => [...set].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  const line = (list: Set<string>, from: string) => {
    const flat = `import { ${sorted(list).join(', ')} } from '${from}'\n`
    return flat.length <= 121
      ? flat
      : `import {\n${sorted(list)
          .map((name) => `  ${name},\n`)
          .join('')}} from '${from}'\n`
  }
  return (
    [...others]
      .map(([from, list]) => line(list, from))
      .sort()
      .join('') + line(names, 'nuages/db')
  )
}

function modelText({ name, fields, options, notes }: ModelDraft): string {
  const comments = notes.map((note) => `// ${oneLine(note)}\n`).join('')
  const body = fields.map(fieldText).join('')
  const map = fields.length === 0 ? '{}' : `{\n${body}}`
  if (options.length === 0) return `${comments}export class ${name} extends Model<${name}>()(${map}) {}\n`
  const indented = fields.length === 0 ? '{}' : `{\n${body.replace(/^(?=.)/gm, '  ')}  }`
  const source: Source = { entries: options }
  return `${comments}export class ${name} extends Model<${name}>()(\n  ${indented},\n  ${print(source, 2, 3)},\n) {}\n`
}

function fieldText({ name, builder, args, isRelation, notes }: FieldDraft): string {
  const call: Call = { call: builder, args }
  const head = `  ${name}: ${isRelation ? '() => ' : ''}`
  const comments = notes.map((note) => `  // ${oneLine(note)}\n`).join('')
  return `${comments}${head}${print(call, 2, head.length + 3)},\n`
}

/** What a database says may have line ends, which would end the comment. */
function oneLine(note: string): string {
  return note.replace(/[\r\n\u2028\u2029]+/g, ' ').slice(0, 300)
}
