/** A template's text as tokens. One pass, linear. */

export type TokenKind = 'text' | 'variable' | 'block' | 'comment'

/** A piece of a template. `contents` is the trimmed inside of a tag, or the text as it is. */
export interface Token {
  readonly kind: TokenKind
  readonly contents: string
  /** Line on which the token starts, from 1. */
  readonly line: number
  /** Offset of the first character in the source; needed for what takes source text as it is. */
  readonly start: number
  readonly end: number
}

// As in Django a tag ends on the line on which it starts; anything else is text.
const CLOSERS: Readonly<Record<string, string>> = { '{': '}}', '%': '%}', '#': '#}' }

/**
 * Splits `source`. Inside `{% verbatim name %}` everything up to `{% endverbatim name %}` is text.
 * A tag that is not closed on its line is text too.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let textStart = 0
  let textLine = 1
  let line = 1
  let verbatim: string | null = null
  let at = 0
  const text = (end: number): void => {
    if (end > textStart) {
      tokens.push({ kind: 'text', contents: source.slice(textStart, end), line: textLine, start: textStart, end })
    }
  }
  // Next closer of each kind and next line break, kept while they lie ahead: a long line of `{{{{` stays linear.
  const ahead: Record<string, number> = { '{': -1, '%': -1, '#': -1, '\n': -1 }
  const next = (what: string, key: string, from: number): number => {
    if (ahead[key]! < from) {
      const found = source.indexOf(what, from)
      ahead[key] = found === -1 ? Number.POSITIVE_INFINITY : found
    }
    return ahead[key]!
  }
  while (at < source.length) {
    const char = source.charCodeAt(at)
    if (char === 10) line++
    const opener = char === 123 ? source[at + 1] : undefined
    const closer = opener === undefined ? undefined : CLOSERS[opener]
    const found = closer === undefined ? Number.POSITIVE_INFINITY : next(closer, opener!, at + 2)
    if (found === Number.POSITIVE_INFINITY || next('\n', '\n', at + 2) < found) {
      at++
      continue
    }
    const end = found + 2
    const contents = source.slice(at + 2, found).trim()
    if (verbatim !== null && !(opener === '%' && contents === verbatim)) {
      at++
      continue
    }
    verbatim = null
    text(at)
    const kind: TokenKind = opener === '{' ? 'variable' : opener === '%' ? 'block' : 'comment'
    tokens.push({ kind, contents, line, start: at, end })
    if (kind === 'block' && /^verbatim(?:\s|$)/.test(contents)) verbatim = `end${contents}`
    at = end
    textStart = end
    textLine = line
  }
  text(source.length)
  return tokens
}
