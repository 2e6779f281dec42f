/** docs/reference/fields.md: the field builders, their options, their columns. */
import { heading, plainComment, type SourceFile, sourceFile, table } from './source.ts'

const files = ['text', 'numbers', 'others', 'dates', 'relations'].map((name) => sourceFile(`src/db/fields/${name}.ts`))
const types = sourceFile('src/db/fields/types.ts')

/** Builders a file exports, with the comment before each. */
function builders({ text }: SourceFile): string[][] {
  return [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:function|const) (\w+)(?=[<(:])/g)]
    .filter(([, comment]) => !comment!.includes('@internal') && !comment!.startsWith(' True for'))
    .map(([, comment, name]) => [`\`${name}\``, plainComment(comment!)])
}

/** Members of an options interface, wherever it is. */
function options(name: string): string[][] {
  const texts = [types, ...files].map(({ text }) => text)
  const body = texts
    .map((text) => new RegExp(`export interface ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1])
    .find(Boolean)!
  return [...body.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly (\w+)\??: ([^\n]+)/g)].map(
    ([, comment = '', key, type]) => [`\`${key}\``, `\`${type}\``, plainComment(comment)],
  )
}

const groups: readonly (readonly [title: string, about: string, name: string])[] = [
  ['Options of every field with a column', '`V` is the type of the value.', 'FieldOptions'],
  ['Options of text', '', 'TextOptions'],
  ['Options of numbers', '', 'NumberOptions'],
  ['Options of decimals', '', 'DecimalOptions'],
  ['Options of date and dateTime', '', 'AutoNowOptions'],
  ['Options of uuid', '', 'UuidOptions'],
  ['Options of choice', '', 'ChoiceOptions'],
  ['Options of foreignKey and oneToOne', '', 'ForeignKeyOptions'],
  ['Options of manyToMany', '', 'ManyToManyOptions'],
]

export function fieldsPage(): string {
  const about = 'What `nuages/db` has to declare models with. See [models](../guides/models.md).'
  const sections = groups.map(([title, more, name]) =>
    [`## ${title}`, more, table(['Option', 'Type', 'Meaning, default'], options(name))].filter(Boolean).join('\n\n'),
  )
  return `${heading('Fields', about)}${table(['Field', 'What it holds'], files.flatMap(builders))}\n\n${sections.join('\n\n')}`
}
