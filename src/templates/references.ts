/** What a template names as text: other templates, URLs, static files. What is worked out when it runs is not here. */
import { SafeString } from '../std/html.ts'
import type { Expr, Node, TemplateTree } from './nodes.ts'
import { relativeTo } from './relative.ts'

/** A name written in a template. */
export interface TemplateReference {
  readonly kind: 'extends' | 'include' | 'url' | 'static'
  readonly name: string
  readonly line: number
}

/** The names a template holds, in order of lines. */
export function referencesOf(tree: TemplateTree): TemplateReference[] {
  const found: TemplateReference[] = []
  const note = (kind: TemplateReference['kind'], expr: Expr | undefined, line: number): void => {
    const name = expr === undefined ? null : nameIn(expr)
    if (name === null) return
    const isTemplate = kind === 'extends' || kind === 'include'
    found.push({ kind, name: isTemplate ? relativeTo(name, tree.name, kind) : name, line })
  }
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      // With `as` a URL that cannot be made is no error: only what is written counts.
      if (node.kind === 'output') noteCalls(node.expr, node.line)
      else if (node.kind === 'include') note('include', node.template, node.line)
      else if (node.kind === 'if') for (const { body } of node.branches) walk(body)
      else if ('body' in node) walk(node.body)
      if (node.kind === 'for') walk(node.empty)
    }
  }
  const noteCalls = (expr: Expr, line: number): void => {
    if (expr.kind === 'call' && (expr.label === 'url' || expr.label === 'static')) note(expr.label, expr.args[0], line)
    else if (expr.kind === 'filtered') noteCalls(expr.input, line)
  }
  if (tree.parent !== null) note('extends', tree.parent.expr, tree.parent.line)
  walk(tree.body)
  for (const section of [...tree.blocks.values(), ...tree.partials.values()]) walk(section.body)
  return found.sort((a, b) => a.line - b.line)
}

function nameIn(expr: Expr): string | null {
  if (expr.kind !== 'literal') return null
  const { value } = expr
  const text = value instanceof SafeString ? value.toString() : value
  return typeof text === 'string' && text !== '' ? text : null
}
