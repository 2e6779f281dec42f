/** Order from dependencies: apps, migrations, tables, cascades. */
import { NuagesError } from './errors.ts'

/** Things that wait for one another: `cycle` goes once around, its first member repeated at the end. */
export class CycleError extends NuagesError {
  readonly cycle: readonly unknown[]

  constructor(cycle: readonly unknown[], names: readonly string[]) {
    super(`These depend on one another: ${names.join(' → ')}.`, {
      code: 'std.cycle',
      hint: 'Remove one of the dependencies.',
    })
    this.cycle = cycle
  }
}

/**
 * The nodes, each after all it depends on. Stable: where dependencies leave a choice, layers first, then the order
 * given. After Kahn (1962); O(V + E); the same order as django/utils/topological_sort.py.
 *
 * @param dependencies   what must come before a node; those not among the nodes are ignored
 * @param name   how a node is called in the error; default String
 * @throws CycleError std.cycle
 */
export function topologicalSort<T>(
  nodes: Iterable<T>,
  dependencies: (node: T) => Iterable<T>,
  name: (node: T) => string = String,
): T[] {
  const waiting = new Map<T, number>()
  const order = new Map<T, number>()
  for (const node of nodes) {
    waiting.set(node, 0)
    order.set(node, order.size)
  }
  const dependents = new Map<T, T[]>()
  for (const node of waiting.keys()) {
    for (const dependency of new Set(dependencies(node))) {
      if (!waiting.has(dependency)) continue
      waiting.set(node, waiting.get(node)! + 1)
      const list = dependents.get(dependency)
      if (list === undefined) dependents.set(dependency, [node])
      else list.push(node)
    }
  }

  const sorted: T[] = []
  let layer = [...waiting.keys()].filter((node) => waiting.get(node) === 0)
  while (layer.length > 0) {
    const next: T[] = []
    for (const node of layer) {
      sorted.push(node)
      for (const dependent of dependents.get(node) ?? []) {
        const left = waiting.get(dependent)! - 1
        waiting.set(dependent, left)
        if (left === 0) next.push(dependent)
      }
    }
    layer = next.sort((a, b) => order.get(a)! - order.get(b)!)
  }
  if (sorted.length < waiting.size) {
    const done = new Set(sorted)
    const cycle = cycleAmong(
      [...waiting.keys()].filter((node) => !done.has(node)),
      dependencies,
    )
    throw new CycleError(cycle, cycle.map(name))
  }
  return sorted
}

/** A cycle among nodes of which each waits for another of them: follow the waiting until a node comes twice. */
function cycleAmong<T>(nodes: readonly T[], dependencies: (node: T) => Iterable<T>): T[] {
  const left = new Set(nodes)
  const path: T[] = []
  const seen = new Map<T, number>()
  let node: T = nodes[0]! // the caller found some
  while (!seen.has(node)) {
    seen.set(node, path.length)
    path.push(node)
    for (const dependency of dependencies(node)) {
      if (left.has(dependency)) {
        node = dependency
        break
      }
    }
  }
  return [...path.slice(seen.get(node)!), node]
}
