/** Reading the framework's sources as text: files, comments, calls. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** A file of the framework, by its path from the repository's root. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** One file. */
export function sourceFile(path: string): SourceFile {
  return { path, text: readFileSync(join(root, path), 'utf8') }
}

/** Every source file, sorted by path. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => sourceFile(`src/${name}`))
}

/** A JSDoc comment as plain text: stars and `{@link X}` gone, one line. */
export function plainComment(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*?|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join(' ')
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The text from an opening bracket at `from` to its closing one; strings and templates are stepped over. */
export function bracketed(text: string, from: number): string {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    const sign = text[i]!
    if (sign === "'" || sign === '"') i = endOfString(text, i)
    else if (sign === '`') i = endOfTemplate(text, i)
    else if (text.startsWith('//', i)) i = text.indexOf('\n', i)
    else if ('([{'.includes(sign)) depth++
    else if (')]}'.includes(sign) && --depth === 0) return text.slice(from, i + 1)
  }
  return text.slice(from)
}

function endOfString(text: string, from: number): number {
  let i = from + 1
  while (i < text.length && text[i] !== text[from] && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1
  return i
}

function endOfTemplate(text: string, from: number): number {
  let i = from + 1
  while (i < text.length && text[i] !== '`') {
    if (text[i] === '\\') i += 2
    else if (text.startsWith('${', i)) i += bracketed(text, i + 1).length + 1
    else i++
  }
  return i
}

/** The arguments in `(a, b)`, as text. */
export function argumentsOf(call: string): string[] {
  const parts: string[] = []
  let start = 1
  for (let i = 1; i < call.length - 1; i++) {
    const sign = call[i]!
    if (sign === "'" || sign === '"') i = endOfString(call, i)
    else if (sign === '`') i = endOfTemplate(call, i)
    else if ('([{'.includes(sign)) i += bracketed(call, i).length - 1
    else if (sign === ',') {
      parts.push(call.slice(start, i))
      start = i + 1
    }
  }
  parts.push(call.slice(start, -1))
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** Text literals of an expression, joined by `or`; `${what.it.is}` becomes `…`. Empty when there is none. */
export function literalText(expression: string): string {
  const found: string[] = []
  for (let i = 0; i < expression.length; i++) {
    const sign = expression[i]
    if (sign !== "'" && sign !== '"' && sign !== '`') continue
    const end = sign === '`' ? endOfTemplate(expression, i) : endOfString(expression, i)
    found.push(readLiteral(expression.slice(i + 1, end), sign === '`'))
    i = end
  }
  return found.filter((text) => /\S\s+\S/.test(text))[0] ?? ''
}

function readLiteral(raw: string, isTemplate: boolean): string {
  let text = ''
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === '\\') text += raw[++i] === 'n' ? ' ' : (raw[i] ?? '')
    else if (isTemplate && raw.startsWith('${', i)) {
      i += bracketed(raw, i + 1).length
      text += '…'
    } else text += raw[i]
  }
  return text
    .replace(/\{(\w+)\}/g, '…')
    .replace(/…(?:…)+/g, '…')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Text that may stand in a cell of a table. */
export function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\n/g, ' ')
}

/** A table; rows without cells give nothing. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The first line of every page made here. */
export function heading(title: string, about: string): string {
  return `# ${title}\n\n<!-- Made from the source by scripts/reference.ts; do not edit. -->\n\n${about}\n\n`
}
