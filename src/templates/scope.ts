/**
 * Which names a template binds, found out when it is compiled: a name bound by a tag becomes a variable of the
 * generated function, the others are read once from the context.
 */
import type { Node } from './nodes.ts'

/** Names bound between two points of a template: by a loop, by `{% with %}`, or for a whole body. */
export class Frame {
  readonly parent: Frame | null
  readonly #names = new Map<string, string>()
  /** The loop that made the frame. */
  readonly loop: LoopFrame | null

  constructor(parent: Frame | null, loop: LoopFrame | null = null) {
    this.parent = parent
    this.loop = loop
  }

  bind(name: string, variable: string): void {
    this.#names.set(name, variable)
  }

  /** Whether this frame itself binds the name. */
  has(name: string): boolean {
    return this.#names.has(name)
  }

  /** The variable of the closest binding, or undefined. */
  find(name: string): string | undefined {
    return this.#names.get(name) ?? this.parent?.find(name)
  }

  /** The closest loop around. */
  closestLoop(): LoopFrame | null {
    return this.loop ?? this.parent?.closestLoop() ?? null
  }

  /** All names in reach with their variables, inner ones winning; not the temporaries of tags. */
  visible(): Map<string, string> {
    const all = this.parent?.visible() ?? new Map<string, string>()
    for (const [name, variable] of this.#names) if (!name.startsWith('$')) all.set(name, variable)
    return all
  }
}

/** What generated code calls a loop's parts. `used` is set once something needs `forloop` as an object. */
export interface LoopFrame {
  readonly index: string
  readonly length: string
  readonly object: string
  readonly outer: LoopFrame | null
  used: boolean
}

/** Names that a body binds for itself: those set outside inner loops, withs and blocks. */
export function namesSetIn(nodes: readonly Node[], found: Set<string> = new Set()): Set<string> {
  for (const node of nodes) {
    if (node.kind === 'set' || node.kind === 'capture') found.add(node.name)
    if (node.kind === 'if') for (const branch of node.branches) namesSetIn(branch.body, found)
    else if (node.kind === 'capture' || node.kind === 'region' || node.kind === 'autoescape')
      namesSetIn(node.body, found)
  }
  return found
}

/** The camelCase spelling of a name from a Django template, where it differs: `published_at` → `publishedAt`. */
export function camelOf(name: string): string | undefined {
  if (!name.includes('_')) return undefined
  const camel = name.replace(/(?<=[A-Za-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return camel === name ? undefined : camel
}
