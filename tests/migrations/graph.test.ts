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
  test('MIG-05 test_simple_graph: backwards() gives what must be unapplied, children first', () => {
    expect(keys(graph.backwards('b.0002'))).toEqual(['a.0004', 'a.0003', 'b.0002'])
    expect(keys(graph.backwards('a.0004'))).toEqual(['a.0004'])
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

test('MIG-05 test_complex_graph: three apps that wait for one another', () => {
  const graph = new MigrationGraph([
    node('a.0001'),
    node('a.0002', 'a.0001'),
    node('a.0003', 'a.0002', 'b.0002'),
    node('a.0004', 'a.0003', 'c.0002'),
    node('b.0001'),
    node('b.0002', 'b.0001'),
    node('c.0001', 'b.0001'),
    node('c.0002', 'c.0001', 'a.0002'),
  ])
  expect(keys(graph.forwards('c.0002'))).toEqual(['a.0001', 'b.0001', 'a.0002', 'c.0001', 'c.0002'])
  expect(keys(graph.forwards('a.0004'))).toEqual(keys(graph.all()))
  expect(keys(graph.backwards('b.0001'))).toEqual(['a.0004', 'c.0002', 'a.0003', 'c.0001', 'b.0002', 'b.0001'])
  expect(['a', 'b', 'c'].map((app) => keys(graph.leaves(app)))).toEqual([['a.0004'], ['b.0002'], ['c.0002']])
})

test.each([
  [
    'test_circular_graph: through two apps',
    [
      node('a.0001', 'b.0002'),
      node('a.0002', 'a.0001'),
      node('a.0003', 'a.0002'),
      node('b.0001', 'a.0003'),
      node('b.0002', 'b.0001'),
    ],
    'a.0001 → b.0002 → b.0001 → a.0003 → a.0002 → a.0001',
  ],
  [
    'test_circular_graph_2: with one outside that waits for it',
    [node('a.0001', 'b.0001'), node('b.0001', 'a.0001'), node('c.0001', 'b.0001')],
    'a.0001 → b.0001 → a.0001',
  ],
  [
    'test_infinite_loop: made by a squashed one',
    [
      node('a.0001'),
      node('b.0001', 'c.0001_squashed_0002'),
      node('b.0002', 'b.0001', 'a.0001'),
      node('c.0001_squashed_0002', 'b.0002'),
    ],
    'b.0001 → c.0001_squashed_0002 → b.0002 → b.0001',
  ],
])('MIG-05 a circle is explained, %s', (_, nodes, circle) => {
  expect(() => new MigrationGraph(nodes)).toThrow(
    expect.objectContaining({
      code: 'migrations.circular-dependency',
      message: `Migrations depend on one another in a circle: ${circle}.`,
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

test('MIG-05 test_validate_consistency_missing_parent, test_validate_consistency_no_error', () => {
  expect(() => new MigrationGraph([node('a.0001', 'b.0002')])).toThrow(
    expect.objectContaining({ code: 'migrations.missing-dependency' }),
  )
  expect(keys(new MigrationGraph([node('a.0001', 'b.0002'), node('b.0002')]).all())).toEqual(['b.0002', 'a.0001'])
})

test('MIG-05 test_missing_child_nodes, test_validate_consistency_missing_child: what runBefore names must be there', () => {
  expect(() => new MigrationGraph([{ ...node('a.0001'), runBefore: [['b', '0002']] }, node('b.0001')])).toThrow(
    expect.objectContaining({
      code: 'migrations.missing-dependency',
      message: 'Migration a.0001 is to run before b.0002, which does not exist.',
      hint: expect.stringContaining('Did you mean b.0001?'),
    }),
  )
})

test('MIG-05 test_plan_invalid_node: a plan of what is not there is refused by name', () => {
  const graph = new MigrationGraph([node('a.0001')])
  const refused = expect.objectContaining({
    code: 'migrations.unknown-migration',
    message: 'b has no migrations.',
  })
  expect(() => graph.forwards('b.0001')).toThrow(refused)
  expect(() => graph.backwards('b.0001')).toThrow(refused)
})

test('MIG-07 of a long history find() tells what is near, and how many there are, not all names', () => {
  const names = Array.from({ length: 500 }, (_, i) => `${String(i + 1).padStart(4, '0')}_${i % 2 ? 'pages' : 'author'}`)
  const graph = new MigrationGraph(names.map((name, i) => node(`a.${name}`, ...(i > 0 ? [`a.${names[i - 1]}`] : []))))
  const hint = (text: string): string => {
    try {
      graph.find('a', text)
    } catch (error) {
      return (error as { hint: string }).hint
    }
    return ''
  }
  const rest = 'The last is 0500_pages; zero undoes all. showmigrations a lists all 500.'
  expect(hint('0012_paegs')).toBe(`Did you mean 0012_pages? ${rest}`)
  expect(hint('121_author')).toBe(`Did you mean 0121_author? ${rest}`)
  expect(hint('author')).toContain(
    'Did you mean 0001_author, 0003_author, 0005_author, 0007_author, 0009_author and 245 more?',
  )
  expect(hint('xyz')).toBe(rest)
  expect(hint('000')).toBe('Name one: 0001_author, 0002_pages, 0003_author, 0004_pages, 0005_author and 4 more.')
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
  expect(keys(graph.forwards('a.0999'))).toEqual(names.map((name) => `a.${name}`))
  expect(keys(graph.backwards('a.0000'))).toEqual(names.map((name) => `a.${name}`).reverse())
})

test('MIG-05 test_iterative_dfs_complexity: each is visited once, however many ways lead to it', () => {
  const rounds = Array.from({ length: 50 }, (_, i) => String(i).padStart(4, '0'))
  const nodes = rounds.flatMap((name, i) => [
    i === 0 ? node(`a.${name}`) : node(`a.${name}`, `b.${rounds[i - 1]}`, `c.${rounds[i - 1]}`),
    node(`b.${name}`, `a.${name}`),
    node(`c.${name}`, `a.${name}`),
  ])
  const plan = keys(new MigrationGraph(nodes).forwards('a.0049'))
  expect(plan).toEqual([...rounds.slice(0, -1).flatMap((name) => [`a.${name}`, `b.${name}`, `c.${name}`]), 'a.0049'])
})
