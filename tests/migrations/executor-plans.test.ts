// MIG-07, MIG-10: which steps lead to a target, what is recorded, and the models that code meets on the way. The topics are
// those of django/tests/migrations/test_executor.py.
import {
  addField,
  alterField,
  type CodeContext,
  createModel,
  fields as f,
  type Operation,
  runCode,
  runSql,
  userModel,
} from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { atomic, database } from '../../src/db/internal.ts'
import { keyOf, type Migration } from '../../src/db/migrations/migration.ts'
import { Recorder } from '../../src/db/migrations/recorder.ts'
import { closeDatabase, executor, migrate, openDatabase, rows, run, schema } from './history.ts'

beforeEach(() => void openDatabase())
afterEach(async () => {
  vi.restoreAllMocks()
  await closeDatabase()
})

const cascade = { onDelete: 'cascade' } as const
const id = f.autoId()
const key = (to: `${string}.${string}`) => f.foreignKey(to, { ...cascade, null: true })

/** `one('a.0002', ['a.0001'], [...])` */
function one(
  name: string,
  after: string[] = [],
  operations: Operation[] = [],
  more: Partial<Migration> = {},
): Migration {
  return { ...split(name), file: null, dependencies: after.map(pair), operations, ...more }
}
const pair = (name: string) => name.split('.', 2) as [string, string]
const split = (name: string) => ({ app: pair(name)[0], name: pair(name)[1] })
const tables = async () => (await schema()).map(({ name }) => name).sort()
const recorded = () => executor([]).recorder.applied()
const to = (target: string) => (target.includes('.') ? split(target) : { app: target })
/** What a plan holds: `+a.0001`, `-a.0002`. */
const planned = async (files: Migration[], target?: string) =>
  (await executor(files).plan(target === undefined ? {} : to(target))).map(
    ({ migration, backwards }) => `${backwards ? '-' : '+'}${keyOf(migration.app, migration.name)}`,
  )
const fake = async (files: Migration[], ...targets: string[]) => {
  for (const target of targets) await migrate(files, to(target), { fake: true })
}

const author = createModel('Author', { id, name: f.char({ maxLength: 50 }) })
const book = createModel('Book', { id, author: key('a.Author') })
const two = [one('a.0001', [], [author]), one('a.0002', ['a.0001'], [book])]
const squash = one('a.0001_squashed_0002', [], [author, book], { replaces: [pair('a.0001'), pair('a.0002')] })

describe('a plan', () => {
  test('MIG-07 test_run: goes to a name in order, and back to zero in the opposite one', async () => {
    expect(await planned(two, 'a.0002')).toEqual(['+a.0001', '+a.0002'])
    await migrate(two, to('a.0002'))
    expect(await tables()).toEqual(['a_author', 'a_book'])
    expect(await planned(two, 'a.zero')).toEqual(['-a.0002', '-a.0001'])
    await migrate(two, to('a.zero'))
    expect(await tables()).toEqual([])
  })

  test('MIG-11 test_run_with_squashed: a squashed migration alone, forwards and back', async () => {
    const files = [...two, squash]
    expect(await planned(files, 'a.0001_squashed_0002')).toEqual(['+a.0001_squashed_0002'])
    await migrate(files, to('a.0001_squashed_0002'))
    expect(await tables()).toEqual(['a_author', 'a_book'])
    expect(await planned(files, 'a.zero')).toEqual(['-a.0001_squashed_0002'])
    await migrate(files, to('a.zero'))
    expect(await tables()).toEqual([])
  })

  test('MIG-07 test_empty_plan: what is applied is neither done again nor undone, and stays in the state', async () => {
    const files = [...two, one('b.0001', ['a.0002'], [createModel('Other', { id })])]
    expect(await planned(files)).toEqual(['+a.0001', '+a.0002', '+b.0001'])
    await fake(files, 'a.0002', 'b.0001')
    for (const target of [undefined, 'a.0002', 'b.0001', 'a', 'b']) expect(await planned(files, target)).toEqual([])
    const next = one('c.0001')
    const states = await executor([...files, next]).statesBefore([{ migration: next, backwards: false }])
    expect([...states.get(next)!.models.keys()].sort()).toEqual(['a.Author', 'a.Book', 'b.Other'])
  })

  const children = [one('a.0001'), one('a.0002', ['a.0001']), one('b.0001', ['a.0001'])]
  test('MIG-07 test_minimize_rollbacks: other apps that stand on the target stay', async () => {
    await fake(children, 'a', 'b')
    expect(await planned(children, 'a.0001')).toEqual(['-a.0002'])
  })

  test('MIG-07 test_minimize_rollbacks_branchy: only those that stand on what is undone go', async () => {
    const files = [
      one('a.0001'),
      one('a.0002', ['a.0001']),
      one('a.0003', ['a.0001']),
      one('a.0004', ['a.0002', 'a.0003']),
      one('b.0001', ['a.0001']),
      one('b.0002', ['b.0001', 'a.0002']),
    ]
    await fake(files, 'a', 'b')
    expect((await planned(files, 'a.0001')).sort()).toEqual(['-a.0002', '-a.0003', '-a.0004', '-b.0002'])
  })

  test('MIG-07 test_backwards_nothing_to_do: a target that is reached leaves other apps as they are', async () => {
    const files = [...children, one('c.0001', ['a.0001'])]
    await fake(files, 'a.0001', 'b.0001')
    expect(await planned(files, 'a.0001')).toEqual([])
  })
})

