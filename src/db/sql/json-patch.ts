/** Changes inside JSON as SQL: the same walk for every database, with words of its own. */
import type { JsonPatchNode, JsonPatchTree, SqlExpr } from './nodes.ts'
import type { Output } from './output.ts'

/** What a database calls the steps. Arguments are written by the functions given; keys and indexes are quoted constants. */
export interface JsonPatchWords {
  /** JSON from a constant: `null`, `{}`, `[]`. */
  constant(json: 'null' | '{}' | '[]'): string
  /** Whether a value is an object or a list. */
  is(type: 'object' | 'array'): readonly [before: string, after: string]
  /** What is at a key or an index, as JSON. */
  at(step: string | number): readonly [before: string, after: string]
  /** An object or list without these. */
  without(steps: readonly (string | number)[]): readonly [before: string, after: string]
  /** The same with a value in a place; `existing`: only where the place is there. */
  put(step: string | number, existing: boolean): readonly [before: string, between: string, after: string]
  /** A list with one more value. */
  append: readonly [before: string, between: string, after: string]
}

/** What the walk asks of the compiler. */
interface Pen {
  readonly out: Output
  expr(node: SqlExpr): void
  value(node: SqlExpr): void
  quoted(text: string): string
}

type Write = () => void
type Into = Extract<JsonPatchTree, { t: 'into' }>

export class JsonPatchWriter {
  private readonly words: JsonPatchWords
  private readonly pen: Pen

  constructor(words: JsonPatchWords, pen: Pen) {
    this.words = words
    this.pen = pen
  }

  write(node: JsonPatchNode): void {
    this.into(() => this.pen.expr(node.of), node.tree)
  }

  private text(...pieces: readonly (string | Write)[]): void {
    for (const piece of pieces) {
      if (typeof piece === 'string') this.pen.out.sql += piece
      else piece()
    }
  }

  private value(node: SqlExpr | null): void {
    if (node === null) this.text(this.words.constant('null'))
    else this.pen.value(node)
  }

  /** `current` when it is of a type, else `otherwise`. */
  private typed(current: Write, type: 'object' | 'array', then: Write, otherwise: Write): void {
    const [before, after] = this.words.is(type)
    this.text('CASE WHEN ', before, current, after, ' THEN ', then, ' ELSE ', otherwise, ' END')
  }

  private into(current: Write, { keys }: Into): void {
    const isList = keys.length > 0 && keys.every(([step]) => typeof step === 'number')
    const changed = (start: Write): void => {
      let inner = start
      // Items are exchanged before one goes, so that positions are those that were given.
      for (const [step, tree] of keys) {
        if (tree.t === 'remove') continue
        const [before, between, after] = this.words.put(step, isList || isListTree(tree))
        const so = inner
        const here = (): void => {
          const [open, close] = this.words.at(step)
          this.text(open, current, close)
        }
        inner = () => this.text(before, so, between, () => this.tree(here, tree), after)
      }
      const gone = keys.filter(([, tree]) => tree.t === 'remove').map(([step]) => step)
      if (gone.length > 0) {
        const [before, after] = this.words.without(gone)
        const so = inner
        inner = () => this.text(before, so, after)
      }
      inner()
    }
    if (isList) this.typed(current, 'array', () => changed(current), current)
    else changed(() => this.text('(', () => this.typed(current, 'object', current, this.empty('{}')), ')'))
  }

  private empty(json: '{}' | '[]'): Write {
    return () => this.text(this.words.constant(json))
  }

  private tree(current: Write, tree: JsonPatchTree): void {
    switch (tree.t) {
      case 'set':
        this.value(tree.value)
        return
      case 'append': {
        let inner: Write = () => this.text('(', () => this.typed(current, 'array', current, this.empty('[]')), ')')
        for (const value of tree.values) {
          const so = inner
          const [before, between, after] = this.words.append
          inner = () => this.text(before, so, between, () => this.value(value), after)
        }
        inner()
        return
      }
      case 'into':
        this.into(current, tree)
        return
      case 'remove':
        return
    }
  }
}

/** A list is not made for an item that would be exchanged. */
function isListTree(tree: JsonPatchTree): boolean {
  return tree.t === 'into' && tree.keys.length > 0 && tree.keys.every(([step]) => typeof step === 'number')
}
