// MIG-14, MIG-16, MIG-21: operations on indexes, constraints and options, there and back. The topics are those of
// django/tests/migrations/test_operations.py.
import {
  addConstraint,
  addField,
  addIndex,
  alterField,
  alterModelOptions,
  check,
  createModel,
  F,
  fields as f,
  fn,
  index,
  type Operation,
  Q,
  removeConstraint,
  removeIndex,
  renameField,
  renameModel,
  unique,
} from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { atomic, database } from '../../src/db/internal.ts'
import { closeDatabase, migrate, openDatabase, run } from './history.ts'
import { columns, isRefused, makePonies, table, tables, thereAndBack, withChange } from './ponies.ts'
import { model, state } from './states.ts'

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const id = f.autoId()
const pony = (name: string, pink: number, weight: number | null = null) =>
  `insert into library_pony (name, pink, weight) values ('${name}', ${pink}, ${weight})`
const clean = () => run("delete from library_pony where name not in ('Ann', 'Bob')")
const indexes = async () => ((await table('library_pony')).indexes ?? []).map(({ name }) => name)
type Case = [topic: string, operations: Operation[], look: () => Promise<void>]

describe('indexes', () => {
  const byPink = index(['pink'], { name: 'by_pink' })
  const byLower = index([fn('lower', F('name'))], { name: 'by_lower' })
  const cases: Case[] = [
    ['test_add_index', [addIndex('Pony', byPink)], async () => expect(await indexes()).toEqual(['by_pink'])],
    [
      'test_remove_index',
      [addIndex('Pony', byPink), removeIndex('Pony', 'by_pink')],
      async () => expect(await indexes()).toEqual([]),
    ],
    ['test_add_func_index', [addIndex('Pony', byLower)], async () => expect(await indexes()).toEqual(['by_lower'])],
    [
      'test_remove_func_index',
      [addIndex('Pony', byLower), removeIndex('Pony', 'by_lower')],
      async () => expect(await indexes()).toEqual([]),
    ],
    [
      'test_alter_field_with_index',
      [addIndex('Pony', byPink), alterField('Pony', 'pink', f.bigInteger({ default: 3 }))],
      async () => expect(await indexes()).toEqual(['by_pink']),
    ],
    [
      'test_alter_field_with_func_index',
      [addIndex('Pony', byLower), alterField('Pony', 'name', f.char({ maxLength: 30, unique: true }))],
      async () => expect(await indexes()).toEqual(['by_lower']),
    ],
    [
      'test_alter_index_together, test_alter_index_together_remove, test_alter_index_together_remove_with_unique_together: indexes and constraints over the same fields',
      [
        addIndex('Pony', index(['pink', 'weight'], { name: 'both' })),
        addConstraint('Pony', unique(['pink', 'weight'], { name: 'once' })),
        removeIndex('Pony', 'both'),
      ],
      async () => {
        expect(await indexes()).toEqual([])
        await isRefused(pony('No', 3, 4.5))
      },
    ],
  ]
  test.each(cases)('MIG-16 %s', async (_, operations, look) => thereAndBack(operations, look))

  test('MIG-16 test_add_index_state_forwards, test_remove_index_state_forwards: a state before is as it was', () => {
    const before = state(model('library.Pony', { pink: f.integer() }))
    const added = addIndex('Pony', byPink).toState(before, 'library')
    const removed = removeIndex('Pony', 'by_pink').toState(added, 'library')
    const count = (of: typeof before) => of.get('library.Pony').options.indexes?.length ?? 0
    expect([before, added, removed].map(count)).toEqual([0, 1, 0])
  })
})

