/** MIG-01, MIG-06: a field of another type: values keep their meaning on every database, or the change is refused in a sentence. */
import { alterField, createModel, noop, runCode } from 'nuages/db/migrations'
import { afterEach, describe, expect, test } from 'vitest'
import { detectChanges } from '../../src/db/migrations/autodetector.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import { lintPlan } from '../../src/db/migrations/lint/index.ts'
import { FlagQuestioner } from '../../src/db/migrations/questioner.ts'
import type { FieldState } from '../../src/db/migrations/state.ts'
import { Temporal } from '../../src/std/dates.ts'
import { Decimal } from '../../src/std/decimal.ts'
import { closeDatabase, executor, history, isSqlite, migrate, openDatabase, rows } from './history.ts'
import { f, model, state } from './states.ts'

afterEach(closeDatabase)

const o = { null: true }
const char = f.char({ maxLength: 60, ...o })
const money = f.decimal({ maxDigits: 10, decimalPlaces: 2, ...o })
const wide = f.decimal({ maxDigits: 30, decimalPlaces: 3, ...o })
const id = '0192d3a4-0000-7000-8000-0123456789ab'
const day = Temporal.PlainDate.from('2026-03-04')

/** What a value of one field is as another. */
const KEPT: readonly (readonly [from: FieldState, value: unknown, to: FieldState, then: unknown])[] = [
  [char, '7', f.integer(o), 7],
  [char, '2.5', money, new Decimal('2.5')],
  [char, '2026-03-04', f.date(o), day],
  [char, '2026-03-04 10:20:30', f.dateTime(o), new Date('2026-03-04T10:20:30Z')],
  [char, '2026-03-04 10:20:30.5', f.dateTime(o), new Date('2026-03-04T10:20:30.5Z')],
  [f.text(o), id.toUpperCase(), f.uuid(o), id],
  [f.text(o), '{"a":1}', f.json(o), { a: 1 }],
  [f.uuid(o), id, char, id],
  [f.integer(o), 7, char, '7'],
  [f.integer(o), 7, f.bigInteger(o), 7n],
  [f.integer(o), 7, f.boolean(o), true],
  [f.integer(o), 0, f.boolean(o), false],
  [f.bigInteger(o), 300n, f.boolean(o), true],
  [f.smallInteger(o), 7, f.boolean(o), true],
  [f.float(o), 0.5, f.boolean(o), true],
  [wide, new Decimal('0'), f.boolean(o), false],
  [f.float(o), 2.75, f.integer(o), 3],
  [money, new Decimal('2.50'), f.integer(o), 3],
  [wide, new Decimal('90071992547409935.5'), f.bigInteger(o), 90071992547409936n],
  [money, new Decimal('2.50'), wide, new Decimal('2.5')],
  [f.boolean(o), true, f.integer(o), 1],
  [f.boolean(o), true, f.bigInteger(o), 1n],
  [f.boolean(o), true, money, new Decimal(1)],
  [f.boolean(o), false, f.float(o), 0],
  [f.date(o), day, f.dateTime(o), new Date('2026-03-04T00:00:00Z')],
  [f.dateTime(o), new Date('2026-03-04T10:20:30.123Z'), f.date(o), day],
  [f.date(o), day, char, '2026-03-04'],
]

test('values keep their meaning in a column of another type, and are found by it', async () => {
  openDatabase()
  const named = <T>(pick: (row: (typeof KEPT)[number]) => T) => KEPT.map((row, i) => [`f${i}`, pick(row)] as const)
  const found: unknown[][] = []
  await migrate(
    history(
      ['0001', [createModel('Book', { id: f.autoId(), ...Object.fromEntries(named(([from]) => from)) })]],
      [
        '0002',
        [
          runCode(async ({ models }) => {
            const Book = models.get('Book')
            await Book.objects.create(Object.fromEntries(named(([, value]) => value)) as never)
            await Book.objects.create({} as never)
          }),
        ],
      ],
      ['0003', named(([, , to]) => to).map(([name, to]) => alterField('Book', name, to))],
      [
        '0004',
        [
          runCode(async ({ models }) => {
            const Book = models.get('Book')
            const [row, empty] = await Book.objects.dynamic({}).orderBy('id' as never)
            for (const [name, then] of named((each) => each[3])) {
              const value = (row as unknown as Record<string, unknown>)[name] // a model that only its state knows
              const count = await Book.objects.dynamic({ [name]: then }).count()
              found.push([value, name.length > 0 && count, (empty as unknown as Record<string, unknown>)[name]])
            }
          }),
        ],
      ],
    ),
  )
  expect(found.map(([value]) => String(value))).toEqual(KEPT.map(([, , , then]) => String(then)))
  expect(found.map((each) => each.slice(1))).toEqual(KEPT.map(() => [1, null]))
}, 60_000)

