/**
 * Small edits of files that people wrote: only where the text is plainly of the expected form, which all of
 * `startproject` is. Anything else gives null, and is left to its author.
 */

/** `apps: [a, b]` with one name more. Null for a list of anything but names and calls, or for several lists. */
export function addToApps(text: string, name: string): string | null {
  const lists = [...text.matchAll(/^([ \t]*apps:[ \t]*\[)([^\]]*)(\])/gm)]
  const [list] = lists
  if (list === undefined || lists.length > 1 || !/^[\w\s.,()]*$/.test(list[2]!)) return null
  const items = list[2]!
  const end = items.trimEnd()
  const several = items.includes('\n')
  const comma = end === '' || end.endsWith(',') ? '' : ','
  const added = several
    ? `${end}${comma}\n${indentOf(end) ?? '    '}${name},${items.slice(end.length)}`
    : `${end}${comma}${end === '' ? '' : ' '}${name}`
  return replaceAt(text, list.index, list[0], `${list[1]}${added}${list[3]}`)
}

/** The table `export const urls = routes({ … })` with one line more, at its end. */
export function addToRoutes(text: string | null, line: string): string | null {
  if (text === null) return null
  const tables = [...text.matchAll(/^(export const urls = routes\(\{\n)([\s\S]*?)(^\}\))/gm)]
  const [table] = tables
  if (table === undefined || tables.length > 1) return null
  const body = table[2]!.trimEnd()
  if (body !== '' && !body.endsWith(',')) return null
  return replaceAt(text, table.index, table[0], `${table[1]}${body}${body === '' ? '' : '\n'}  ${line},\n${table[3]}`)
}

/** One import more, after the last one. */
export function addImport(text: string | null, names: string, from: string): string | null {
  if (text === null) return null
  const imports = [...text.matchAll(/^import\s[^'"]*['"][^'"\n]+['"];?[ \t]*\n/gm)]
  const last = imports.at(-1)
  if (last === undefined) return null
  const quote = /from "/.test(last[0]) ? '"' : "'"
  const end = last[0].trimEnd().endsWith(';') ? ';' : ''
  const at = last.index + last[0].length
  return `${text.slice(0, at)}import ${names} from ${quote}${from}${quote}${end}\n${text.slice(at)}`
}

function indentOf(items: string): string | undefined {
  return /\n([ \t]+)\S[^\n]*$/.exec(items)?.[1]
}

function replaceAt(text: string, index: number, before: string, after: string): string {
  return text.slice(0, index) + after + text.slice(index + before.length)
}