describe('constraints', () => {
  const some = unique(['pink'], { name: 'some', where: { weight__gt: 5 } })
  const cases: Case[] = [
    [
      'test_add_constraint',
      [
        addConstraint('Pony', check({ pink__gt: 2 }, { name: 'pink_2' })),
        addConstraint('Pony', check({ weight__lt: 600 }, { name: 'light' })),
      ],
      async () => {
        await isRefused(pony('No', 1), pony('No', 3, 700))
        await run(pony('Yes', 3, 5))
        await clean()
      },
    ],
    [
      'test_add_constraint_percent_escaping',
      [
        addConstraint('Pony', check(Q.not({ name__startswith: 'Z' }), { name: 'wild' })),
        addConstraint('Pony', check(Q.not({ name__endswith: '%' }), { name: 'percent' })),
        addConstraint('Pony', check(Q.not({ name__contains: '_' }), { name: 'underscore' })),
      ],
      async () => {
        await run(pony('Artur', 3))
        await isRefused(pony('Zed', 3), pony('A%', 3), pony('A_b', 3))
        await clean()
      },
    ],
    [
      'test_add_or_constraint',
      [
        addConstraint(
          'Pony',
          check(Q.or(Q.and({ pink__gt: 2 }, { weight__gt: 2 }), { weight: null }), { name: 'one_or' }),
        ),
      ],
      async () => {
        await isRefused(pony('No', 2, 3), pony('No', 3, 1), pony('No', 1, 1))
        await run(pony('Yes', 3, 3))
        await clean()
      },
    ],
    [
      'test_add_constraint_combinable',
      [addConstraint('Pony', check({ weight__gt: fn('+', F('pink'), 1) }, { name: 'heavier' }))],
      async () => {
        await isRefused(pony('No', 3, 4))
        await run(pony('Yes', 3, 4.1))
        await clean()
      },
    ],
    [
      'test_remove_constraint',
      [addConstraint('Pony', check({ pink__gt: 2 }, { name: 'pink_2' })), removeConstraint('Pony', 'pink_2')],
      async () => {
        await run(pony('Yes', 1))
        await clean()
      },
    ],
    [
      'test_add_partial_unique_constraint',
      [addConstraint('Pony', some)],
      async () => {
        await run(pony('A', 1, 4))
        await run(pony('B', 1, 6))
        await isRefused(pony('C', 1, 7))
        await clean()
      },
    ],
    [
      'test_remove_partial_unique_constraint',
      [addConstraint('Pony', some), removeConstraint('Pony', 'some')],
      async () => {
        await run(pony('A', 1, 6))
        await run(pony('B', 1, 7))
        await clean()
      },
    ],
    [
      'test_alter_unique_together, test_alter_unique_together_remove',
      [
        addConstraint('Pony', unique(['pink', 'weight'], { name: 'once' })),
        addConstraint('Rider', unique(['name', 'pony'], { name: 'rides' })),
        removeConstraint('Rider', 'rides'),
      ],
      async () => {
        await isRefused(pony('No', 3, 4.5))
        await run(
          "insert into library_rider (name, pony_id) select name, pony_id from library_rider where name = 'Max'",
        )
        await run("update library_rider set name = 'Tim'")
        await run('delete from library_rider')
        await run("insert into library_rider (name, pony_id) select 'Max', id from library_pony where name = 'Ann'")
      },
    ],
  ]
  test.each(cases)('MIG-16 %s', async (_, operations, look) => thereAndBack(operations, look))

  const wide = unique(['pink'], { name: 'wide', include: ['weight'] })
  test.each<[topic: string, operations: Operation[], keeps: boolean]>([
    ['test_add_covering_unique_constraint', [addConstraint('Pony', wide)], true],
    ['test_remove_covering_unique_constraint', [addConstraint('Pony', wide), removeConstraint('Pony', 'wide')], false],
    [
      'test_create_model_with_covering_unique_constraint',
      [
        createModel(
          'Van',
          { id, pink: f.integer(), weight: f.float() },
          { constraints: [{ ...wide, name: 'van_wide' }] },
        ),
        addConstraint('Pony', wide),
      ],
      true,
    ],
  ])('MIG-16 %s: unique where nothing is covered, too', async (_, operations, keeps) =>
    thereAndBack(operations, async () => {
      if (keeps) await isRefused(pony('Twin', 3))
      else await run(pony('Twin', 3))
      await clean()
    }),
  )

  // Elsewhere it is told before anything is changed.
  const later = unique(['pink'], { name: 'later', deferrable: 'deferred' })
  test.each<[topic: string, operations: Operation[], keeps: boolean]>([
    ['test_add_deferred_unique_constraint', [addConstraint('Pony', later)], true],
    [
      'test_remove_deferred_unique_constraint',
      [addConstraint('Pony', later), removeConstraint('Pony', 'later')],
      false,
    ],
    [
      'test_create_model_with_deferred_unique_constraint',
      [
        createModel('Van', { id, pink: f.integer() }, { constraints: [{ ...later, name: 'van_later' }] }),
        addConstraint('Pony', later),
      ],
      true,
    ],
  ])('MIG-16 %s', async (_, operations, keeps) => {
    if (!database().features.deferrableUnique) {
      await makePonies()
      await expect(migrate(withChange(operations))).rejects.toMatchObject({
        hint: expect.stringMatching(/^Nothing was changed/),
      })
      expect(await tables()).toEqual(['library_pony', 'library_rider', 'library_stable'])
      return
    }
    await thereAndBack(operations, async () => {
      // Two alike for a moment, inside a transaction.
      await atomic(async () => {
        await run(pony('Twin', 3))
        await run("update library_pony set pink = 9 where name = 'Twin'")
      })
      if (keeps) await isRefused(pony('No', 3))
      await clean()
    })
  })
})

