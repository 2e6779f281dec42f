/** Several values in one line of text, with commas between: how a form shows an array. */

/** `a, "b, c"`; a value with a comma, a quote or spaces around it stands in quotes, null is nothing. */
export function writeList(items: readonly unknown[]): string {
  return items
    .map((item) => {
      if (item === null || item === undefined) return ''
      const text = item instanceof Date ? item.toISOString() : String(item)
      return text === '' || text !== text.trim() || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    })
    .join(', ')
}

const ITEM = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/gy

/** What {@link writeList} wrote: texts, null for nothing between two commas; null where a quote is not closed. */
export function readList(text: string): (string | null)[] | null {
  if (text.trim() === '') return []
  const found: (string | null)[] = []
  ITEM.lastIndex = 0
  for (;;) {
    const match = ITEM.exec(text)
    if (match === null) return null
    const [, quoted, plain, end] = match
    if (quoted === undefined && plain!.startsWith('"')) return null
    found.push(quoted?.replaceAll('""', '"') ?? (plain!.trim() || null))
    if (end === '') return found
  }
}
