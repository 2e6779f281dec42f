// MIG-13. The topics are those of django/tests/migrations/test_optimizer.py, named beside each case.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addConstraint,
  addField,
  addIndex,
  addTrigger,
  alterField,
  alterModelOptions,
  alterModelTable,
  check,
  createModel,
  deleteModel,
  F,
  fn,
  index,
  type Operation,
  removeConstraint,
  removeField,
  removeIndex,
  removeTrigger,
  renameField,
  renameIndex,
  renameModel,
  reviewed,
  runCode,
  runSql,
  unique,
} from '../../src/db/migrations/index.ts'
import { optimize } from '../../src/db/migrations/optimizer.ts'
import type { ProjectState } from '../../src/db/migrations/state.ts'
import { sameValue } from '../../src/db/migrations/values.ts'
import { f, model, state } from './states.ts'

const cascade = { onDelete: 'cascade' } as const
const id = { id: f.autoId() }
const Foo = createModel('Foo', { ...id, name: f.char({ maxLength: 255 }) })
const Bar = createModel('Bar', { ...id, size: f.integer() })
const toFoo = createModel('Bar', { ...id, other: f.foreignKey('app.Foo', cascade) })
const slow = runCode(async () => {}, { reverse: async () => {} })

/** The state in which operations of tests find `Foo` and `Baa`. */
const there = state(
  model('app.Foo', {
    name: f.char({ maxLength: 255 }),
    age: f.integer(),
    a: f.integer(),
    b: f.integer(),
    link: f.foreignKey('app.Bar', cascade),
  }),
  model('app.Bar', { size: f.integer() }),
)

const said = (operations: readonly Operation[]) => operations.map((each) => [each.type, ...each.args])

/** Everything a state says, in one order. */
function told(of: ProjectState) {
  const byName = (list: readonly { readonly name: string }[] = []) =>
    [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
  return [...of.models]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, { fields, options }]) => [
      label,
      Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)),
      {
        ...options,
        indexes: byName(options.indexes),
        constraints: byName(options.constraints),
        triggers: byName(options.triggers),
      },
    ])
}
const apply = (operations: readonly Operation[], from: ProjectState) =>
  operations.reduce((now, each) => each.toState(now, 'app'), from)

function optimized(operations: readonly Operation[], from = state()): Operation[] {
  const made = optimize(operations, { app: 'app', from })
  expect(told(apply(made, from))).toEqual(told(apply(operations, from)))
  // Again changes nothing.
  expect(said(optimize(made, { app: 'app', from }))).toEqual(said(made))
  return made
}

const readonlyTrigger = { name: 'keep', when: 'before', on: ['update'], do: { t: 'refuse', message: 'no' } } as const
const byAge = index(['age'], { name: 'by_age' })
const grown = check({ age__gte: 1 }, { name: 'grown' })
const replaced = [removeConstraint('Foo', 'grown'), addConstraint('Foo', check({ age__gte: 2 }, { name: 'grown' }))]
const older = check({ age__gte: 2 }, { name: 'grown' })

