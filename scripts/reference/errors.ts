/**
 * docs/reference/errors.md: every code an error of ours can have, with its messages, its causes and what to do. Messages
 * and hints are the ones in the source; causes come from `@throws Kind room.code when …` and from the classes' comments.
 */
import { FIXES, MESSAGES } from './error-words.ts'
import {
  argumentsOf,
  bracketed,
  heading,
  literalText,
  plainComment,
  type SourceFile,
  sourceFile,
  sourceFiles,
  table,
} from './source.ts'

interface Found {
  readonly classes: Set<string>
  readonly messages: Set<string>
  readonly hints: Set<string>
  readonly files: Set<string>
  readonly statuses: Set<string>
}

const CODE =
  /(?<![\w.])(?:code: |code = |throw problem\(\s*|options\.code \?\? |code: options\.code \?\? )'([a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*)'/g
const ERROR = /(?:new ([A-Z]\w+)|(?<!function )\b(syntaxError))\(/g
/** Functions that make an error of a kind. */
const MADE_BY: Readonly<Record<string, string>> = { syntaxError: 'TemplateSyntaxError' }

/** Comments as spaces, so that places stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
}

function hintOf(part: string): string {
  const at = /\bhint:\s/.exec(part)
  return at === null ? '' : literalText(argumentsOf(`(${part.slice(at.index + at[0].length)})`)[0] ?? '')
}

function statusOf(part: string): string {
  return /\bstatus: (\d{3})/.exec(part)?.[1] ?? ''
}

function* errorsIn({
  path,
  text: raw,
}: SourceFile): Generator<[code: string, kind: string, message: string, hint: string, status: string]> {
  const text = withoutComments(raw)
  const calls = [...text.matchAll(ERROR)].map((match) => {
    const from = match.index + match[0].length - 1
    return { name: match[1] ?? MADE_BY[match[2]!]!, from, call: bracketed(text, from) }
  })
  const classes = [...text.matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm)]
  for (const match of text.matchAll(CODE)) {
    const code = match[1]!
    const around = calls.findLast(({ from, call }) => match.index > from && match.index < from + call.length)
    if (around !== undefined) {
      const [message = '', options = ''] = argumentsOf(around.call)
      yield [code, around.name, literalText(message), hintOf(options), statusOf(options)]
      continue
    }
    const within = classes.findLast((each) => each.index < match.index)
    if (
      path.endsWith('/errors.ts') &&
      within !== undefined &&
      /super\([^;]*$/.test(text.slice(within.index, match.index))
    ) {
      yield [code, within[1]!, '', hintOf(text.slice(match.index, match.index + 300)), '']
      continue
    }
    // A table of codes, or a function that makes the error: the file's own kind, and the words beside the code.
    const line = text.slice(match.index, match.index + 300).split(/\n {2}\}|\n {4}\)/, 1)[0]!
    const what = /what: ('[^']*'|`[^`]*`)/.exec(line)?.[1] ?? line.slice(match[0].length)
    const kind = /constraint|kind: '/.test(line)
      ? 'IntegrityError'
      : calls.find(({ name }) => name.endsWith('Error'))?.name
    yield [code, kind ?? '', literalText(what), hintOf(line), statusOf(line)]
  }
}

/** First sentences of the comments of error classes, for codes whose message is made elsewhere. */
function classComments(): Map<string, string> {
  const found = new Map<string, string>()
  for (const { text } of sourceFiles()) {
    for (const [, comment, name] of text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport class (\w+) extends/g))
      found.set(name!, /^.*?[.:](?= |$)/.exec(plainComment(comment!))?.[0].replace(/:$/, '.') ?? '')
  }
  return found
}

/** What documentation says of a code: `@throws AppError apps.duplicate-name when two apps have one name`. */
function causesByCode(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { text } of sourceFiles()) {
    for (const [, comment] of text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\//g)) {
      for (const part of comment!.split(/(?=@throws)/).slice(1)) {
        const line = plainComment(part.split(/\n\s*\*\s*(?:@|$)/m)[0]!.replace('@throws', ''))
        for (const clause of line.split(/;\s+/)) {
          const codes = [...clause.matchAll(/\b[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*\b/g)]
          const words = clause
            .slice((codes.at(-1)?.index ?? 0) + (codes.at(-1)?.[0].length ?? 0))
            .replace(/^[,:\s]+/, '')
          if (codes.length !== 1 || !/^(when|where|for|with|if|on|while|once|in|unless)\b/.test(words)) continue
          const code = codes[0]![0]
          found.set(code, (found.get(code) ?? new Set()).add(sentence(words)))
        }
      }
    }
  }
  return found
}

function sentence(words: string): string {
  const text = words.replace(/[.:\s]+$/, '')
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`
}

/** Every code, with what the source says of it. */
export function errorCodes(): Map<string, Found> {
  const codes = new Map<string, Found>()
  for (const file of sourceFiles()) {
    for (const [code, kind, message, hint, status] of errorsIn(file)) {
      const found = codes.get(code) ?? {
        ...{ classes: new Set(), messages: new Set(), hints: new Set(), files: new Set(), statuses: new Set() },
      }
      codes.set(code, found)
      if (kind !== '') found.classes.add(kind)
      if (message !== '') found.messages.add(message)
      if (hint !== '') found.hints.add(hint)
      if (status !== '') found.statuses.add(status)
      found.files.add(file.path)
    }
  }
  return codes
}

export function errorsPage(): string {
  const comments = classComments()
  const causes = causesByCode()
  const rooms = Map.groupBy(
    [...errorCodes()].sort(([a], [b]) => (a < b ? -1 : 1)),
    ([code]) => code.split('.')[0]!,
  )
  const about =
    'Every error Nuages throws is a `NuagesError` with a stable `code`, a message with the value, and often a `hint` that ' +
    'says what to do. An error that reaches the handler is answered with its `status` (500 unless it has one). In the ' +
    'messages, … stands for the value. See [checks and errors](../guides/checks-and-errors.md).'
  const sections = [...rooms].map(([room, entries]) => {
    const each = entries.map(([code, found]) => entry(code, found, causes.get(code), comments))
    return `## ${room}\n\n${each.join('\n\n')}`
  })
  return `${heading('Errors', about)}${sections.join('\n\n')}\n\n${httpSection()}\n\n${csrfSection()}`
}

