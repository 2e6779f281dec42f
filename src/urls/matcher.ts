/**
 * Finds the first pattern that matches a path, without trying them all. Patterns are grouped by their literal
 * segments; within a group they keep their order, and a pattern whose segment is a parameter is in every group, so that
 * the first match wins exactly as if the list were walked.
 */
import type { CompiledPattern, Part } from './pattern.ts'

/** A pattern and its place in the order. */
export interface Candidate {
  readonly index: number
  readonly pattern: CompiledPattern
}

/** Longer paths match no pattern with parameters: two parameters in a segment cost the square of its length. */
export const MAX_PATH = 4096

/** A group this small is walked: splitting it further costs more than it saves. */
const SMALL = 3

interface Node {
  /** Candidates in order, where the group is small enough or cannot be split. */
  readonly list: readonly Candidate[] | undefined
  readonly bySegment: ReadonlyMap<string, Node> | undefined
  /** For a segment that no pattern spells out. */
  readonly other: Node | undefined
}

/** A path that cannot be answered by literal text alone is walked through these. */
export class Matcher {
  readonly #literals: ReadonlyMap<string, number>
  readonly #root: Node

  constructor(patterns: readonly CompiledPattern[]) {
    const all = patterns.map((pattern, index): Candidate => ({ index, pattern }))
    this.#literals = literalPaths(all)
    this.#root = group(all, 0)
  }

  /** The index of the only pattern a literal path can lead to, or undefined: then look at {@link candidates}. */
  literal(path: string): number | undefined {
    return this.#literals.get(path)
  }

  /** The patterns that may match, in order. */
  candidates(path: string): readonly Candidate[] {
    let node = this.#root
    let start = 1
    while (node.list === undefined) {
      const slash = start > path.length ? -2 : path.indexOf('/', start)
      // Past the end there is no segment; patterns that ended earlier are in `other`, whose regex decides.
      const segment = slash === -2 ? undefined : slash === -1 ? path.slice(start) : path.slice(start, slash)
      node = (segment === undefined ? undefined : node.bySegment!.get(segment)) ?? node.other!
      start = slash < 0 ? path.length + 1 : slash + 1
    }
    return node.list
  }
}

/** Paths without parameters whose answer is known now: nothing before them in the order can take them. */
function literalPaths(all: readonly Candidate[]): Map<string, number> {
  const paths = new Map<string, number>()
  for (const { index, pattern } of all) {
    if (pattern.literal === undefined || paths.has(pattern.literal)) continue
    const before = all.slice(0, index).find((earlier) => earlier.pattern.regex.test(pattern.literal!))
    if (before === undefined) paths.set(pattern.literal, index)
  }
  return paths
}

function group(candidates: readonly Candidate[], depth: number): Node {
  const list = { list: candidates, bySegment: undefined, other: undefined }
  if (candidates.length <= SMALL || depth > 8) return list
  const segments = candidates.map(({ pattern }) => segmentAt(pattern.parts, depth))
  const keys = new Set(segments.filter((segment) => segment !== null))
  const rest = candidates.filter((_, index) => segments[index] === null)
  if (keys.size === 0) return segments.length === 0 ? list : splitDeeper(candidates, depth, list)
  const bySegment = new Map<string, Node>()
  for (const key of keys) {
    const inside = candidates.filter((_, index) => segments[index] === null || segments[index] === key)
    bySegment.set(key, group(inside, depth + 1))
  }
  return { list: undefined, bySegment, other: group(rest, depth + 1) }
}

/** No pattern spells out this segment; the next may still tell them apart (`<slug:shop>/books/`). */
function splitDeeper(candidates: readonly Candidate[], depth: number, list: Node): Node {
  const deeper = group(candidates, depth + 1)
  return deeper.list ? list : { list: undefined, bySegment: new Map(), other: deeper }
}

/** The literal segment at a depth; null where a parameter decides, or where the pattern has ended. */
function segmentAt(parts: readonly Part[], depth: number): string | null {
  let at = 0
  let text = ''
  let open = false
  for (const part of parts) {
    if (typeof part !== 'string') {
      // Within a segment or across several, what follows cannot be counted in slashes for `path` and own converters.
      if (!['int', 'str', 'slug', 'uuid'].includes(part.converter)) return null
      open = true
      continue
    }
    const pieces = part.split('/')
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) {
        if (at === depth) return open ? null : text
        at++
        text = ''
        open = false
      }
      text += piece
    }
  }
  return at === depth && !open ? text : null
}