describe('from nothing', () => {
  test.each<[topic: string, operations: Operation[], expected: Operation[]]>([
    ['test_single', [Foo], [Foo]],
    ['test_create_delete_model', [Foo, deleteModel('Foo')], []],
    ['test_create_rename_model', [Foo, renameModel('Foo', 'Bar')], [createModel('Bar', Foo.fields)]],
    [
      'test_create_alter_model_options',
      [Foo, alterModelOptions('Foo', { ordering: ['name'] })],
      [createModel('Foo', Foo.fields, { ordering: ['name'] })],
    ],
    [
      'test_create_model_and_remove_model_options',
      [
        createModel('Foo', Foo.fields, { ordering: ['name'], comment: 'x' }),
        alterModelOptions('Foo', { comment: 'x' }),
      ],
      [createModel('Foo', Foo.fields, { comment: 'x' })],
    ],
    [
      'test_create_alter_index_delete_model',
      [
        Foo,
        alterModelTable('Foo', 'woohoo'),
        addIndex('Foo', index(['name'], { name: 'by_name' })),
        deleteModel('Foo'),
      ],
      [],
    ],
    [
      'test_create_alter_unique_delete_model',
      [Foo, addConstraint('Foo', unique(['name'], { name: 'one_name' })), deleteModel('Foo')],
      [],
    ],
    ...(
      [
        [
          'with a field added',
          addField('Foo', 'c', f.integer()),
          { a: f.integer(), b: f.integer(), c: f.integer() },
          'b',
        ],
        ['with it altered', alterField('Foo', 'b', f.bigInteger()), { a: f.integer(), b: f.bigInteger() }, 'b'],
        ['with it renamed', renameField('Foo', 'b', 'c'), { a: f.integer(), c: f.integer() }, 'c'],
        ['with another removed', removeField('Foo', 'a'), { b: f.integer() }, 'b'],
      ] as const
    ).map(([what, then, fields, orderWithRespectTo]): [string, Operation[], Operation[]] => [
      `test_create_alter_owrt_field ${what}`,
      [
        createModel('Foo', { a: f.integer(), b: f.integer() }),
        alterModelOptions('Foo', { orderWithRespectTo: 'b' }),
        then,
      ],
      [createModel('Foo', fields, { orderWithRespectTo })],
    ]),
    [
      'test_create_alter_owrt_delete_model',
      [Foo, alterModelOptions('Foo', { orderWithRespectTo: 'name' }), deleteModel('Foo')],
      [],
    ],
    ['test_optimize_through_create: past a model that does not mention it', [Foo, Bar, deleteModel('Foo')], [Bar]],
    ['test_optimize_through_create: in either order', [Foo, Bar, deleteModel('Bar'), deleteModel('Foo')], []],
    ['test_optimize_through_create: in the order made', [Foo, Bar, deleteModel('Foo'), deleteModel('Bar')], []],
    [
      'test_create_model_add_field',
      [Foo, addField('Foo', 'age', f.integer())],
      [createModel('Foo', { ...Foo.fields, age: f.integer() })],
    ],
    [
      'test_create_model_reordering: a field leads to a model made between',
      [Foo, Bar, addField('Foo', 'bar', f.foreignKey('app.Bar', cascade))],
      [Bar, createModel('Foo', { ...Foo.fields, bar: f.foreignKey('app.Bar', cascade) })],
    ],
    [
      'test_create_model_reordering_circular_fk',
      [Foo, toFoo, addField('Foo', 'bar', f.foreignKey('app.Bar', cascade))],
      [Foo, toFoo, addField('Foo', 'bar', f.foreignKey('app.Bar', cascade))],
    ],
    [
      'test_create_model_add_field_not_through_m2m_through',
      [
        Foo,
        Bar,
        createModel('Link', { ...id, foo: f.foreignKey('app.Foo', cascade), bar: f.foreignKey('app.Bar', cascade) }),
        addField('Foo', 'bars', f.manyToMany('app.Bar', { through: 'app.Link' })),
      ],
      [
        Foo,
        Bar,
        createModel('Link', { ...id, foo: f.foreignKey('app.Foo', cascade), bar: f.foreignKey('app.Bar', cascade) }),
        addField('Foo', 'bars', f.manyToMany('app.Bar', { through: 'app.Link' })),
      ],
    ],
    [
      'test_create_model_alter_field',
      [Foo, alterField('Foo', 'name', f.integer())],
      [createModel('Foo', { ...id, name: f.integer() })],
    ],
    [
      'test_create_model_rename_field',
      [Foo, renameField('Foo', 'name', 'title')],
      [createModel('Foo', { ...id, title: f.char({ maxLength: 255 }) })],
    ],
    [
      'test_create_model_remove_field',
      [createModel('Foo', { ...Foo.fields, age: f.integer() }), removeField('Foo', 'age')],
      [Foo],
    ],
    [
      'test_optimize_through_fields',
      [
        createModel('Foo', { ...Foo.fields, age: f.integer() }),
        addField('Foo', 'weight', f.integer()),
        addField('Foo', 'fur', f.char({ maxLength: 9 })),
        renameField('Foo', 'weight', 'mass'),
        alterField('Foo', 'age', f.float()),
        removeField('Foo', 'fur'),
      ],
      [createModel('Foo', { ...Foo.fields, age: f.float(), mass: f.integer() })],
    ],
    [
      'test_create_model_add_index',
      [createModel('Foo', { ...id, age: f.integer() }), addIndex('Foo', byAge)],
      [createModel('Foo', { ...id, age: f.integer() }, { indexes: [byAge] })],
    ],
    [
      'test_create_model_remove_index',
      [createModel('Foo', { ...id, age: f.integer() }, { indexes: [byAge] }), removeIndex('Foo', 'by_age')],
      [createModel('Foo', { ...id, age: f.integer() })],
    ],
    [
      'test_create_model_rename_index_no_old_fields',
      [createModel('Foo', { ...id, age: f.integer() }, { indexes: [byAge] }), renameIndex('Foo', 'by_age', 'aged')],
      [createModel('Foo', { ...id, age: f.integer() }, { indexes: [index(['age'], { name: 'aged' })] })],
    ],
    [
      'test_create_model_add_constraint',
      [createModel('Foo', { ...id, age: f.integer() }), addConstraint('Foo', grown)],
      [createModel('Foo', { ...id, age: f.integer() }, { constraints: [grown] })],
    ],
    [
      'test_create_model_remove_constraint',
      [createModel('Foo', { ...id, age: f.integer() }, { constraints: [grown] }), removeConstraint('Foo', 'grown')],
      [createModel('Foo', { ...id, age: f.integer() })],
    ],
    [
      'test_create_alter_model_table',
      [Foo, alterModelTable('Foo', 'foos')],
      [createModel('Foo', Foo.fields, { dbTable: 'foos' })],
    ],
    [
      'test_create_alter_model_table_comment',
      [Foo, alterModelOptions('Foo', { comment: 'A lovely table.' })],
      [createModel('Foo', Foo.fields, { comment: 'A lovely table.' })],
    ],
    [
      'test_create_model_alter_constraint: one that is replaced',
      [
        createModel('Foo', { ...id, age: f.integer() }, { constraints: [grown, unique(['age'], { name: 'one' })] }),
        removeConstraint('Foo', 'grown'),
        addConstraint('Foo', older),
      ],
      [createModel('Foo', { ...id, age: f.integer() }, { constraints: [unique(['age'], { name: 'one' }), older] })],
    ],
    [
      'a model that goes and comes again is not taken for the first one',
      [
        Foo,
        Bar,
        addField('Bar', 'foos', f.manyToMany('app.Foo')),
        removeField('Foo', 'name'),
        deleteModel('Bar'),
        deleteModel('Foo'),
        Foo,
        removeField('Foo', 'name'),
      ],
      [createModel('Foo', id)],
    ],
    ['a trigger goes with its model', [Foo, addTrigger('Foo', readonlyTrigger), deleteModel('Foo')], []],
    [
      'test_rename_index then a field renamed under it',
      [createModel('Foo', { ...id, age: f.integer() }, { indexes: [byAge] }), renameField('Foo', 'age', 'years')],
      [createModel('Foo', { ...id, years: f.integer() }, { indexes: [index(['years'], { name: 'by_age' })] })],
    ],
    [
      'a model that points at itself, renamed',
      [createModel('Node', { ...id, parent: f.foreignKey('app.Node', cascade) }), renameModel('Node', 'Leaf')],
      [createModel('Leaf', { ...id, parent: f.foreignKey('app.Leaf', cascade) })],
    ],
    [
      'a rename past what points at the model stays',
      [Foo, toFoo, renameModel('Foo', 'Baz')],
      [Foo, toFoo, renameModel('Foo', 'Baz')],
    ],
    [
      'a computed column is no way round what it is computed from',
      [
        createModel('Foo', { ...id, age: f.integer() }),
        addField('Foo', 'twice', f.generated(fn('*', F('age'), 2), { output: f.integer() })),
        renameField('Foo', 'age', 'years'),
      ],
      [
        createModel('Foo', {
          ...id,
          years: f.integer(),
          twice: f.generated(fn('*', F('years'), 2), { output: f.integer() }),
        }),
      ],
    ],
  ])('MIG-13 %s', (_, operations, expected) => {
    expect(said(optimized(operations))).toEqual(said(expected))
  })
})

