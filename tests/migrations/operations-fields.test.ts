// MIG-15: operations on fields, there and back, with rows kept. The topics are those of
// django/tests/migrations/test_operations.py.
import {
  addConstraint,
  addField,
  alterField,
  createModel,
  deleteModel,
  fields as f,
  type Operation,
  removeField,
  renameField,
  runCode,
  unique,
} from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../src/db/internal.ts'
import { migrationSql } from '../../src/db/migrations/internal.ts'
import { closeDatabase, executor, migrate, openDatabase, run } from './history.ts'
import {
  cascade,
  column,
  columns,
  hasTables,
  isRefused,
  makePonies,
  texts,
  thereAndBack,
  withChange,
} from './ponies.ts'

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const id = f.autoId()
const key = (to: `${string}.${string}`, more: object = {}) => f.foreignKey(to, { ...cascade, ...more })
type Case = [topic: string, operations: Operation[], look: () => Promise<void>]

describe('fields', () => {
  const pony = (field: string) => texts(`select name, ${database().backend.compiler.quote(field)} from library_pony`)
  const quotes = `"'"`
  const typeOf = async (of: string, name: string) => (await column(of, name)).type.kind
  const cases: Case[] = [
    [
      'operations.test_add_field',
      [addField('Pony', 'height', f.float({ null: true, default: 5 }))],
      async () => expect(await pony('height')).toEqual(['Ann 5', 'Bob 5']),
    ],
    [
      'test_add_charfield',
      [
        addField('Pony', 'word', f.char({ maxLength: 10, default: 'some text' })),
        addField('Pony', 'digits', f.char({ maxLength: 10, default: '42' })),
        addField('Pony', 'quotes', f.char({ maxLength: 10, default: quotes })),
      ],
      async () => {
        expect(await pony('word')).toEqual(['Ann some text', 'Bob some text'])
        expect(await pony('digits')).toEqual(['Ann 42', 'Bob 42'])
        expect(await pony('quotes')).toEqual([`Ann ${quotes}`, `Bob ${quotes}`])
      },
    ],
    [
      'test_add_textfield',
      [addField('Pony', 'empty', f.text({ default: '' })), addField('Pony', 'quotes', f.text({ default: quotes }))],
      async () => {
        expect(await pony('empty')).toEqual(['Ann ', 'Bob '])
        expect(await pony('quotes')).toEqual([`Ann ${quotes}`, `Bob ${quotes}`])
      },
    ],
    [
      'test_add_binaryfield',
      [
        addField('Pony', 'blob', f.binary({ default: new TextEncoder().encode(quotes) })),
        addField('Pony', 'none', f.binary({ default: Uint8Array.of() })),
      ],
      async () =>
        expect((await columns('library_pony')).filter((name) => /blob|none/.test(name))).toEqual(['blob', 'none']),
    ],
    [
      'test_column_name_quoting',
      [addField('Pony', 'order', f.integer({ default: 7 }))],
      async () => expect(await pony('order')).toEqual(['Ann 7', 'Bob 7']),
    ],
    [
      'test_add_field_preserve_default: a fill is for the rows that there are',
      [addField('Pony', 'height', f.float(), { fill: 4 })],
      async () => {
        expect(await pony('height')).toEqual(['Ann 4', 'Bob 4'])
        await isRefused("insert into library_pony (name, pink) values ('No', 1)")
      },
    ],
    [
      'test_add_field_m2m',
      [addField('Pony', 'stables', f.manyToMany('library.Stable'))],
      hasTables('library_pony_stables'),
    ],
    [
      'test_alter_field_m2m',
      [
        addField('Pony', 'stables', f.manyToMany('library.Stable')),
        alterField('Pony', 'stables', f.manyToMany('library.Stable', { dbTable: 'stays' })),
      ],
      hasTables('stays'),
    ],
    [
      'test_repoint_field_m2m',
      [
        addField('Pony', 'places', f.manyToMany('library.Stable')),
        alterField('Pony', 'places', f.manyToMany('library.Rider')),
      ],
      async () => expect(await columns('library_pony_places')).toEqual(['id', 'pony_id', 'rider_id']),
    ],
    [
      'test_remove_field_m2m',
      [addField('Pony', 'stables', f.manyToMany('library.Stable')), removeField('Pony', 'stables')],
      hasTables(),
    ],
    [
      'test_remove_field_m2m_with_through',
      [
        createModel('Stay', { id, pony: key('library.Pony'), stable: key('library.Stable') }),
        addField('Pony', 'stables', f.manyToMany('library.Stable', { through: 'library.Stay' })),
        removeField('Pony', 'stables'),
        deleteModel('Stay'),
      ],
      hasTables(),
    ],
    [
      'operations.test_remove_field',
      [removeField('Pony', 'weight')],
      async () => expect(await columns('library_pony')).toEqual(['id', 'name', 'pink']),
    ],
    [
      'test_remove_fk',
      [removeField('Rider', 'friend')],
      async () => expect(await columns('library_rider')).toEqual(['id', 'name', 'pony_id']),
    ],
    [
      'operations.test_alter_field',
      [alterField('Pony', 'pink', f.integer({ null: true }))],
      async () => {
        expect((await column('library_pony', 'pink')).null).toBe(true)
        await run("insert into library_pony (name, pink) values ('Nil', null)")
        await run("delete from library_pony where name = 'Nil'")
      },
    ],
    [
      'test_alter_field_pk',
      [alterField('Stable', 'id', f.integer({ primaryKey: true }))],
      async () => expect(await typeOf('library_stable', 'id')).toBe('integer'),
    ],
    [
      'test_alter_field_pk_fk, test_autofield__bigautofield_foreignfield_growth, test_smallfield_autofield_foreignfield_growth, test_smallfield_bigautofield_foreignfield_growth',
      [
        createModel('Car', { number: f.smallInteger({ primaryKey: true }) }),
        createModel('Part', { id, car: key('library.Car'), up: key('library.Part', { null: true }) }),
        alterField('Car', 'number', f.integer({ primaryKey: true })),
        alterField('Car', 'number', f.bigInteger({ primaryKey: true })),
      ],
      async () => {
        expect([await typeOf('library_car', 'number'), await typeOf('library_part', 'car_id')]).toEqual([
          'bigInteger',
          'bigInteger',
        ])
        await run('insert into library_car (number) values (9007199254740000)')
        await run('insert into library_part (car_id) values (9007199254740000)')
        await isRefused('insert into library_part (car_id) values (7)')
        await run('delete from library_part')
        await run('delete from library_car')
      },
    ],
    [
      'test_model_with_bigautofield: keys have 64 bits, and what leads to them',
      [createModel('Car', { id })],
      async () => expect(await typeOf('library_rider', 'pony_id')).toBe('bigInteger'),
    ],
    [
      'test_alter_field_reloads_state_on_fk_target_changes',
      [
        createModel('Car', { code: f.char({ primaryKey: true, maxLength: 10 }) }),
        createModel('Part', { car: key('library.Car', { primaryKey: true }) }),
        createModel('Screw', { id, part: key('library.Part') }),
        alterField('Car', 'code', f.char({ primaryKey: true, maxLength: 30 })),
      ],
      async () => {
        for (const [of, name] of [
          ['library_part', 'car_id'],
          ['library_screw', 'part_id'],
        ] as const)
          expect((await column(of, name)).type, of).toMatchObject({ kind: 'char', maxLength: 30 })
      },
    ],
    [
      'test_alter_field_reloads_state_on_fk_with_to_field_target_changes, test_alter_field_reloads_state_on_fk_with_to_field_target_type_change',
      [
        createModel('Car', { id, code: f.integer({ unique: true }) }),
        createModel('Part', { id, car: key('library.Car', { toField: 'code' }) }),
        alterField('Car', 'code', f.bigInteger({ unique: true })),
      ],
      async () => expect(await typeOf('library_part', 'car_id')).toBe('bigInteger'),
    ],
    [
      'test_rename_field_reloads_state_on_fk_target_changes',
      [
        createModel('Car', { id, code: f.char({ unique: true, maxLength: 10 }) }),
        createModel('Part', { id, car: key('library.Car', { toField: 'code' }) }),
        renameField('Car', 'code', 'sign'),
      ],
      async () => {
        await run("insert into library_car (sign) values ('a')")
        await run("insert into library_part (car_id) values ('a')")
        await isRefused("insert into library_part (car_id) values ('b')")
      },
    ],
    [
      'operations.test_rename_field',
      [addConstraint('Pony', unique(['weight', 'pink'], { name: 'one_each' })), renameField('Pony', 'pink', 'blue')],
      async () => {
        expect(await pony('blue')).toEqual(['Ann 3', 'Bob 4'])
        await isRefused("insert into library_pony (name, weight, blue) values ('No', 4.5, 3)")
      },
    ],
    [
      'test_rename_field_case',
      [renameField('Pony', 'pink', 'piNk')],
      async () =>
        expect((await columns('library_pony')).map((name) => name.toLowerCase())).toEqual([
          'id',
          'name',
          'pi_nk',
          'weight',
        ]),
    ],
    [
      'test_alter_fk',
      [alterField('Rider', 'pony', key('library.Pony', { null: true }))],
      async () => expect((await column('library_rider', 'pony_id')).null).toBe(true),
    ],
    [
      'test_alter_fk_non_fk',
      [alterField('Rider', 'friend', f.bigInteger({ null: true }))],
      async () => expect(await columns('library_rider')).toEqual(['friend', 'id', 'name', 'pony_id']),
    ],
  ]
  test.each(cases)('MIG-15 %s', async (_, operations, look) => thereAndBack(operations, look))

  test.each<[topic: string, operations: Operation[]]>([
    [
      'test_alter_field_add_db_column_noop',
      [alterField('Pony', 'weight', f.float({ null: true, dbColumn: 'weight' }))],
    ],
    [
      'test_alter_field_add_db_column_noop: of a key',
      [alterField('Rider', 'pony', key('library.Pony', { dbColumn: 'pony_id' }))],
    ],
    [
      'test_rename_field_with_db_column',
      [
        alterField('Pony', 'weight', f.float({ null: true, dbColumn: 'weight' })),
        renameField('Pony', 'weight', 'mass'),
      ],
    ],
  ])('MIG-15 %s: no statement', async (_, operations) => {
    const steps = withChange(operations)
    const { loader, database: db } = executor(steps)
    for (const backwards of [false, true]) {
      const lines = await migrationSql(loader, db, { migration: steps.at(-1)!, backwards })
      expect(lines.filter((line) => !line.startsWith('--'))).toEqual([])
    }
  })

  test('MIG-15 test_rename_missing_field', async () => {
    await expect(migrate(withChange([renameField('Pony', 'nothing', 'x')]))).rejects.toMatchObject({
      code: 'migrations.unknown-field',
      message: expect.stringContaining('library.Pony has no field "nothing"'),
    })
  })

  test('MIG-15 test_add_field_preserve_default: a default of the field is known to later code', async () => {
    await makePonies()
    const seen: unknown[] = []
    await migrate(
      withChange([
        addField('Pony', 'height', f.float({ default: 4 })),
        runCode(async ({ models }) => {
          const row = await models.get('Pony').objects.dynamicCreate({ name: 'New' })
          seen.push((row as unknown as { height: number }).height) // as added above
        }),
      ]),
    )
    expect(seen).toEqual([4])
  })
})