describe('a record', () => {
  test('MIG-07 test_process_callback: every step is told when it starts and when it is done', async () => {
    const told: string[] = []
    const onProgress = ({ step, state }: { step: { migration: Migration; backwards: boolean }; state: string }) =>
      void told.push(`${step.backwards ? '-' : '+'}${step.migration.name} ${state}`)
    await migrate(two, {}, { onProgress })
    await migrate(two, to('a.zero'), { onProgress })
    expect(told).toEqual([
      '+0001 start',
      '+0001 done',
      '+0002 start',
      '+0002 done',
      ...['-0002 start', '-0002 done'],
      ...['-0001 start', '-0001 done'],
    ])
  })

  test('MIG-07 test_migrations_applied_and_recorded_atomically: without its record nothing of it is there', async () => {
    vi.spyOn(Recorder.prototype, 'record').mockRejectedValueOnce(new Error('no record'))
    await expect(migrate(two)).rejects.toThrow('no record')
    expect(await recorded()).toEqual(new Set())
    // Where tables are committed one by one, the next run goes on from there.
    expect(await tables()).toEqual(database().features.transactionalDdl ? [] : ['a_author'])
    await migrate(two)
    expect(await tables()).toEqual(['a_author', 'a_book'])
  })

  test('MIG-07 test_migrations_not_applied_on_deferred_sql_failure: nor where references break at the end', async () => {
    const broken = one('a.0003', ['a.0002'], [runSql('insert into a_book (author_id) values (99)', { reverse: '' })])
    await expect(migrate([...two, broken])).rejects.toMatchObject({
      message: expect.stringMatching(/a_book|reference/i),
    })
    expect(await recorded()).toEqual(new Set(['a.0001', 'a.0002']))
    expect(await rows('select author_id from a_book')).toEqual([])
  })

  test('MIG-11 test_apply_all_replaced_marks_replacement_as_applied', async () => {
    const files = [...two, squash]
    await fake([two[0]!], 'a.0001')
    await fake(files, 'a.0002')
    expect(await recorded()).toEqual(new Set(['a.0001', 'a.0002', 'a.0001_squashed_0002']))
  })

  test('MIG-11 test_migrate_marks_replacement_applied_even_if_it_did_nothing', async () => {
    await fake(two, 'a.0002')
    expect(await migrate([...two, squash], to('a.0001_squashed_0002'))).toEqual([])
    expect(await recorded()).toEqual(new Set(['a.0001', 'a.0002', 'a.0001_squashed_0002']))
  })
})

describe('what leaves no trace', () => {
  test('MIG-11 test_migrate_marks_replacement_unapplied: undone, neither the squashed one nor its parts are recorded', async () => {
    const files = [...two, squash]
    await migrate(files, to('a.0001_squashed_0002'))
    expect(await recorded()).toContain('a.0001_squashed_0002')
    await migrate(files, { app: 'a', name: 'zero' })
    expect(await recorded()).toEqual(new Set())
  })

  test('MIG-07 test_migrate_skips_schema_creation: where nothing is to be applied no record is made', async () => {
    expect(await migrate([])).toEqual([])
    expect(await database().backend.introspector.tables((await database().open()).writer)).toEqual([])
  })
})