describe('on models that are there', () => {
  test.each<[topic: string, operations: Operation[], expected: Operation[]]>([
    ['test_rename_model_self', [renameModel('Foo', 'Baa'), renameModel('Baa', 'Baz')], [renameModel('Foo', 'Baz')]],
    ['test_rename_model_self: back again', [renameModel('Foo', 'Baa'), renameModel('Baa', 'Foo')], []],
    ['a renamed model that is deleted', [renameModel('Foo', 'Baa'), deleteModel('Baa')], [deleteModel('Foo')]],
    [
      'test_alter_alter_table_model',
      [alterModelTable('Foo', 'a'), alterModelTable('Foo', 'b')],
      [alterModelTable('Foo', 'b')],
    ],
    [
      'test_alter_alter_owrt_model',
      [alterModelOptions('Foo', { orderWithRespectTo: 'a' }), alterModelOptions('Foo', { orderWithRespectTo: 'b' })],
      [alterModelOptions('Foo', { orderWithRespectTo: 'b' })],
    ],
    [
      'test_add_field_rename_field',
      [addField('Foo', 'x', f.integer()), renameField('Foo', 'x', 'y')],
      [addField('Foo', 'y', f.integer())],
    ],
    [
      'test_alter_field_rename_field',
      [alterField('Foo', 'a', f.float()), renameField('Foo', 'a', 'x')],
      [renameField('Foo', 'a', 'x'), alterField('Foo', 'x', f.float())],
    ],
    [
      'test_swapping_fields_names',
      [renameField('Foo', 'a', 'temp'), renameField('Foo', 'b', 'a'), renameField('Foo', 'temp', 'b')],
      [renameField('Foo', 'a', 'temp'), renameField('Foo', 'b', 'a'), renameField('Foo', 'temp', 'b')],
    ],
    [
      'a field renamed twice',
      [renameField('Foo', 'a', 'x'), renameField('Foo', 'x', 'y')],
      [renameField('Foo', 'a', 'y')],
    ],
    [
      'test_add_field_alter_field',
      [addField('Foo', 'x', f.integer(), { fill: 1 }), alterField('Foo', 'x', f.float(), { fill: 2 })],
      [addField('Foo', 'x', f.float(), { fill: 2 })],
    ],
    ['test_add_field_delete_field', [addField('Foo', 'x', f.integer()), removeField('Foo', 'x')], []],
    [
      'test_alter_field_delete_field',
      [alterField('Foo', 'a', f.float()), removeField('Foo', 'a')],
      [removeField('Foo', 'a')],
    ],
    [
      'test_alter_alter_field',
      [alterField('Foo', 'a', f.float()), alterField('Foo', 'a', f.bigInteger())],
      [alterField('Foo', 'a', f.bigInteger())],
    ],
    [
      'an alteration that filled nulls stays where nulls come back',
      [alterField('Foo', 'a', f.integer(), { fill: 0 }), alterField('Foo', 'a', f.integer({ null: true }))],
      [alterField('Foo', 'a', f.integer(), { fill: 0 }), alterField('Foo', 'a', f.integer({ null: true }))],
    ],
    ['test_add_remove_index', [addIndex('Foo', byAge), removeIndex('Foo', 'by_age')], []],
    [
      'test_add_rename_index',
      [addIndex('Foo', byAge), renameIndex('Foo', 'by_age', 'aged')],
      [addIndex('Foo', index(['age'], { name: 'aged' }))],
    ],
    [
      'test_rename_index: twice',
      [addIndex('Foo', byAge), runSql('select 1'), renameIndex('Foo', 'by_age', 'x'), renameIndex('Foo', 'x', 'y')],
      [addIndex('Foo', byAge), runSql('select 1'), renameIndex('Foo', 'by_age', 'y')],
    ],
    [
      'test_add_alter_constraint: one that is replaced',
      [addConstraint('Foo', grown), removeConstraint('Foo', 'grown'), addConstraint('Foo', older)],
      [addConstraint('Foo', older)],
    ],
    [
      'test_alter_remove_constraint: one that is replaced and then goes',
      [addConstraint('Foo', grown), slow, ...replaced, removeConstraint('Foo', 'grown')],
      [addConstraint('Foo', grown), slow, removeConstraint('Foo', 'grown')],
    ],
    ['test_add_remove_constraint', [addConstraint('Foo', grown), removeConstraint('Foo', 'grown')], []],
    [
      'test_multiple_alter_constraints: of other names they stay',
      [addConstraint('Foo', grown), addConstraint('Foo', check({ a__gte: 1 }, { name: 'a_one' }))],
      [addConstraint('Foo', grown), addConstraint('Foo', check({ a__gte: 1 }, { name: 'a_one' }))],
    ],
    ['a trigger made and removed', [addTrigger('Foo', readonlyTrigger), removeTrigger('Foo', 'keep')], []],
    [
      'what changes a model goes with it',
      [alterField('Foo', 'a', f.float()), deleteModel('Foo')],
      [deleteModel('Foo')],
    ],
    [
      'a relation removed before its model, whose target goes between',
      [removeField('Foo', 'link'), deleteModel('Bar'), deleteModel('Foo')],
      [deleteModel('Foo'), deleteModel('Bar')],
    ],
    [
      'a deleted model is not passed by what points at it',
      [removeField('Foo', 'link'), deleteModel('Bar')],
      [removeField('Foo', 'link'), deleteModel('Bar')],
    ],
    [
      'code is a wall',
      [addField('Foo', 'x', f.integer()), slow, removeField('Foo', 'x')],
      [addField('Foo', 'x', f.integer()), slow, removeField('Foo', 'x')],
    ],
    [
      'test_optimize_elidable_operation: SQL is a wall until squashmigrations drops it',
      [addField('Foo', 'x', f.integer()), runSql('select 1', { reverse: '' }), removeField('Foo', 'x')],
      [addField('Foo', 'x', f.integer()), runSql('select 1', { reverse: '' }), removeField('Foo', 'x')],
    ],
    [
      'a column taken over by another field is not given before it is free',
      [renameField('Foo', 'a', 'x'), addField('Foo', 'a', f.integer()), renameField('Foo', 'x', 'y')],
      [renameField('Foo', 'a', 'y'), addField('Foo', 'a', f.integer())],
    ],
  ])('MIG-13 %s', (_, operations, expected) => {
    expect(said(optimized(operations, there))).toEqual(said(expected))
  })

  test('MIG-13 test_optimize_through_create: a foreign key blocks', () => {
    const operations = [Foo, toFoo, removeField('Bar', 'other'), deleteModel('Foo')]
    expect(said(optimized(operations))).toEqual(said([createModel('Bar', id)]))
  })
})