/** One code: kind and status, messages, cause, what to do. */
function entry(
  code: string,
  found: Found,
  causes: Iterable<string> | undefined,
  comments: Map<string, string>,
): string {
  const { classes, messages, hints, statuses } = found
  const kind = [...classes].map((name) => `\`${name}\``).join(', ')
  const status = [...statuses].filter((each) => each !== '500')
  const why = [...(causes ?? [])].slice(0, 3).join(' ')
  const about = [...classes].map((name) => comments.get(name) ?? '').find(Boolean) ?? ''
  const said = messages.size > 0 ? [...messages].slice(0, 4) : [MESSAGES[code] ?? '']
  const todo = hints.size > 0 ? [...hints].slice(0, 3) : [FIXES[code] ?? '']
  const parts = [
    `### ${code}`,
    [kind, ...status.map((each) => `status ${each}`)].filter(Boolean).join(' · ') +
      (about === '' ? '' : `: ${plain(about)}`),
    said
      .filter(Boolean)
      .map((message) => `> ${plain(message)}`)
      .join('\n>\n'),
    why === '' ? '' : `**Cause**: ${plain(why)}`,
    todo.some(Boolean) ? `**What to do**: ${todo.map(plain).join(' · ')}` : '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** `<` and `_` as they are. */
function plain(text: string): string {
  return text.replace(/</g, '&lt;').replace(/([*_])/g, '\\$1')
}

/** Classes thrown with a status and no code of their own. */
function httpSection(): string {
  const { text } = sourceFile('src/http/errors.ts')
  const names = new Map([...text.matchAll(/^ {2}(\d{3}): '([^']+)'/gm)].map(([, status, name]) => [status!, name!]))
  const rows = [...text.matchAll(/class (\w+) extends HttpError \{[\s\S]*?super\((\d{3}),/g)].map(
    ([, name, status]) => [
      `\`${name}\``,
      status!,
      `\`http.${names
        .get(status!)!
        .toLowerCase()
        .replace(/[^a-z]+/g, '-')}\``,
    ],
  )
  return `## HTTP errors\n\nClasses of \`nuages/http\`, and the code where none is given.\n\n${table(['Class', 'Status', 'Code'], rows)}`
}

function csrfSection(): string {
  const { text } = sourceFile('src/middleware/csrf/rules.ts')
  const union = /export type CsrfReason =([\s\S]*?)\n\n/.exec(text)![1]!
  const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, reason]) => `\`csrf.${reason}\``)
  return `## csrf\n\nWhy a request was refused as forged, each a \`PermissionDenied\` (403): ${codes.join(', ')}.`
}