describe('fakeInitial', () => {
  const outcome = async (files: Migration[], target: string) => {
    const told: string[] = []
    await migrate(files, to(target), {
      fakeInitial: true,
      onProgress: ({ step, state }) => void (state === 'start' || told.push(`${step.migration.name} ${state}`)),
    })
    return told
  }
  const forget = () => run('delete from nuages_migrations')

  test('MIG-10 test_soft_apply: a first migration whose tables are there is recorded; without the word it fails', async () => {
    await migrate(two, to('a.0001'))
    await migrate(two, to('a.zero'), { fake: true })
    expect(await tables()).toEqual(['a_author'])
    await expect(migrate(two, to('a.0001'))).rejects.toMatchObject({ code: 'migrations.failed' })
    expect(await outcome(two, 'a.0001')).toEqual(['0001 faked'])
    await migrate(two, to('a.zero'))
    expect(await tables()).toEqual([])
    expect(await outcome(two, 'a')).toEqual(['0001 done', '0002 done'])
  })

  test('MIG-10 test_custom_user: also where a model of the app refers to the user model of the app', async () => {
    const files = [one('a.0001', [], [author, createModel('Tribble', { id, owner: f.foreignKey(userModel, cascade) })])]
    const user = executor(files, 'a.Author')
    await user.migrate(await user.plan())
    expect(await tables()).toEqual(['a_author', 'a_tribble'])
    await forget()
    const told: string[] = []
    await user.migrate(await user.plan(), { fakeInitial: true, onProgress: ({ state }) => void told.push(state) })
    expect(told).toEqual(['start', 'faked'])
    await user.migrate(await user.plan(to('a.zero')))
    expect(await tables()).toEqual([])
  })

  // As makemigrations splits what refers to one another.
  const split = [
    one(
      'a.0001_initial',
      [],
      [
        createModel('Project', { id }),
        createModel('Task', { id }),
        addField('Project', 'tasks', f.manyToMany('a.Task')),
      ],
    ),
    one(
      'a.0002_initial',
      ['a.0001_initial'],
      [addField('Task', 'projects', f.manyToMany('a.Project')), addField('Task', 'of', key('a.Project'))],
    ),
  ]
  test('MIG-10 test_detect_soft_applied_add_field_manytomanyfield: tables between count, and a second half that adds fields', async () => {
    await migrate(split, to('a.0001_initial'))
    await forget()
    expect(await outcome(split, 'a')).toEqual(['0001_initial faked', '0002_initial done'])
    await forget()
    expect(await outcome(split, 'a')).toEqual(['0001_initial faked', '0002_initial faked'])
    await forget()
    await run('drop table a_task_projects')
    await run('drop table a_project_tasks')
    await expect(outcome(split, 'a')).rejects.toMatchObject({ code: 'migrations.failed' })
    expect(await recorded()).toEqual(new Set())
  })

  test('MIG-10 test_migrate_fake_split_initial: a second half that adds a column, which is there or not', async () => {
    const files = [split[0]!, one('a.0002_initial', ['a.0001_initial'], [addField('Task', 'of', key('a.Project'))])]
    await migrate(files)
    await forget()
    expect(await outcome(files, 'a')).toEqual(['0001_initial faked', '0002_initial faked'])
    await migrate(files, to('a.0001_initial'))
    await forget()
    expect(await outcome(files, 'a')).toEqual(['0001_initial faked', '0002_initial done'])
  })

  test('MIG-10 test_migrate_fake_initial_case_insensitive: a table in other letters counts where the database sees them alike', async () => {
    const named = (dbTable: string) => [one('a.0001_initial', [], [createModel('Author', { id }, { dbTable })])]
    await migrate(named('People'))
    await forget()
    const told = await outcome(named('people'), 'a')
    expect(told).toEqual([database().features.vendor === 'sqlite' ? '0001_initial faked' : '0001_initial done'])
  })
})

