import { globSync, readFileSync } from 'node:fs'

/** Comments, and what is quoted: strings and templates, which may say the word `any` without meaning it. */
const PARTS = /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
/** `any` where a type stands, or a type forced upon a value. */
const LOOSE = /(?<=[:<|&,=>?([]\s*|\b(?:extends|as|is|keyof)\s+)any\b(?!\s*[:.(?])|\bas unknown as\b/
/** A word that turns a finding of the compiler or the linter off; it stands in a comment, with its reason behind it. */
const SUPPRESSED = /(@ts-(?:expect-error|ignore|nocheck)|biome-ignore(?:-\w+)?(?: [\w/]+)?)[:\s-]*(.*)/

/**
 * The lines of a source, as `line: text`, that loosen a type without saying why. A reason is a comment at the end of the
 * line, or on the line above, or the docstring of the declaration where it says `any` or `because`.
 */
export function withoutReason(source: string): string[] {
  const lines = source.split('\n')
  const said: string[] = lines.map(() => '')
  let line = 0
  let read = 0
  const code = source
    .replace(PARTS, (part, comment: string | undefined, at: number) => {
      while (read < at) if (source[read++] === '\n') line++
      for (const [below, text] of comment?.split('\n').entries() ?? []) said[line + below] += text
      return comment ? part.replace(/[^\n]/g, ' ') : part.replace(/[^\n]/g, '_')
    })
    .split('\n')
  const offenders: string[] = []
  code.forEach((text, at) => {
    const suppressed = SUPPRESSED.exec(said[at]!)
    if (suppressed ? !suppressed[2]!.trim() : LOOSE.test(text) && !said[at] && !reasonAbove(code, said, at))
      offenders.push(`${at + 1}: ${lines[at]!.trim()}`)
  })
  return offenders
}

/** Whether the comment line above says it, or the docstring of the declaration: the nearest comment before an empty line. */
function reasonAbove(code: string[], said: string[], at: number): boolean {
  const isComment = (line: number) => code[line]?.trim() === '' && said[line] !== ''
  if (isComment(at - 1) && said[at - 1]!.startsWith('//')) return true
  let above = at
  while (above > 0 && code[above]!.trim()) above--
  let words = ''
  for (; above >= 0 && isComment(above); above--) words += said[above]
  return /\bany\b|because/.test(words)
}

/** Every file's, as `file:line: text`. */
export const offendersOf = (patterns: string[]): string[] =>
  globSync(patterns, { exclude: ['**/node_modules/**'] })
    .sort()
    .flatMap((file) => withoutReason(readFileSync(file, 'utf8')).map((offender) => `${file}:${offender}`))