test('a text that is too long for less room is never cut: refused, or kept whole where columns have no room of their own', async () => {
  openDatabase()
  const steps = history(
    ['0001', [createModel('Book', { id: f.autoId(), x: f.char({ maxLength: 20 }) })]],
    ['0002', [runCode(async ({ models }) => void (await models.get('Book').objects.create({ x: 'abcdef' } as never)))]],
    ['0003', [alterField('Book', 'x', f.char({ maxLength: 5 }))]],
  )
  if (isSqlite) await migrate(steps)
  else await expect(migrate(steps)).rejects.toThrow(/library\.0003/)
  expect(await rows('select x from library_book')).toEqual([['abcdef']])
})

/** Changes that mean nothing. */
const LOST: readonly (readonly [from: FieldState, to: FieldState, value: unknown])[] = [
  [f.dateTime(o), f.integer(o), new Date('2026-03-04T10:20:30Z')],
  [f.boolean(o), f.dateTime(o), true],
  [money, f.date(o), '2.50'],
  [f.time(o), f.dateTime(o), Temporal.PlainTime.from('10:20')],
  [f.uuid(o), f.bigInteger(o), id],
  [f.integer(o), f.json(o), 7],
  [f.integer(o), f.duration(o), 7],
  [f.binary(o), char, new Uint8Array([1, 2])],
  [f.json(o), f.boolean(o), [1]],
]

const changed = (from: FieldState, to: FieldState, drop: string[]) =>
  detectChanges({
    from: state(model('library.Book', { x: from })),
    to: state(model('library.Book', { x: to })),
    graph: new MigrationGraph([]),
    questioner: new FlagQuestioner({ drop }),
    at: new Date(),
  })

describe.each(LOST.map(([from, to, value]) => [from.builder, to.builder, from, to, value] as const))(
  '%s → %s',
  (_a, _b, from, to, value) => {
    test('makemigrations drops the column and makes it anew, which needs a word', async () => {
      await expect(changed(from, to, [])).rejects.toThrow('library.Book.x')
      const [draft] = await changed(from, to, ['library.Book.x'])
      expect(draft!.operations.map(({ type }) => type)).toEqual(['removeField', 'addField'])
    })

    test('migrate and its linter refuse an alterField written by hand, before anything happened', async () => {
      openDatabase()
      const steps = history(
        ['0001', [createModel('Book', { id: f.autoId(), x: from })]],
        [
          '0002',
          [
            runCode(async ({ models }) => void (await models.get('Book').objects.create({ x: value } as never)), {
              reverse: noop,
            }),
          ],
        ],
      )
      await migrate(steps)
      const all = [
        ...steps,
        { ...history(['0003', [alterField('Book', 'x', to)]])[0]!, dependencies: [['library', '0002'] as const] },
      ]
      const run = executor(all)
      const refused = /library_book\.x cannot change from \w+ to \w+/
      await expect(lintPlan(run, await run.plan({}))).rejects.toThrow(refused)
      await expect(migrate(all)).rejects.toThrow(refused)
      expect(await migrate(all, { app: 'library', name: 'zero' })).toEqual(['-0002', '-0001'])
    })

    test('a history that says so makes a new database, and goes over a table that holds no value, back as well', async () => {
      openDatabase()
      const all = history(
        ['0001', [createModel('Book', { id: f.autoId(), x: from })]],
        ['0002', [alterField('Book', 'x', to)]],
        [
          '0003',
          [
            runCode(async ({ models }) => void (await models.get('Book').objects.create({} as never)), {
              reverse: noop,
            }),
          ],
        ],
        ['0004', [alterField('Book', 'x', from)]],
        ['0005', [alterField('Book', 'x', to)]],
      )
      const run = executor(all)
      expect(await lintPlan(run, await run.plan({}))).toMatchObject([{ change: 'runCode' }])
      await migrate(all)
      expect(await rows('select x from library_book')).toEqual([[null]])
      expect(await migrate(all, { app: 'library', name: 'zero' })).toHaveLength(5)
    })
  },
)

test('a column of an index and with a fill, which holds no value, takes the way that MariaDB has for it', async () => {
  openDatabase()
  const all = history(
    ['0001', [createModel('Book', { id: f.autoId(), x: f.uuid({ ...o, index: true }) })]],
    ['0002', [runCode(async ({ models }) => void (await models.get('Book').objects.create({} as never)))]],
    ['0003', [alterField('Book', 'x', f.bigInteger({ index: true }), { fill: 7 })]],
  )
  await migrate(all)
  expect((await rows('select x from library_book')).map(([x]) => Number(x))).toEqual([7])
})

test('a key whose rows nobody could find again is refused by makemigrations', async () => {
  const to = (key: FieldState) => state(model('library.Book', { id: key }))
  const asked = detectChanges({
    from: to(f.autoId()),
    to: to(f.uuid({ primaryKey: true })),
    graph: new MigrationGraph([]),
    questioner: new FlagQuestioner({ drop: ['all'] }),
    at: new Date(),
  })
  await expect(asked).rejects.toThrow('library.Book.id cannot change from auto to uuid')
})