describe('states on the way', () => {
  // Three apps that wait for one another in the middle of their histories.
  const crossed = [
    one('a.0001', [], [createModel('A1', { id })]),
    one('a.0002', ['a.0001'], [createModel('A2', { id })]),
    one('a.0003', ['c.0002', 'b.0002', 'a.0002'], [createModel('A3', { id, b: key('b.B2'), c: key('c.C2') })]),
    one('a.0004', ['a.0003'], [createModel('A4', { id })]),
    one('b.0001', [], [createModel('B1', { id })]),
    one('b.0002', ['a.0002', 'b.0001'], [createModel('B2', { id, a: key('a.A1') })]),
    one('b.0003', ['b.0002'], [createModel('B3', { id })]),
    one('c.0001', [], [createModel('C1', { id })]),
    one('c.0002', ['a.0002', 'c.0001'], [createModel('C2', { id, a: key('a.A1') })]),
    one('c.0003', ['c.0002'], [createModel('C3', { id })]),
  ]

  test('MIG-07 test_unrelated_model_lookups_forwards: models of apps that are applied already are known', async () => {
    await migrate(crossed, to('b.0003'))
    expect(await tables()).toEqual(['a_a1', 'a_a2', 'b_b1', 'b_b2', 'b_b3'])
    await migrate(crossed, to('a.0004'))
    await migrate(crossed, to('c.0003'))
    expect(await tables()).toHaveLength(10)
    for (const app of ['a', 'b', 'c']) await migrate(crossed, to(`${app}.zero`))
    expect(await tables()).toEqual([])
  })

  test('MIG-07 test_unrelated_model_lookups_backwards: so are those of apps that go along', async () => {
    await migrate(crossed)
    await migrate(crossed, to('a.zero'))
    expect(await tables()).toEqual(['b_b1', 'c_c1'])
    await migrate(crossed, to('b.zero'))
    await migrate(crossed, to('c.zero'))
    expect(await tables()).toEqual([])
  })

  test('MIG-21 test_unrelated_applied_migrations_mutate_state: code sees what other apps have applied, both ways', async () => {
    const seen: string[][] = []
    const look = ({ models }: CodeContext) => void seen.push([...models.get('b.B').meta.fields.keys()])
    const files = [
      one('a.0001', [], [runCode(look, { reverse: look })]),
      one('b.0001', [], [createModel('B', { id })]),
      one('b.0002', ['b.0001'], [addField('B', 'added', f.text({ default: '' }))]),
    ]
    await migrate(files, to('b'))
    await migrate(files, to('a'))
    await migrate(files, to('a.zero'))
    expect(seen).toEqual([
      ['id', 'added'],
      ['id', 'added'],
    ])
  })

  test('MIG-09 test_alter_id_type_with_fk: a key in one app takes the references of another along', async () => {
    const files = [
      one('a.0001', [], [author]),
      one('b.0001', ['a.0001'], [createModel('Book', { id, author: f.foreignKey('a.Author', cascade) })]),
      one('a.0002', ['a.0001', 'b.0001'], [alterField('Author', 'id', f.char({ maxLength: 10, primaryKey: true }))]),
    ]
    await migrate(files, to('b.0001'))
    await run("insert into a_author (name) values ('Ada')")
    await run('insert into b_book (author_id) select id from a_author')
    await migrate(files)
    expect(await rows('select a.name from b_book b join a_author a on a.id = b.author_id')).toEqual([['Ada']])
    const type = (await schema())
      .find(({ name }) => name === 'b_book')!
      .columns.find(({ name }) => name === 'author_id')!.type
    expect(type).toMatchObject({ kind: 'char', maxLength: 10 })
  })
})

describe('atomic: false', () => {
  const publisher = createModel('Publisher', { id, name: f.char({ maxLength: 50 }) })
  const fails = (inside: (work: () => Promise<void>) => Promise<void>) => {
    const code = ({ models }: CodeContext) =>
      inside(async () => {
        await models.get('Publisher').objects.dynamicCreate({ name: 'written' })
        throw new Error('stopped')
      })
    return runCode(code, { reverse: code })
  }
  const names = () => rows('select name from a_publisher')

  test('MIG-09 test_non_atomic_migration: what ran before the failure stays, what comes after is not there', async () => {
    const files = [one('a.0001', [], [publisher, fails((work) => work()), book], { atomic: false })]
    await expect(migrate(files)).rejects.toThrow('stopped')
    expect(await tables()).toEqual(['a_publisher'])
    expect(await names()).toEqual([['written']])
  })

  test('MIG-09 test_atomic_operation_in_non_atomic_migration: code may open a transaction of its own, both ways', async () => {
    const files = [one('a.0001', [], [publisher, fails((work) => atomic(work))], { atomic: false })]
    await expect(migrate(files)).rejects.toThrow('stopped')
    expect(await names()).toEqual([])
    await migrate(files, {}, { fake: true })
    await expect(migrate(files, to('a.zero'))).rejects.toThrow('stopped')
    expect(await names()).toEqual([])
  })
})
