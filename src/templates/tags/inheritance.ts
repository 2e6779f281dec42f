/** extends, block, include, partialdef and partial: templates made of others. */
import { SafeString } from '../../std/html.ts'
import { syntaxError } from '../errors.ts'
import type { Binding, Expr } from '../nodes.ts'
import type { Parser, TagParser } from '../parser/parser.ts'
import { relativeTo } from '../relative.ts'

/** A name written in the template is checked when it is compiled: one that leads outside is a mistake there. */
function checkName(expr: Expr, parser: Parser, tag: string): void {
  if (expr.kind === 'literal' && expr.value instanceof SafeString) relativeTo(expr.value.toString(), parser.name, tag)
}

const extendsTag: TagParser = (parser, tag) => {
  if (tag.words.length !== 2) throw syntaxError('The "extends" tag takes one argument: the name of a template.')
  if (parser.parent !== null) throw syntaxError('The "extends" tag may be there only once.')
  if (!parser.isFirstTag) {
    throw syntaxError('The "extends" tag must be the first tag of the template.', { hint: 'Put {% load %} after it.' })
  }
  const expr = parser.expression(tag.words[1]!)
  checkName(expr, parser, 'extends')
  parser.parent = { expr, line: tag.line }
  return null
}

const block: TagParser = (parser, tag) => {
  const name = tag.words[1]
  if (tag.words.length !== 2 || name === undefined) throw syntaxError('The "block" tag takes one argument: a name.')
  if (parser.blocks.has(name)) {
    throw syntaxError(`There are two blocks named "${name}" in this template.`, { code: 'templates.duplicate-block' })
  }
  parser.blocks.set(name, { name, line: tag.line, body: [] }) // known while its body is read
  const body = parser.parseBlockBody(name, ['endblock', `endblock ${name}`])
  const end = parser.takeTag()
  if (end.words.length > 1 && end.words[1] !== name) {
    throw syntaxError(`Found "${end.contents}" while the block "${name}" of line ${tag.line} is open.`, {
      code: 'templates.unexpected-tag',
      hint: `Expected "endblock" or "endblock ${name}".`,
    })
  }
  parser.blocks.set(name, { name, line: tag.line, body })
  return { kind: 'block', name, line: tag.line }
}

const include: TagParser = (parser, tag) => {
  const [, target, ...words] = tag.words
  if (target === undefined) throw syntaxError('The "include" tag takes at least one argument: the name of a template.')
  let bindings: readonly Binding[] | null = null
  let only = false
  const once = (option: string): Error => syntaxError(`The "${option}" option of "include" is given twice.`)
  while (words.length > 0) {
    const option = words.shift()!
    if (option === 'with') {
      if (bindings !== null) throw once(option)
      bindings = parser.keywords(words)
      if (bindings.length === 0) throw syntaxError('"with" in the "include" tag needs at least one name=value.')
    } else if (option === 'only') {
      if (only) throw once(option)
      only = true
    } else throw syntaxError(`Unknown argument of the "include" tag: ${JSON.stringify(option)}.`)
  }
  const template = parser.expression(target)
  checkName(template, parser, 'include')
  return { kind: 'include', template, bindings: bindings ?? [], only, line: tag.line }
}

/** `{% partialdef name [inline] %}...{% endpartialdef [name] %}`: a piece that can be used again, or rendered alone. */
const partialdef: TagParser = (parser, tag) => {
  const [, name, inline] = tag.words
  if (name === undefined || tag.words.length > 3 || (inline !== undefined && inline !== 'inline')) {
    throw syntaxError('The "partialdef" tag takes a name and, after it, perhaps "inline".')
  }
  if (parser.partials.has(name)) {
    throw syntaxError(`There are two partials named "${name}" in this template.`, {
      code: 'templates.duplicate-partial',
    })
  }
  parser.partials.set(name, { name, line: tag.line, body: [] })
  const body = parser.parseBody('endpartialdef', `endpartialdef ${name}`)
  parser.partials.set(name, { name, line: tag.line, body })
  return inline === undefined ? null : { kind: 'partial', name, line: tag.line }
}

const partial: TagParser = (_parser, tag) => {
  if (tag.words.length !== 2) throw syntaxError('The "partial" tag takes one argument: a name.')
  return { kind: 'partial', name: tag.words[1]!, line: tag.line }
}

export const INHERITANCE_TAGS: Readonly<Record<string, TagParser>> = {
  extends: extendsTag,
  block,
  include,
  partialdef,
  partial,
}
