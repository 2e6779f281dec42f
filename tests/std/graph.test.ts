import { describe, expect, test } from 'vitest'
import { assertSingleCopy, registerCopy } from '../../src/std/copies.ts'
import { CycleError, topologicalSort } from '../../src/std/graph.ts'

const sort = (graph: Record<string, string[]>) => topologicalSort(Object.keys(graph), (node) => graph[node]!)

describe('topologicalSort', () => {
  test('puts everything after what it depends on', () => {
    expect(sort({ c: ['b'], b: ['a'], a: [] })).toEqual(['a', 'b', 'c'])
    expect(sort({ d: ['b', 'c'], b: ['a'], c: ['a'], a: [] })).toEqual(['a', 'b', 'c', 'd'])
  })

  test('keeps the given order where it is free', () => {
    expect(sort({ z: [], y: [], x: [] })).toEqual(['z', 'y', 'x'])
    expect(sort({ z: ['a'], y: ['a'], a: [] })).toEqual(['a', 'z', 'y'])
  })

  test('ignores dependencies that are not among the nodes, and repeated ones', () => {
    expect(sort({ b: ['a', 'a', 'elsewhere'], a: [] })).toEqual(['a', 'b'])
    expect(sort({})).toEqual([])
  })

  test('shows a cycle, and only the cycle', () => {
    const failing = () => sort({ start: ['a'], a: ['b'], b: ['c'], c: ['a'], free: [] })
    expect(failing).toThrow(CycleError)
    try {
      failing()
    } catch (error) {
      expect((error as CycleError).cycle).toEqual(['a', 'b', 'c', 'a'])
      expect((error as CycleError).message).toBe('These depend on one another: a → b → c → a.')
    }
    expect(() => sort({ a: ['a'] })).toThrow('a → a')
  })

  test('sorts a chain of 100,000 without recursion', () => {
    const nodes = Array.from({ length: 100_000 }, (_, i) => i)
    expect(topologicalSort(nodes, (n) => (n + 1 < nodes.length ? [n + 1] : []))[0]).toBe(99_999)
  })
})

test('two copies of the package are an error that names both', () => {
  const copies = (globalThis as any)[Symbol.for('nuages.copies')] as Set<string> | undefined
  const before = [...(copies ?? [])]
  try {
    registerCopy('file:///site/node_modules/nuages/dist/index.js')
    registerCopy('file:///site/node_modules/nuages/dist/index.js')
    if (before.length === 0) expect(assertSingleCopy).not.toThrow()
    registerCopy('file:///site/node_modules/shop/node_modules/nuages/dist/index.js')
    expect(assertSingleCopy).toThrow('/site/node_modules/nuages/ and /site/node_modules/shop/node_modules/nuages/')
  } finally {
    const set = (globalThis as any)[Symbol.for('nuages.copies')] as Set<string>
    set.clear()
    for (const path of before) set.add(path)
  }
})
