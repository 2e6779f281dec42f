import { describe, expect, test } from 'vitest'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import type { Dependency, Migration } from '../../src/db/migrations/migration.ts'
import { userModel } from '../../src/db/migrations/values.ts'

function node(key: string, ...dependencies: (string | Dependency)[]): Migration {
  const [app, name] = key.split('.') as [string, string]
  return {
    app,
    name,
    file: null,
    operations: [],
    dependencies: dependencies.map((each) => (typeof each === 'string' ? (each.split('.') as [string, string]) : each)),
  }
}
const keys = (list: readonly Migration[]) => list.map((each) => `${each.app}.${each.name}`)

// Django: tests/migrations/test_graph.py, test_simple_graph
describe('the simple graph of two apps', () => {
  const graph = new MigrationGraph([
    node('a.0004', 'a.0003'),
    node('a.0003', 'a.0002', 'b.0002'),
    node('a.0002', 'a.0001'),
    node('a.0001'),
    node('b.0002', 'b.0001', 'a.0001'),
    node('b.0001'),
  ])
  test('MIG-05 test_simple_graph: forwards() gives what must be applied, parents first', () => {
    expect(keys(graph.forwards('a.0001'))).toEqual(['a.0001'])
    expect(keys(graph.forwards('a.0003'))).toEqual(['a.0001', 'b.0001', 'a.0002', 'b.0002', 'a.0003'])
  })
  test('MIG-05 test_complex_graph: backwards() gives what must be unapplied, children first', () => {
    expect(keys(graph.backwards('b.0002'))).toEqual(['a.0004', 'a.0003', 'b.0002'])
  })
  test('each app has one leaf', () => {
    expect(keys(graph.leaves('a'))).toEqual(['a.0004'])
    expect(keys(graph.leaves('b'))).toEqual(['b.0002'])
    expect(graph.conflicts().size).toBe(0)
  })
  test('MIG-07 test_name_match: find() takes the beginning of a name', () => {
    expect(graph.find('a', '0002').name).toBe('0002')
    expect(() => graph.find('a', '00')).toThrow(expect.objectContaining({ code: 'migrations.ambiguous-name' }))
    expect(() => graph.find('a', '0009')).toThrow(expect.objectContaining({ code: 'migrations.unknown-migration' }))
  })
})

test('MIG-06 two branches are a conflict', () => {
  const graph = new MigrationGraph([node('a.0001'), node('a.0002_x', 'a.0001'), node('a.0002_y', 'a.0001')])
  expect(keys(graph.conflicts().get('a')!)).toEqual(['a.0002_x', 'a.0002_y'])
})

test('MIG-05 test_circular_graph: a circle is explained', () => {
  expect(() => new MigrationGraph([node('a.0001', 'b.0001'), node('b.0001', 'a.0001'), node('c.0001')])).toThrow(
    expect.objectContaining({
      code: 'migrations.circular-dependency',
      message: expect.stringContaining('a.0001 → b.0001 → a.0001'),
    }),
  )
})

test('MIG-05 test_missing_parent_nodes: a missing dependency names both, and what was meant', () => {
  expect(() => new MigrationGraph([node('a.0001_initial'), node('b.0001', 'a.0001_initail')])).toThrow(
    expect.objectContaining({
      code: 'migrations.missing-dependency',
      message: 'Migration b.0001 depends on a.0001_initail, which does not exist.',
      hint: expect.stringContaining('Did you mean a.0001_initial?'),
    }),
  )
})

test("MIG-05 test_first: 'first' and the user model stand for an app's first migration", () => {
  const graph = new MigrationGraph(
    [node('a.0001', userModel, ['c', 'first']), node('u.0001'), node('u.0002', 'u.0001'), node('c.0001')],
    'u',
  )
  expect(graph.parents('a.0001')).toEqual(['c.0001', 'u.0001'])
})

test('MIG-05 test_iterative_dfs: a thousand migrations in a row are no trouble', () => {
  const names = Array.from({ length: 1000 }, (_, i) => String(i).padStart(4, '0'))
  const graph = new MigrationGraph(
    names.map((name, i) => (i === 0 ? node(`a.${name}`) : node(`a.${name}`, `a.${names[i - 1]}`))),
  )
  expect(graph.forwards('a.0999')).toHaveLength(1000)
})
