/** Splits the inside of a tag at spaces, except within quotes. */

/**
 * The words of a tag: `url "a b" x|default:"c d"` gives three. Quotes stay, and so do backslashes before a quote or a
 * backslash: {@link unquote} reads them. A quote that is not closed is an ordinary character.
 *
 * Same words as `django.utils.text.smart_split`. Linear: each failed search for a closing quote is remembered.
 */
export function smartSplit(text: string): string[] {
  const words: string[] = []
  const unclosed = { '"': false, "'": false }
  let at = 0
  while (at < text.length) {
    if (isSpace(text, at)) {
      at++
      continue
    }
    const start = at
    while (at < text.length && !isSpace(text, at)) {
      const char = text[at]!
      if ((char === '"' || char === "'") && !unclosed[char]) {
        const end = closingQuote(text, at)
        if (end === -1) {
          unclosed[char] = true
          at++
        } else at = end + 1
      } else at++
    }
    words.push(text.slice(start, at))
  }
  return words
}

/** Offset of the quote that closes the one at `at`, or -1. A backslash hides the character after it. */
export function closingQuote(text: string, at: number): number {
  const quote = text.charCodeAt(at)
  for (let i = at + 1; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 92) i++
    else if (char === quote) return i
  }
  return -1
}

/** The text of a quoted literal, `\"` and `\\` read; other backslashes stay. */
export function unquote(literal: string): string {
  const quote = literal[0]!
  return literal
    .slice(1, -1)
    .replace(/\\(["'\\])/g, (whole, char: string) => (char === quote || char === '\\' ? char : whole))
}

/** The words of a tag, keeping `_("two words")` whole, as Django's `Token.split_contents`. */
export function splitContents(contents: string): string[] {
  const words: string[] = []
  const split = smartSplit(contents)
  for (let i = 0; i < split.length; i++) {
    let word = split[i]!
    if (word.startsWith('_("') || word.startsWith("_('")) {
      const sentinel = `${word[2]})`
      const parts = [word]
      while (!word.endsWith(sentinel) && i + 1 < split.length) {
        word = split[++i]!
        parts.push(word)
      }
      words.push(parts.join(' '))
    } else words.push(word)
  }
  return words
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 32 || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(text[at]!))
}
