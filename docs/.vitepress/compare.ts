/** Two blocks of code with nothing between them stand side by side: theirs, then ours. */
interface Token {
  type: string
  tag: string
  info: string
  content: string
  block: boolean
}
interface State {
  tokens: Token[]
  readonly Token: new (type: string, tag: string, nesting: number) => Token
}

/** Wraps neighbouring fences of which the first is another framework's (its info ends in `theirs`). */
export function sideBySide({ tokens, Token }: State): Token[] {
  const html = (content: string) => Object.assign(new Token('html_block', '', 0), { content, block: true })
  const out: Token[] = []
  for (let i = 0; i < tokens.length; i++) {
    const [token, next] = [tokens[i]!, tokens[i + 1]]
    if (isTheirs(token) && next?.type === 'fence' && !isTheirs(next)) {
      out.push(html('<div class="compare">\n'), token, next, html('</div>\n'))
      i++
    } else out.push(token)
  }
  return out
}

function isTheirs(token: Token): boolean {
  return token.type === 'fence' && /\btheirs\b/.test(token.info)
}