/** Operations that fit one after another, from numbers. */
function randomOperations(seeds: readonly number[]): Operation[] {
  let now = state()
  const made: Operation[] = []
  for (const seed of seeds) {
    const pick = <T>(list: readonly T[], by: number): T => list[by % list.length]!
    const models = [...now.models.values()]
    const own = models.length > 0 ? pick(models, seed >> 4) : null
    const name = own === null ? undefined : Object.keys(own.fields).find((each) => each !== 'id')
    const target = models.length > 0 ? pick(models, seed >> 8) : null
    const candidates: (() => Operation)[] = [() => createModel(`M${seed % 7}`, { ...id, f0: f.integer() })]
    if (own !== null && target !== null) {
      candidates.push(
        () => deleteModel(own.name),
        () => renameModel(own.name, `M${(seed >> 6) % 7}`),
        () => addField(own.name, `f${seed % 4}`, f.integer({ null: true })),
        () => addField(own.name, `f${seed % 4}`, f.foreignKey(`app.${target.name}`, cascade)),
        () => addField(own.name, `f${seed % 4}`, f.manyToMany(`app.${target.name}`)),
        () => alterModelTable(own.name, `t${seed % 3}`),
      )
      if (name !== undefined) {
        candidates.push(
          () => removeField(own.name, name),
          () => renameField(own.name, name, `f${(seed >> 6) % 4}`),
          () => alterField(own.name, name, f.text({ null: true })),
          () => addIndex(own.name, index([name], { name: `i${seed % 3}` })),
          () => alterModelOptions(own.name, { ordering: [name] }),
        )
      }
      const byName = own.options.indexes?.[0]
      if (byName) candidates.push(() => removeIndex(own.name, byName.name))
    }
    const operation = pick(candidates, seed)()
    try {
      const next = operation.toState(now, 'app')
      if (isSound(next)) {
        now = next
        made.push(operation)
      }
    } catch {
      // The name is taken: another one comes.
    }
  }
  return made
}

