/** What schema editor and introspector owe. */
import { describe, expect, test } from 'vitest'
import type { ColumnSpec, TableSpec } from '../../../src/db/backends/schema.ts'
import type { Database } from '../../../src/db/connections.ts'
import { ProgrammingError } from '../../../src/db/errors.ts'
import type { Kind } from '../../../src/db/kinds.ts'
import { bulkInsert, column, count, insert, select } from '../../db/sql/nodes.ts'

import { execAll, nullable, rows, run, TYPES, table } from './items.ts'

export function describeTables(db: () => Database): void {
  const kinds = Object.entries(TYPES)
  const KEEP: Kind[] = [
    'char',
    'text',
    'integer',
    'smallInteger',
    'bigInteger',
    'float',
    'boolean',
    'date',
    'time',
    'dateTime',
    'json',
    'uuid',
    'binary',
  ]
  const read = async (name: string): Promise<TableSpec | null> => db().backend.introspector.table(db(), name)

  /** What is compared: columns by name, for not every database can put one among others; and text it keeps as it was. */
  const comparable = (spec: TableSpec | null) => {
    if (spec === null) return null
    const { keepsExpressions, uniqueIndexes } = db().features
    const alike = uniqueIndexes ? [] : spec.indexes.filter((index) => index.unique)
    const uniques = alike.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name!) }))
    return {
      ...spec,
      uniques: [...spec.uniques, ...uniques].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      columns: spec.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      checks: spec.checks.map(({ name, sql }) => (keepsExpressions ? { name, sql } : { name })),
      indexes: spec.indexes
        .filter((index) => !alike.includes(index))
        .map(({ where, ...index }) => ({
          ...index,
          ...(where === undefined ? {} : { where: keepsExpressions ? where : true }),
        })),
    }
  }

  describe('tables', () => {
    test('what was created is read back', async () => {
      const spec = table(
        'shelf',
        [
          { name: 'code', type: { kind: 'char', maxLength: 5 }, null: false, unique: true },
          { name: 'item_id', type: { kind: 'bigInteger' }, null: false, references: { table: 'item', column: 'id' } },
          { name: 'open', type: { kind: 'boolean' }, null: false, default: { value: true } },
          { name: 'made', type: { kind: 'dateTime' }, null: false, default: { function: 'now' } },
          { name: 'weird "name"', type: { kind: 'text' }, null: true, default: { value: "it's, (fine)" } },
          ...kinds.filter(([, type]) => KEEP.includes(type.kind)).map(([name]) => nullable(name)),
        ],
        {
          uniques: [{ name: 'shelf_pair', columns: ['code', 'item_id'] }],
          checks: [{ name: 'shelf_number', sql: '("number" > 0 OR "name" = \'a,)b\')' }],
          indexes: [
            {
              name: 'shelf_a',
              columns: [
                { name: 'number', desc: true },
                { name: 'name', desc: false },
              ],
            },
            {
              name: 'shelf_b',
              columns: [{ name: 'name', desc: false }],
              unique: true,
              ...(db().features.partialIndexes ? { where: '"number" > 5' } : {}),
            },
          ],
        },
      )
      await execAll(db().backend.schema.createTable(spec))
      expect(comparable(await read('shelf'))).toEqual(comparable(spec))
      expect((await read('shelf'))!.columns.map((c) => c.name)).toEqual(spec.columns.map((c) => c.name))
      expect(await db().backend.introspector.tables(db())).toEqual(expect.arrayContaining(['item', 'shelf']))
      expect(await read('nothing')).toBeNull()
      await execAll(db().backend.schema.dropTable(spec))
      expect(await read('shelf')).toBeNull()
    })

    const base = table(
      'shelf',
      [
        { name: 'code', type: { kind: 'char', maxLength: 5 }, null: false },
        { name: 'number', type: { kind: 'integer' }, null: true },
      ],
      { indexes: [{ name: 'shelf_code', columns: [{ name: 'code', desc: false }] }] },
    )
    const [identity, code, number] = base.columns as [ColumnSpec, ColumnSpec, ColumnSpec]
    const box = table('box', [
      { name: 'shelf_id', type: { kind: 'bigInteger' }, null: false, references: { table: 'shelf', column: 'id' } },
    ])
    const changes: readonly {
      what: string
      after: Partial<TableSpec>
      renamed?: Record<string, string>
      fill?: Record<string, unknown>
      rows: unknown[][]
    }[] = [
      {
        what: 'a nullable column is added',
        after: { columns: [identity, code, number, { name: 'more', type: { kind: 'text' }, null: true }] },
        rows: [
          [1, 'a', 1, null],
          [3, 'c', null, null],
        ],
      },
      {
        what: 'a column with a default is added',
        after: {
          columns: [
            identity,
            code,
            number,
            { name: 'more', type: { kind: 'integer' }, null: false, default: { value: 7 } },
          ],
        },
        rows: [
          [1, 'a', 1, 7],
          [3, 'c', null, 7],
        ],
      },
      {
        what: 'a column that is not null is added and filled',
        after: {
          columns: [identity, code, number, { name: 'more', type: { kind: 'char', maxLength: 9 }, null: false }],
        },
        fill: { more: "it's" },
        rows: [
          [1, 'a', 1, "it's"],
          [3, 'c', null, "it's"],
        ],
      },
      {
        what: 'a column is removed',
        after: { columns: [identity, number], indexes: [] },
        rows: [
          [1, 1],
          [3, null],
        ],
      },
      {
        what: 'a column is renamed',
        after: {
          columns: [identity, { ...code, name: 'label' }, number],
          indexes: [{ name: 'shelf_code', columns: [{ name: 'label', desc: false }] }],
        },
        renamed: { code: 'label' },
        rows: [
          [1, 'a', 1],
          [3, 'c', null],
        ],
      },
      {
        what: 'two columns swap their names',
        after: {
          columns: [identity, { ...code, name: 'number' }, { ...number, name: 'code' }],
          indexes: [{ name: 'shelf_code', columns: [{ name: 'number', desc: false }] }],
        },
        renamed: { code: 'number', number: 'code' },
        rows: [
          [1, 'a', 1],
          [3, 'c', null],
        ],
      },
      {
        what: 'a column is renamed, another added, a third altered',
        after: {
          columns: [
            identity,
            { ...code, name: 'label', type: { kind: 'char', maxLength: 50 } },
            { ...number, null: false },
            { name: 'code', type: { kind: 'text' }, null: true },
          ],
          indexes: [],
        },
        renamed: { code: 'label' },
        fill: { number: -1 },
        rows: [
          [1, 'a', 1, null],
          [3, 'c', -1, null],
        ],
      },
      {
        what: 'null becomes not null',
        after: { columns: [identity, code, { ...number, null: false }] },
        fill: { number: 0 },
        rows: [
          [1, 'a', 1],
          [3, 'c', 0],
        ],
      },
      {
        what: 'constraints and indexes change',
        after: {
          uniques: [{ name: 'u', columns: ['code', 'number'] }],
          checks: [{ name: 'c', sql: '"number" > 0' }],
          indexes: [{ name: 'other', columns: [{ name: 'number', desc: true }] }],
        },
        rows: [
          [1, 'a', 1],
          [3, 'c', null],
        ],
      },
      {
        what: 'the table is renamed and altered',
        after: { name: 'rack', columns: [identity, { ...code, unique: true }, number] },
        rows: [
          [1, 'a', 1],
          [3, 'c', null],
        ],
      },
    ]
    for (const { what, after: changed, renamed = {}, fill: filled = {}, rows: expected } of changes) {
      test(`${what}; rows, references and numbers stay`, async () => {
        const editor = db().backend.schema
        await execAll([...editor.createTable(base), ...editor.createTable(box)])
        const add = { ...bulkInsert({ code: 'char', number: 'integer' }, 3), table: 'shelf' }
        await run(add, ['a', 1, 'b', 2, 'c', null])
        await db().exec('DELETE FROM shelf WHERE id = 2')
        await db().exec("INSERT INTO shelf (id, code) VALUES (9, 'gone')")
        await db().exec('DELETE FROM shelf WHERE id = 9')
        await db().exec('INSERT INTO box (shelf_id) VALUES (3)')
        const after = { ...base, ...changed }
        await execAll(editor.alterTable(base, after, { renamed, fill: filled }))
        expect(comparable(await read(after.name))).toEqual(comparable(after))
        const found = await rows({
          ...select(after.columns.map(({ name, type }) => ({ ...column(name, type.kind), table: after.name }))),
          from: { table: after.name, alias: after.name },
        })
        expect(found).toEqual(expected)
        expect((await read('box'))!.columns[1]!.references).toEqual({ table: after.name, column: 'id' })
        const reference = { ...insert({ shelf_id: 'bigInteger' }), table: 'box' }
        await expect(run(reference, [77n])).rejects.toMatchObject({ constraint: 'foreignKey' })
        const names = after.columns.filter((c) => !c.null && c.name !== 'id').map((c) => c.name)
        const again = {
          ...insert(
            Object.fromEntries(names.map((name) => [name, after.columns.find((c) => c.name === name)!.type.kind])),
          ),
          table: after.name,
          returning: [{ ...column('id', 'auto'), table: null }],
        }
        const values = names.map((name) =>
          after.columns.find((c) => c.name === name)!.type.kind === 'integer' ? 5 : 'new',
        )
        // Numbers of deleted rows are not given again; those that were named count for some databases only.
        const [given] = await rows(again, values)
        expect([4, 10]).toContain(given![0])
        // Backward again: what one side of a migration does, the other undoes.
        const back = Object.fromEntries(Object.entries(renamed).map(([from, to]) => [to, from]))
        await execAll(editor.alterTable(after, base, { renamed: back, fill: { code: '?' } }))
        expect(comparable(await read('shelf'))).toEqual(comparable(base))
      })
    }

    test('a new column without a value for existing rows is refused before anything runs', () => {
      const after = { ...base, columns: [...base.columns, { name: 'x', type: { kind: 'text' as const }, null: false }] }
      expect(() => db().backend.schema.alterTable(base, after, { renamed: {}, fill: {} })).toThrow(ProgrammingError)
    })

    test('a table may refer to itself and be rebuilt', async () => {
      const tree = table('tree', [
        { name: 'parent_id', type: { kind: 'bigInteger' }, null: true, references: { table: 'tree', column: 'id' } },
      ])
      const editor = db().backend.schema
      await execAll(editor.createTable(tree))
      await db().exec('INSERT INTO tree (parent_id) VALUES (NULL), (1), (2)')
      const after = {
        ...tree,
        columns: [...tree.columns, { name: 'label', type: { kind: 'text' as const }, null: false }],
      }
      await execAll(editor.alterTable(tree, after, { renamed: {}, fill: { label: '' } }))
      expect(comparable(await read('tree'))).toEqual(comparable(after))
    })

    test('a change of tables that leaves a broken reference is rolled back', async () => {
      const editor = db().backend.schema
      await execAll([...editor.createTable(base), ...editor.createTable(box)])
      await run({ ...insert({ code: 'char' }), table: 'shelf' }, ['a'])
      await db().exec('INSERT INTO box (shelf_id) VALUES (1)')
      await expect(execAll(['DELETE FROM shelf'])).rejects.toMatchObject({ constraint: 'foreignKey', table: 'box' })
      expect(await rows({ ...select([count]), from: { table: 'shelf', alias: 'shelf' } })).toEqual([[1]])
      await expect(db().exec('DELETE FROM shelf')).rejects.toMatchObject({ constraint: 'foreignKey' })
    })
  })
}