describe('options', () => {
  test.each<[topic: string, operations: Operation[], options: object]>([
    [
      'operations.test_alter_model_options',
      [alterModelOptions('Pony', { ordering: ['name'] })],
      { ordering: ['name'] },
    ],
    [
      'test_alter_model_options_emptying',
      [alterModelOptions('Pony', { ordering: ['name'] }), alterModelOptions('Pony', {})],
      {},
    ],
  ])('MIG-14 %s: indexes and constraints stay', (_, operations, expected) => {
    const kept = { indexes: [index(['pink'], { name: 'i' })], constraints: [unique(['pink'], { name: 'u' })] }
    const before = state(model('library.Pony', { pink: f.integer() }, { ...kept, dbTable: 'ponies' }))
    const after = operations.reduce((now, each) => each.toState(now, 'library'), before)
    expect(after.get('library.Pony').options).toEqual({ ...kept, dbTable: 'ponies', ...expected })
  })

  test('MIG-14 test_alter_order_with_respect_to', () =>
    thereAndBack(
      [
        addField('Rider', '_order', f.integer(), { fill: 0 }),
        alterModelOptions('Rider', { orderWithRespectTo: 'pony' }),
      ],
      async () => expect(await columns('library_rider')).toEqual(['_order', 'friend_id', 'id', 'name', 'pony_id']),
    ))

  test('MIG-21 test_rename_model_state_forwards, test_rename_referenced_field_state_forward', () => {
    const cascade = { onDelete: 'cascade' } as const
    const before = state(
      model('app.Author', { code: f.char({ unique: true }) }),
      model('app.Book', { by: f.foreignKey('app.Author', { ...cascade, toField: 'code' }) }),
      model('app.Other'),
    )
    const renamed = renameModel('Author', 'Writer').toState(before, 'app')
    expect([...renamed.models.keys()]).toEqual(['app.Writer', 'app.Book', 'app.Other'])
    expect(renamed.target(renamed.field('app.Book', 'by'))).toBe('app.Writer')
    // What does not lead there is the same as before.
    expect(renamed.get('app.Other')).toBe(before.get('app.Other'))
    const field = renameField('Author', 'code', 'sign').toState(before, 'app')
    expect(field.field('app.Book', 'by').args[1]).toEqual({ ...cascade, toField: 'sign' })
    expect(before.field('app.Book', 'by').args[1]).toEqual({ ...cascade, toField: 'code' })
  })
})
