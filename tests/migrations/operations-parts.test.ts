// MIG-08, MIG-09: operations on indexes, constraints and options, SQL, code and the state alone, there and back. The topics
// are those of django/tests/migrations/test_operations.py.
import {
  addConstraint,
  addField,
  addIndex,
  alterField,
  alterModelOptions,
  check,
  createModel,
  deleteModel,
  F,
  fields as f,
  fn,
  index,
  noop,
  type Operation,
  Q,
  removeConstraint,
  removeIndex,
  renameField,
  renameModel,
  runCode,
  runSql,
  separateDatabaseAndState,
  unique,
} from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { atomic, database } from '../../src/db/internal.ts'
import { closeDatabase, migrate, openDatabase, run } from './history.ts'
import { columns, isRefused, makePonies, table, tables, texts, thereAndBack, withChange } from './ponies.ts'
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
  test.each(cases)('MIG-08 %s', async (_, operations, look) => thereAndBack(operations, look))

  test('MIG-08 test_add_index_state_forwards, test_remove_index_state_forwards: a state before is as it was', () => {
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
  test.each(cases)('MIG-08 %s', async (_, operations, look) => thereAndBack(operations, look))

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
  ])('MIG-08 %s: unique where nothing is covered, too', async (_, operations, keeps) =>
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
  ])('MIG-08 %s', async (_, operations, keeps) => {
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
  ])('MIG-08 %s: indexes and constraints stay', (_, operations, expected) => {
    const kept = { indexes: [index(['pink'], { name: 'i' })], constraints: [unique(['pink'], { name: 'u' })] }
    const before = state(model('library.Pony', { pink: f.integer() }, { ...kept, dbTable: 'ponies' }))
    const after = operations.reduce((now, each) => each.toState(now, 'library'), before)
    expect(after.get('library.Pony').options).toEqual({ ...kept, dbTable: 'ponies', ...expected })
  })

  test('MIG-08 test_alter_order_with_respect_to', () =>
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

describe('SQL and code', () => {
  const notes = 'create table notes (name varchar(20))'

  test('MIG-08 test_run_sql: statements as they are, percent signs and comments too; back; and what it means for the models', async () => {
    const sql = `${notes};
insert into notes (name) values ('100%'); -- nothing; to see
insert into notes (name) values ('a;b');
delete from notes where name like '%;%'`
    await thereAndBack(
      [
        runSql(sql, { reverse: 'drop table notes', state: [createModel('Else', { id })] }),
        separateDatabaseAndState({ state: [deleteModel('Else')] }),
      ],
      async () => expect(await texts('select name from notes')).toEqual(['100%']),
    )
  })

  test('MIG-08 test_run_sql_params: one statement with params among others', () =>
    thereAndBack(
      [
        runSql([notes, ["insert into notes (name) values (%s), ('5%%')", ["it's %s"]]], {
          reverse: [['delete from notes where name = %s', ['x']], 'drop table notes'],
        }),
      ],
      async () => expect(await texts('select name from notes')).toEqual(['5%', "it's %s"]),
    ))

  test.each([
    ['too few', ['select %s, %s', [1]]],
    ['too many', ['select %s', [1, 2]]],
  ] as const)('MIG-08 test_run_sql_params_invalid: %s', async (_, statement) => {
    await expect(migrate(withChange([runSql(statement)]))).rejects.toMatchObject({
      message: expect.stringContaining('params for'),
      cause: { code: 'migrations.wrong-params' },
    })
  })

  test('MIG-08 test_run_sql_noop, test_run_python_noop: what does nothing can be undone', async () => {
    await thereAndBack([runSql('', { reverse: '' }), runCode(noop, { reverse: noop })], async () => {})
  })

  test('MIG-21 test_run_python: code forwards and back; without a reverse it stays', async () => {
    const add = runCode(
      async ({ models }) => {
        const Pony = models.get('library.Pony')
        for (const name of ['Cid', 'Dan']) await Pony.objects.dynamicCreate({ name, pink: 1 })
      },
      {
        reverse: async ({ models }) =>
          void (await models
            .get('library.Pony')
            .objects.dynamic({ name__in: ['Cid', 'Dan'] })
            .delete()),
      },
    )
    await thereAndBack([add], async () =>
      expect(await texts('select name from library_pony')).toEqual(['Ann', 'Bob', 'Cid', 'Dan']),
    )
    const stuck = withChange([runCode(async () => {})])
    await migrate(stuck)
    await expect(migrate(stuck, { app: 'library', name: '0001' })).rejects.toMatchObject({
      code: 'migrations.irreversible',
    })
  })

  test('MIG-26 test_run_python_atomic: what it wrote goes with what it throws', async () => {
    await makePonies()
    const fails = runCode(async ({ models }) => {
      await models.get('Pony').objects.dynamicCreate({ name: 'Cid', pink: 1 })
      throw new Error('stopped')
    })
    await expect(migrate(withChange([fails]))).rejects.toThrow('stopped')
    expect(await texts('select name from library_pony')).toEqual(['Ann', 'Bob'])
    // Where a migration is no transaction, code stays as far as it came.
    await expect(migrate(withChange([fails], { atomic: false }))).rejects.toThrow('stopped')
    expect(await texts('select name from library_pony')).toEqual(['Ann', 'Bob', 'Cid'])
  })

  test('MIG-21 test_run_python_related_assignment: a row of one model is given to a relation of another, after a change of the first', async () => {
    await makePonies()
    const steps = withChange([
      addField('Stable', 'town', f.char({ maxLength: 20, default: '' })),
      addField('Pony', 'home', f.foreignKey('library.Stable', { onDelete: 'setNull', null: true })),
      runCode(async ({ models }) => {
        const home = await models.get('Stable').objects.dynamicCreate({ name: 'Old', town: 'Rome' })
        await models.get('Pony').objects.dynamicCreate({ name: 'Cid', pink: 1, home })
      }),
    ])
    await migrate(steps)
    expect(await texts('select p.name, s.town from library_pony p join library_stable s on s.id = p.home_id')).toEqual([
      'Cid Rome',
    ])
  })

  test('MIG-08 test_separate_database_and_state: each gets its own', async () => {
    const apart = separateDatabaseAndState({
      database: [runSql(notes, { reverse: 'drop table notes' })],
      state: [createModel('Note', { id, name: f.char({ maxLength: 20 }) }, { dbTable: 'notes', managed: false })],
    })
    await thereAndBack([apart], async () => expect(await tables()).toContain('notes'))
  })

  test('MIG-08 test_separate_database_and_state2: operations of models among those for the database', async () => {
    const apart = separateDatabaseAndState({
      database: [
        createModel('A', { id }),
        createModel('B', { id, a: f.foreignKey('library.A', { onDelete: 'cascade' }) }),
      ],
      state: [createModel('C', { id })],
    })
    await thereAndBack([apart], async () =>
      expect((await tables()).filter((name) => /_[abc]$/.test(name))).toEqual(['library_a', 'library_b']),
    )
  })
})
