// MIG-17, MIG-18, MIG-19, MIG-21: SQL, code, and the state alone, there and back. The topics are those of
// django/tests/migrations/test_operations.py.
import {
  addField,
  createModel,
  deleteModel,
  fields as f,
  noop,
  runCode,
  runSql,
  separateDatabaseAndState,
} from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabase, migrate, openDatabase } from './history.ts'
import { makePonies, tables, texts, thereAndBack, withChange } from './ponies.ts'

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const id = f.autoId()

describe('SQL and code', () => {
  const notes = 'create table notes (name varchar(20))'

  test('MIG-17 test_run_sql: statements as they are, percent signs and comments too; back; and what it means for the models', async () => {
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

  test('MIG-17 test_run_sql_params: one statement with params among others', () =>
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
  ] as const)('MIG-17 test_run_sql_params_invalid: %s', async (_, statement) => {
    await expect(migrate(withChange([runSql(statement)]))).rejects.toMatchObject({
      message: expect.stringContaining('params for'),
      cause: { code: 'migrations.wrong-params' },
    })
  })

  test('MIG-17, MIG-18 test_run_sql_noop, test_run_python_noop: what does nothing can be undone', async () => {
    await thereAndBack([runSql('', { reverse: '' }), runCode(noop, { reverse: noop })], async () => {})
  })

  test('MIG-18 test_run_python: code forwards and back; without a reverse it stays', async () => {
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

  test('MIG-18 test_run_python_atomic: what it wrote goes with what it throws', async () => {
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

  test('MIG-18, MIG-21 test_run_python_related_assignment: a row of one model is given to a relation of another, after a change of the first', async () => {
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

  test('MIG-19 test_separate_database_and_state: each gets its own', async () => {
    const apart = separateDatabaseAndState({
      database: [runSql(notes, { reverse: 'drop table notes' })],
      state: [createModel('Note', { id, name: f.char({ maxLength: 20 }) }, { dbTable: 'notes', managed: false })],
    })
    await thereAndBack([apart], async () => expect(await tables()).toContain('notes'))
  })

  test('MIG-19 test_separate_database_and_state2: operations of models among those for the database', async () => {
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
