// MIG-14: operations on models, there and back, with rows kept. The topics are those of
// django/tests/migrations/test_operations.py.
import {
  addConstraint,
  addField,
  alterModelTable,
  check,
  createModel,
  deleteModel,
  fields as f,
  type Operation,
  renameField,
  renameModel,
  runCode,
  unique,
} from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabase, migrate, openDatabase, run } from './history.ts'
import {
  cascade,
  columns,
  hasTables,
  isRefused,
  makePonies,
  tables,
  texts,
  thereAndBack,
  withChange,
} from './ponies.ts'

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const id = f.autoId()
const key = (to: `${string}.${string}`, more: object = {}) => f.foreignKey(to, { ...cascade, ...more })
type Case = [topic: string, operations: Operation[], look: () => Promise<void>]

describe('models', () => {
  const cases: Case[] = [
    [
      'operations.test_create_model',
      [createModel('Van', { id, pink: f.integer({ default: 1 }) })],
      hasTables('library_van'),
    ],
    [
      'test_create_model_with_unique_after',
      [
        createModel('Van', { id, number: f.integer(), pony: key('library.Pony') }),
        addConstraint('Van', unique(['number', 'pony'], { name: 'one_van' })),
      ],
      async () => {
        const van = "insert into library_van (number, pony_id) select 1, id from library_pony where name = 'Ann'"
        await run(van)
        await isRefused(van)
      },
    ],
    [
      'test_create_model_m2m',
      [createModel('Van', { id, ponies: f.manyToMany('library.Pony') })],
      hasTables('library_van', 'library_van_ponies'),
    ],
    ['test_create_unmanaged_model', [createModel('Van', { id }, { managed: false })], hasTables()],
    [
      'test_create_model_with_constraint',
      [createModel('Van', { id, pink: f.integer() }, { constraints: [check({ pink__gt: 2 }, { name: 'pink_2' })] })],
      async () => {
        await isRefused('insert into library_van (pink) values (1)')
        await run('insert into library_van (pink) values (3)')
      },
    ],
    [
      'test_create_model_with_partial_unique_constraint',
      [
        createModel(
          'Van',
          { id, pink: f.integer(), weight: f.float() },
          { constraints: [unique(['pink'], { name: 'one_pink', where: { weight__gt: 5 } })] },
        ),
      ],
      async () => {
        await run('insert into library_van (pink, weight) values (1, 4)')
        await run('insert into library_van (pink, weight) values (1, 4)')
        await run('insert into library_van (pink, weight) values (1, 6)')
        await isRefused('insert into library_van (pink, weight) values (1, 7)')
      },
    ],
    [
      'operations.test_rename_model',
      [renameModel('Pony', 'Horse')],
      async () => {
        expect(await tables()).toEqual(['library_horse', 'library_rider', 'library_stable'])
        expect(
          await texts('select h.name, r.name from library_rider r join library_horse h on h.id = r.pony_id'),
        ).toEqual(['Ann Max'])
        await isRefused("insert into library_rider (name, pony_id) values ('No', 99)")
      },
    ],
    [
      'test_rename_model_with_self_referential_fk',
      [renameModel('Rider', 'Jockey')],
      async () => {
        await run("insert into library_jockey (name, pony_id, friend_id) select 'Tim', pony_id, id from library_jockey")
        expect(
          await texts('select a.name, b.name from library_jockey a join library_jockey b on b.id = a.friend_id'),
        ).toEqual(['Tim Max'])
        await run("delete from library_jockey where name = 'Tim'")
      },
    ],
    [
      'test_alter_model_table',
      [alterModelTable('Pony', 'horses')],
      async () => {
        expect(await tables()).toContain('horses')
        expect(await texts('select h.name from library_rider r join horses h on h.id = r.pony_id')).toEqual(['Ann'])
      },
    ],
    ['test_alter_model_table_none', [alterModelTable('Pony', 'horses'), alterModelTable('Pony', null)], hasTables()],
    ['test_alter_model_table_noop', [alterModelTable('Pony', 'library_pony')], hasTables()],
    [
      'test_alter_model_table_m2m',
      [addField('Pony', 'stables', f.manyToMany('library.Stable')), alterModelTable('Pony', 'horses')],
      async () => expect(await tables()).toEqual(['horses', 'horses_stables', 'library_rider', 'library_stable']),
    ],
  ]
  test.each(cases)('MIG-14 %s', async (_, operations, look) => thereAndBack(operations, look))

  test('MIG-14 test_delete_model: back comes the table without its rows', async () => {
    await makePonies()
    const steps = withChange([deleteModel('Rider')])
    await migrate(steps)
    expect(await tables()).toEqual(['library_pony', 'library_stable'])
    await migrate(steps, { app: 'library', name: '0001' })
    expect(await columns('library_rider')).toEqual(['friend_id', 'id', 'name', 'pony_id'])
    expect(await texts('select name from library_rider')).toEqual([])
  })

  test.each<[topic: string, field: ReturnType<typeof f.manyToMany>, then: Operation[], query: string]>([
    [
      'test_rename_model_with_self_referential_m2m',
      f.manyToMany('library.Pony'),
      [renameModel('Pony', 'Horse')],
      'select h.name from library_horse_links l join library_horse h on h.id = l.to_horse_id',
    ],
    [
      'test_rename_model_with_m2m',
      f.manyToMany('library.Stable'),
      [renameModel('Pony', 'Horse')],
      'select h.name from library_horse_links l join library_horse h on h.id = l.horse_id',
    ],
    [
      'test_rename_m2m_target_model',
      f.manyToMany('library.Stable'),
      [renameModel('Stable', 'Barn')],
      'select b.name from library_pony_links l join library_barn b on b.id = l.barn_id',
    ],
    [
      'test_rename_m2m_model_after_rename_field',
      f.manyToMany('library.Stable'),
      [renameField('Pony', 'name', 'called'), renameModel('Stable', 'Barn')],
      'select p.called from library_pony_links l join library_pony p on p.id = l.pony_id join library_barn b on b.id = l.barn_id',
    ],
  ])('MIG-14 %s: the rows between stay', async (_, field, then, query) => {
    await makePonies()
    const isSelf = field.args[0] === 'library.Pony'
    const write = runCode(async ({ models }) => {
      const pony = (await models.get('Pony').objects.dynamic({ name: 'Ann' }).first())!
      const other = isSelf ? pony : await models.get('Stable').objects.dynamicCreate({ name: 'Ann' })
      const links = (pony as unknown as { links: { add(row: unknown): Promise<void> } }).links // as the field above makes it
      await links.add(other)
    })
    await migrate(withChange([addField('Pony', 'links', field), write, ...then]))
    expect(await texts(query)).toEqual(['Ann'])
  })

  test('MIG-14 operations.test_rename_m2m_through_model: relations through it go on', async () => {
    await makePonies()
    const through = f.manyToMany('library.Stable', { through: 'library.Stay' })
    await migrate(
      withChange([
        createModel('Stay', { id, pony: key('library.Pony'), stable: key('library.Stable') }),
        addField('Pony', 'stables', through),
        renameModel('Stay', 'Visit'),
        runCode(async ({ models }) => {
          const stable = await models.get('Stable').objects.dynamicCreate({ name: 'Old' })
          const pony = (await models.get('Pony').objects.dynamic({ name: 'Ann' }).first())!
          await models.get('Visit').objects.dynamicCreate({ pony, stable })
        }),
      ]),
    )
    expect(await texts('select s.name from library_visit v join library_stable s on s.id = v.stable_id')).toEqual([
      'Old',
    ])
  })
})