/** Whether a database could have it: relations lead somewhere, indexes speak of fields, names are used once. */
function isSound(of: ProjectState): boolean {
  const names = [...of.models.values()].flatMap(({ options }) => (options.indexes ?? []).map((each) => each.name))
  const tables = [...of.models.values()].map(({ name, options }) => options.dbTable ?? name)
  return (
    new Set(names).size === names.length &&
    new Set(tables).size === tables.length &&
    [...of.models.values()].every(
      (each) =>
        Object.values(each.fields).every((field) =>
          of.relatedLabels(field).every((label) => of.find(label) !== null),
        ) &&
        (each.options.indexes ?? []).every((item) => item.fields.every((field) => field in each.fields)) &&
        (each.options.ordering ?? []).every((field) => field in each.fields),
    )
  )
}

test('MIG-13 whatever the operations, the optimized ones pass only through sound states to the same models', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { maxLength: 30 }), (seeds) => {
      const operations = randomOperations(seeds)
      const made = optimize(operations, { app: 'app', from: state() })
      expect(made.length).toBeLessThanOrEqual(operations.length)
      let now = state()
      for (const operation of made) {
        now = operation.toState(now, 'app')
        expect(isSound(now), operation.describe()).toBe(true)
      }
      expect(sameValue(told(now), told(apply(operations, state())))).toBe(true)
    }),
    { numRuns: process.env.NUAGES_LONG ? 5_000 : 400 },
  )
})

describe('MIG-13 reviewed operations', () => {
  const longer = (reason?: string) => {
    const operation = alterField('Foo', 'name', f.char({ maxLength: 300 }))
    return reason === undefined ? operation : reviewed(operation, reason)
  }
  const text = (reason: string) => reviewed(alterField('Foo', 'name', f.text()), reason)
  const reasons = (...operations: Operation[]) =>
    optimize(operations, { app: 'app', from: there }).map(({ type, reviewed: reason }) => [type, reason ?? null])

  test('two that become one are reviewed where both were', () => {
    expect(reasons(longer('short'), text('small'))).toEqual([['alterField', 'short; small']])
    expect(reasons(longer('small'), text('small'))).toEqual([['alterField', 'small']])
    expect(reasons(longer(), text('small'))).toEqual([['alterField', null]])
  })
  test('one that passes another keeps its own, and so does one that makes another needless', () => {
    expect(reasons(longer('short'), renameField('Foo', 'name', 'title'))).toEqual([
      ['renameField', null],
      ['alterField', 'short'],
    ])
    expect(reasons(longer(), reviewed(removeField('Foo', 'name'), 'gone'))).toEqual([['removeField', 'gone']])
  })
})
