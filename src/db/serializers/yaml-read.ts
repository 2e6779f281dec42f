/**
 * Reading the format `yaml`. The text is not trusted: it makes plain data only (a tag such as `!!python/object/apply`, which
 * calls a function where a reader lets it, is refused), and lists and mappings that refer to one another by aliases, a "billion
 * laughs", end at a hundred. Dates and times stay text, with their microseconds.
 */
import { DeserializationError } from './errors.ts'
import type { FixtureItem } from './format.ts'
import { library } from './library.ts'

interface Problem {
  readonly message: string
  readonly pos: readonly [number, number]
}
interface YamlNode {
  readonly range?: readonly number[]
  /** What aliases call it. */
  readonly anchor?: string
}
interface YamlDocument {
  readonly contents: (YamlNode & { readonly items?: readonly YamlNode[] }) | null
  readonly errors: readonly Problem[]
  readonly warnings: readonly Problem[]
  toJS(options: { readonly maxAliasCount: number }): unknown
}
/** What of the package is used. */
interface Yaml {
  parseDocument(text: string, options: object): YamlDocument
  visit(document: YamlDocument, visitor: object): void
  isScalar(node: unknown): node is YamlNode & { readonly value: unknown }
  readonly Scalar: new (value: unknown) => YamlNode
  readonly LineCounter: new () => { linePos(offset: number): { readonly line: number } }
}

/** Tags of YAML 1.1 that are left out: dates would lose microseconds, 10:15:00 would be a number of base 60. */
const LEFT_OUT = /timestamp|binary|omap|pairs|:set$/
interface TagRule {
  readonly tag: string
  readonly format?: string
}
const isWanted = (rule: TagRule | string): boolean =>
  typeof rule === 'string' || (!LEFT_OUT.test(rule.tag) && rule.format !== 'TIME')

/** Collections that aliases may stand for, nested ones multiplied. */
const MAX_ALIASES = 100

function malformed(message: string, line: number, cause?: unknown): DeserializationError {
  return new DeserializationError(message, {
    code: 'serializers.malformed',
    line,
    cause,
    hint: 'A fixture is a list of rows: "- model: library.book", and below it "  pk: 1" and "  fields:".',
  })
}

/** Whole numbers beyond 2^53 stay exact, others are numbers. */
function narrow(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(narrow)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, narrow(item)]))
}

/** @throws SerializationError serializers.library-missing; DeserializationError serializers.malformed */
export async function* readYaml(parts: AsyncIterable<string>): AsyncGenerator<FixtureItem> {
  const yaml = (await library('yaml', 'YAML')) as Yaml
  let text = ''
  for await (const part of parts) text += part
  if (text.trim() === '') return
  const lines = new yaml.LineCounter()
  const { rows, starts } = parsed(yaml, text, lines)
  for (const [i, value] of rows.entries()) {
    const at = starts[i]?.range?.[0]
    yield { value, line: at === undefined ? 0 : lines.linePos(at).line }
  }
}

function parsed(
  yaml: Yaml,
  text: string,
  lines: InstanceType<Yaml['LineCounter']>,
): { rows: readonly unknown[]; starts: readonly YamlNode[] } {
  try {
    const document = yaml.parseDocument(text, {
      version: '1.1',
      intAsBigInt: true,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
      customTags: (tags: readonly (TagRule | string)[]) => tags.filter(isWanted),
    })
    const [problem] = [...document.errors, ...document.warnings] // of an unknown tag there is a warning
    if (problem !== undefined)
      throw malformed(`This is no YAML of a fixture: ${problem.message}`, lines.linePos(problem.pos[0]).line, problem)
    // A value that is repeated costs nothing, and Python writes dates so; what multiplies are collections. Anchors are
    // noted on the way: an alias of the package looks for its own through the whole document (quadratic blow-up).
    const anchors = new Map<string, YamlNode>()
    yaml.visit(document, {
      Node(_: unknown, node: YamlNode) {
        if (node.anchor) anchors.set(node.anchor, node)
      },
      Alias(_: unknown, { source }: { readonly source: string }) {
        const target = anchors.get(source)
        return yaml.isScalar(target) ? new yaml.Scalar(target.value) : undefined
      },
    })
    const rows = narrow(document.toJS({ maxAliasCount: MAX_ALIASES }))
    if (rows === null) return { rows: [], starts: [] }
    if (!Array.isArray(rows)) throw malformed('The text is no list of rows.', 1)
    return { rows, starts: document.contents?.items ?? [] }
  } catch (error) {
    if (error instanceof RangeError) throw malformed('The text is nested too deep.', 0, error) // the stack's end
    // Of toJS(): too many aliases, or one that stands in what it stands for.
    if (error instanceof ReferenceError || error instanceof TypeError) throw malformed(error.message, 0, error)
    throw error
  }
}
