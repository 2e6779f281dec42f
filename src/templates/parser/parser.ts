/** Tokens into a tree of nodes. Tags bring their own parsers. */
import { nearest } from '../../std/text.ts'
import { placeOf, syntaxError, TemplateError } from '../errors.ts'
import { type Token, tokenize } from '../lexer.ts'
import type { Library } from '../library.ts'
import type { Binding, Expr, Filter, Node, Section, TemplateTree } from '../nodes.ts'
import { parseCondition } from './conditions.ts'
import { type ExpressionOptions, parseExpression } from './expressions.ts'
import { splitContents } from './split.ts'

/** Turns a tag into nodes; takes the tokens of its body from the parser. */
export type TagParser = (parser: Parser, tag: Tag) => Node | readonly Node[] | null

/** A tag as it is read: `words[0]` is its name. */
export interface Tag {
  readonly name: string
  readonly words: readonly string[]
  /** The inside, as it was written. */
  readonly contents: string
  readonly line: number
  /** Offset after the tag in the source. */
  readonly end: number
}

/** Where tags, filters and libraries come from. */
export interface Vocabulary {
  readonly tags: ReadonlyMap<string, TagParser>
  readonly filters: ReadonlyMap<string, Filter>
  library(name: string): Library | undefined
  libraryNames(): string[]
}

/** Deeper nesting is refused: the stack has an end. */
const MAX_NESTING = 200

/** Parses one template. */
export class Parser {
  readonly name: string
  readonly source: string
  readonly vocabulary: Vocabulary
  readonly tags: Map<string, TagParser>
  readonly filters: Map<string, Filter>
  readonly blocks = new Map<string, Section>()
  readonly partials = new Map<string, Section>()
  parent: TemplateTree['parent'] = null
  /** What tags of one kind share within a template, such as the named cycles. */
  readonly notes = new Map<string, unknown>()
  readonly #tokens: readonly Token[]
  readonly #open: Tag[] = []
  #at = 0
  #line = 1
  #block: string | null = null
  #sawTag = false
  #temporaries = 0

  constructor(name: string, source: string, vocabulary: Vocabulary) {
    this.name = name
    this.source = source
    this.vocabulary = vocabulary
    this.tags = new Map(vocabulary.tags)
    this.filters = new Map(vocabulary.filters)
    this.#tokens = tokenize(source)
  }

  /**
   * The whole template.
   * @throws TemplateSyntaxError with the line, and in `trace` the tags still open there
   */
  parseTemplate(): TemplateTree {
    try {
      const body = this.parseUntil([])
      const { name, source, parent, blocks, partials } = this
      return { name, source, body, parent, blocks, partials }
    } catch (error) {
      if (error instanceof TemplateError && error.place === null) {
        error.addPlace(placeOf(this.name, this.source, this.#line))
        for (const tag of this.#open.toReversed()) {
          if (tag.line !== error.line) error.addPlace(placeOf(this.name, this.source, tag.line))
        }
      }
      throw error
    }
  }

  /**
   * Nodes up to one of the tags named (`endif`, or with its words: `endblock title`), which is left for
   * {@link takeTag}. An empty list reads to the end.
   */
  parseUntil(ends: readonly string[]): Node[] {
    const nodes: Node[] = []
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at]!
      this.#line = token.line
      if (token.kind === 'text') nodes.push({ kind: 'text', text: token.contents, line: token.line })
      else if (token.kind === 'variable') {
        this.#sawTag = true
        if (token.contents === '') throw syntaxError('The variable tag is empty.', { code: 'templates.empty-tag' })
        nodes.push({ kind: 'output', expr: this.expression(token.contents), line: token.line })
      } else if (token.kind === 'block') {
        const tag = toTag(token)
        if (ends.includes(tag.name) || ends.includes(tag.contents)) return nodes
        this.#at++
        this.#parseTag(tag, ends, nodes)
        continue
      }
      this.#at++
    }
    if (ends.length > 0) {
      const open = this.#open.at(-1)
      this.#line = open?.line ?? this.#line
      throw syntaxError(`The tag "${open?.name}" is not closed.`, {
        code: 'templates.unclosed-tag',
        hint: `Looking for ${ends.join(', ')}.`,
      })
    }
    return nodes
  }

