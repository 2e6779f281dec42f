/** docs/reference/errors.md: every code an error of ours can have. */
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
}

const CODE =
  /(?<![\w.])(?:code: |code = |throw problem\(\s*|options\.code \?\? |code: options\.code \?\? )'([a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*)'/g
const ERROR = /new ([A-Z]\w+)\(/g

/** Comments as spaces, so that places stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
}

function hintOf(part: string): string {
  const at = /\bhint:\s/.exec(part)
  return at === null ? '' : literalText(argumentsOf(`(${part.slice(at.index + at[0].length)})`)[0] ?? '')
}

function* errorsIn({
  path,
  text: raw,
}: SourceFile): Generator<[code: string, kind: string, message: string, hint: string]> {
  const text = withoutComments(raw)
  const calls = [...text.matchAll(ERROR)].map((match) => {
    const from = match.index + match[0].length - 1
    return { name: match[1]!, from, call: bracketed(text, from) }
  })
  const classes = [...text.matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm)]
  for (const match of text.matchAll(CODE)) {
    const code = match[1]!
    const around = calls.findLast(({ from, call }) => match.index > from && match.index < from + call.length)
    if (around !== undefined) {
      const [message = '', options = ''] = argumentsOf(around.call)
      yield [code, around.name, literalText(message), hintOf(options)]
      continue
    }
    const within = classes.findLast((each) => each.index < match.index)
    if (
      path.endsWith('/errors.ts') &&
      within !== undefined &&
      /super\([^;]*$/.test(text.slice(within.index, match.index))
    ) {
      yield [code, within[1]!, '', hintOf(text.slice(match.index, match.index + 300))]
      continue
    }
    // A table of codes, or a function that makes the error: the file's own kind, and the words beside the code.
    const line = text.slice(match.index, match.index + 300).split(/\n {2}\}|\n {4}\)/, 1)[0]!
    const what = /what: ('[^']*'|`[^`]*`)/.exec(line)?.[1] ?? line.slice(match[0].length)
    const kind = /constraint|kind: '/.test(line)
      ? 'IntegrityError'
      : calls.find(({ name }) => name.endsWith('Error'))?.name
    yield [code, kind ?? '', literalText(what), hintOf(line)]
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

export function errorsPage(): string {
  const comments = classComments()
  const codes = new Map<string, Found>()
  for (const file of sourceFiles()) {
    for (const [code, kind, message, hint] of errorsIn(file)) {
      const found = codes.get(code) ?? { classes: new Set(), messages: new Set(), hints: new Set(), files: new Set() }
      codes.set(code, found)
      if (kind !== '') found.classes.add(kind)
      if (message !== '') found.messages.add(message)
      if (hint !== '') found.hints.add(hint)
      found.files.add(file.path)
    }
  }
  const rooms = Map.groupBy(
    [...codes].sort(([a], [b]) => (a < b ? -1 : 1)),
    ([code]) => code.split('.')[0]!,
  )
  const about =
    'Every error Nuages throws is a `NuagesError` with a stable `code`, a message with the value, and often a `hint` that ' +
    'says what to do. An error that reaches the handler is answered with its `status` (500 unless it has one). In the ' +
    'messages, … stands for the value. See [checks and errors](../guides/checks-and-errors.md).'
  const sections = [...rooms].map(([room, entries]) => {
    const rows = entries.map(([code, { classes, messages, hints }]) => [
      `\`${code}\``,
      [...classes].map((name) => `\`${name}\``).join(', '),
      [...messages].slice(0, 3).map(plain).join('<br>') ||
        plain([...classes].map((name) => comments.get(name) ?? '')[0] ?? ''),
      [...hints].slice(0, 1).map(plain).join(''),
    ])
    return `## ${room}\n\n${table(['Code', 'Class', 'Message', 'Hint'], rows)}`
  })
  return `${heading('Errors', about)}${sections.join('\n\n')}\n\n${httpSection()}\n\n${csrfSection()}`
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