  #parseTag(tag: Tag, ends: readonly string[], nodes: Node[]): void {
    if (tag.name === '') throw syntaxError('The tag is empty.', { code: 'templates.empty-tag' })
    const parse = this.tags.get(tag.name)
    if (parse === undefined) throw this.#unknownTag(tag, ends)
    if (this.#open.length >= MAX_NESTING) {
      throw syntaxError(`Tags are nested more than ${MAX_NESTING} deep.`, { code: 'templates.nesting' })
    }
    this.isFirstTag = !this.#sawTag
    this.#sawTag = true
    this.#open.push(tag)
    const made = parse(this, tag)
    this.#open.pop()
    if (made === null) return
    if (Array.isArray(made)) nodes.push(...made)
    else nodes.push(made as Node) // not an array
  }

  #unknownTag(tag: Tag, ends: readonly string[]): Error {
    if (ends.length > 0 && (tag.name.startsWith('end') || tag.name === 'else' || tag.name === 'elif')) {
      const open = this.#open.at(-1)
      return syntaxError(`Found "${tag.contents}" while "${open?.name}" of line ${open?.line} is open.`, {
        code: 'templates.unexpected-tag',
        hint: `Expected ${ends.join(', ')}.`,
      })
    }
    const near = nearest(tag.name, this.tags.keys())
    return syntaxError(`There is no tag "${tag.name}".`, {
      code: 'templates.unknown-tag',
      hint: near === null ? 'Is a {% load %} missing?' : `Did you mean "${near}"? Or is a {% load %} missing?`,
    })
  }

  /** The tag that ended {@link parseUntil}; moves past it. */
  takeTag(): Tag {
    const token = this.#tokens[this.#at++]!
    this.#line = token.line
    return toTag(token)
  }

  /** Body up to `end`, which is taken. */
  parseBody(...ends: string[]): Node[] {
    const nodes = this.parseUntil(ends)
    this.takeTag()
    return nodes
  }

  /** Body of a block: inside it `block.super` is known. */
  parseBlockBody(name: string, ends: readonly string[]): Node[] {
    const outer = this.#block
    this.#block = name
    const nodes = this.parseUntil(ends)
    this.#block = outer
    return nodes
  }

  /** Raw tokens up to a tag, which is taken: for tags that read their body themselves. */
  takeTokens(end: (tag: Tag) => boolean): { readonly tokens: readonly Token[]; readonly end: Tag } {
    const tokens: Token[] = []
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!
      if (token.kind === 'block') {
        const tag = toTag(token)
        if (end(tag)) {
          this.#line = token.line
          return { tokens, end: tag }
        }
      }
      tokens.push(token)
    }
    const open = this.#open.at(-1)!
    this.#line = open.line
    throw syntaxError(`The tag "${open.name}" is not closed.`, {
      code: 'templates.unclosed-tag',
      hint: `Looking for end${open.name}.`,
    })
  }

  /** Whether the tag being parsed is the first of the template: `extends` must be. */
  isFirstTag = true

  /** A name no template can write, for values that tags keep between nodes. */
  temporary(): string {
    return `$${++this.#temporaries}`
  }

  /** @throws TemplateSyntaxError when the text is no expression */
  expression(text: string, options: ExpressionOptions = {}): Expr {
    return parseExpression(text, { filters: this.filters, block: this.#block }, options)
  }

  /** The words of a condition. */
  condition(words: readonly string[], tag: string): Expr {
    return parseCondition(words, (word) => this.expression(word, { optional: true }), tag)
  }

  /** A name that a tag binds. @throws TemplateSyntaxError templates.bad-variable-name for one that cannot be read */
  variableName(word: string): string {
    if (VARIABLE_NAME.test(word)) return word
    throw syntaxError(`${JSON.stringify(word)} is no name for a variable.`, {
      code: 'templates.bad-variable-name',
      hint: 'Use letters, digits and underscores; not an underscore or a digit first.',
    })
  }

  /**
   * `name=expression` words from the front of `words`, which are removed; the older `expression as name [and ...]` too.
   */
  keywords(words: string[]): Binding[] {
    const bindings: Binding[] = []
    const first = words[0]
    if (first === undefined) return bindings
    if (!KEYWORD.test(first)) {
      while (words.length >= 3 && words[1] === 'as') {
        bindings.push({ name: this.variableName(words[2]!), expr: this.expression(words[0]!) })
        words.splice(0, 3)
        if (words[0] !== 'and') break
        words.shift()
      }
      return bindings
    }
    for (
      let match = KEYWORD.exec(words[0]!);
      match !== null;
      match = words.length > 0 ? KEYWORD.exec(words[0]!) : null
    ) {
      bindings.push({ name: this.variableName(match[1]!), expr: this.expression(match[2]!) })
      words.shift()
    }
    return bindings
  }
}

const VARIABLE_NAME = /^[\p{L}][\p{L}\p{N}_]*$/u

/** `name=expression`. */
export const KEYWORD: RegExp = /^([\p{L}\p{N}_]+)=(.+)$/su

function toTag(token: Token): Tag {
  const words = splitContents(token.contents)
  return { name: words[0] ?? '', words, contents: token.contents, line: token.line, end: token.end }
}
