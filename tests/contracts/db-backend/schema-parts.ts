/** What schema editor and introspector owe of generated columns, indexes, constraints, comments and triggers. */
import { describe, expect, test } from 'vitest'
import type { ColumnSpec, TableSpec, TriggerSpec } from '../../../src/db/backends/schema.ts'
import type { Database } from '../../../src/db/connections.ts'
import { IntegrityError } from '../../../src/db/errors.ts'
import { column, select } from '../../db/sql/nodes.ts'
import { execAll, rows, table } from './items.ts'

export function describeSchemaParts(db: () => Database): void {
  const read = async (name: string): Promise<TableSpec | null> => db().backend.introspector.table(db(), name)
  const texts = async (name: string, ...columns: string[]): Promise<unknown[][]> =>
    rows({
      ...select(columns.map((each) => ({ ...column(each, 'text'), table: name }))),
      from: { table: name, alias: name },
    })
  const base = table('part', [
    { name: 'code', type: { kind: 'char', maxLength: 20 }, null: false },
    { name: 'size', type: { kind: 'integer' }, null: true },
    { name: 'label', type: { kind: 'text' }, null: true },
  ])
  const [id, code, size, label] = base.columns as [ColumnSpec, ColumnSpec, ColumnSpec, ColumnSpec] // as written
  const alter = (from: TableSpec, to: TableSpec, renamed = {}) =>
    execAll(db().backend.schema.alterTable(from, to, { renamed, fill: {} }))

  describe('parts of tables', () => {
    test('MOD-14: a generated column is computed, read back, follows a rename, and changes what it is computed from', async () => {
      const generated = (of: string, expression = `UPPER("${of}")`) =>
        ({ name: 'loud', type: { kind: 'text' }, null: true, generated: { sql: expression, stored: true } }) as const
      const first = { ...base, columns: [id, code, size, label, generated('code')] }
      await execAll(db().backend.schema.createTable(first))
      await db().exec(`INSERT INTO part (code) VALUES ('abc')`)
      expect(await texts('part', 'loud')).toEqual([['ABC']])
      expect((await read('part'))!.columns.at(-1)).toMatchObject({ name: 'loud', generated: { stored: true } })
      const renamed = { ...first, columns: [id, { ...code, name: 'mark' }, size, label, generated('mark')] }
      await alter(first, renamed, { code: 'mark' })
      expect(await texts('part', 'mark', 'loud')).toEqual([['abc', 'ABC']])
      const index = { name: 'part_loud', columns: [{ name: 'loud', desc: false }], unique: true }
      const indexed = { ...renamed, indexes: [index] }
      await alter(renamed, indexed)
      const lower = { ...indexed, columns: [...renamed.columns.slice(0, 4), generated('mark', `LOWER("mark")`)] }
      await alter(indexed, lower)
      expect(await texts('part', 'loud')).toEqual([['abc']])
      const found = (await read('part'))!
      if (db().features.uniqueIndexes) expect(found.indexes).toEqual([index])
      else expect(found.uniques).toEqual([{ name: 'part_loud', columns: ['loud'] }])
      await alter(lower, base, { mark: 'code' })
      expect((await read('part'))!.columns.map((each) => each.name)).toEqual(['id', 'code', 'size', 'label'])
    })

    test('MOD-13: a default that is an expression fills rows and is read back', async () => {
      const spec = {
        ...base,
        columns: [id, code, { ...size, default: { sql: 'ABS(-7)' } }, { ...label, default: { value: 'plain' } }],
      }
      await execAll(db().backend.schema.createTable(spec))
      await db().exec(`INSERT INTO part (code) VALUES ('a')`)
      expect((await texts('part', 'label'))[0]).toEqual(['plain'])
      const found = (await read('part'))!.columns
      expect(found[2]!.default).toHaveProperty('sql')
      expect(found[3]!.default).toEqual({ value: 'plain' })
      await alter(base, spec)
      await alter(spec, base)
      expect((await read('part'))!.columns[2]!.default).toBeUndefined()
    })

    test('MOD-03: a reference over several columns is kept, read back, follows renames, comes and goes', async () => {
      const { schema } = db().backend
      const target: TableSpec = {
        ...table('pair', [
          { name: 'tenant', type: { kind: 'integer' }, null: false },
          { name: 'number', type: { kind: 'char', maxLength: 10 }, null: false },
        ]),
        primaryKey: ['tenant', 'number'],
      }
      const pair = { ...target, columns: target.columns.slice(1) } // a key of its own, no id
      const plain = table('line', [
        { name: 'pair_tenant', type: { kind: 'integer' }, null: true },
        { name: 'pair_number', type: { kind: 'char', maxLength: 10 }, null: true },
      ])
      const key = { columns: ['pair_tenant', 'pair_number'], table: 'pair', targets: ['tenant', 'number'] }
      const line: TableSpec = { ...plain, foreignKeys: [{ ...key, name: 'line_pair_fk', onDelete: 'cascade' }] }
      await execAll([...schema.createTable(pair), ...schema.createTable(line)])
      expect((await read('line'))!.foreignKeys).toEqual(line.foreignKeys)
      expect((await read('line'))!.columns.some((each) => each.references)).toBe(false)
      await db().exec(`INSERT INTO pair (tenant, number) VALUES (1, 'a')`)
      await expect(db().exec(`INSERT INTO line (pair_tenant, pair_number) VALUES (1, 'b')`)).rejects.toThrow(
        IntegrityError,
      )
      await db().exec(`INSERT INTO line (pair_tenant, pair_number) VALUES (1, NULL)`)
      await db().exec(`INSERT INTO line (pair_tenant, pair_number) VALUES (1, 'a')`)
      await db().exec(`DELETE FROM pair WHERE number = 'a'`)
      expect(await texts('line', 'pair_number')).toEqual([[null]])
      const renamed: TableSpec = {
        ...line,
        columns: line.columns.map((each) => (each.name === 'pair_number' ? { ...each, name: 'pair_no' } : each)),
        foreignKeys: [
          { ...key, columns: ['pair_tenant', 'pair_no'], name: 'line_pair_fk', onDelete: 'cascade' as const },
        ],
      }
      await alter(line, renamed, { pair_number: 'pair_no' })
      expect((await read('line'))!.foreignKeys).toEqual(renamed.foreignKeys)
      await alter(renamed, plain, { pair_no: 'pair_number' })
      expect((await read('line'))!.foreignKeys).toBeUndefined()
      await alter(plain, line)
      expect((await read('line'))!.foreignKeys).toEqual(line.foreignKeys)
    })

    test('MOD-19: indexes on expressions, with directions, conditions, methods and included columns', async () => {
      const { features, schema } = db().backend
      const expression = (of: string) => ({
        name: 'i_expr',
        columns: [
          features.expressionIndexes ? { sql: `LOWER("${of}")`, desc: true } : { name: of, desc: true },
          { name: 'size', desc: false },
        ],
      })
      if (!features.expressionIndexes) {
        const indexes = [{ name: 'i_expr', columns: [{ sql: 'LOWER("label")', desc: false }] }]
        const refused = expect.objectContaining({ code: 'db.unsupported-constraint' })
        expect(() => schema.createTable({ ...base, indexes })).toThrow(refused)
      }
      const spec: TableSpec = {
        ...base,
        indexes: [
          expression('label'),
          { name: 'i_more', columns: [{ name: 'code', desc: false }], include: ['size'], method: 'btree' },
          { name: 'i_nulls', columns: [{ name: 'size', desc: true, nulls: 'last' }], where: '"size" > 3' },
        ],
      }
      await execAll(db().backend.schema.createTable(spec))
      const found = new Map((await read('part'))!.indexes.map((index) => [index.name, index]))
      expect(found.get('i_expr')!.columns).toEqual([
        features.expressionIndexes
          ? { sql: expect.stringMatching(/lower|lcase/i), desc: true }
          : { name: 'label', desc: true },
        { name: 'size', desc: false },
      ])
      expect(found.get('i_more')!.include).toEqual(features.coveringIndexes ? ['size'] : undefined)
      expect(found.get('i_nulls')!.columns).toEqual([
        { name: 'size', desc: true, ...(features.indexNulls ? { nulls: 'last' } : {}) },
      ])
      const renamed: TableSpec = {
        ...spec,
        columns: [id, code, size, { ...label, name: 'words' }],
        indexes: [expression('words')],
      }
      await alter(spec, renamed, { label: 'words' })
      expect((await read('part'))!.indexes.map((index) => index.name)).toEqual(['i_expr'])
    })

    test('MOD-20: unique constraints count nulls as equal and wait for the end, or are refused', async () => {
      const { features, schema } = db().backend
      for (const [more, can] of [
        [{ nullsDistinct: false }, features.nullsNotDistinct],
        [{ deferrable: 'deferred' }, features.deferrableUnique],
        [{ deferrable: 'immediate', include: ['label'] }, features.deferrableUnique],
      ] as const) {
        const spec: TableSpec = { ...base, uniques: [{ name: 'u', columns: ['size'], ...more }] }
        if (!can) {
          expect(() => schema.createTable(spec)).toThrow(expect.objectContaining({ code: 'db.unsupported-constraint' }))
          continue
        }
        await execAll(schema.createTable(spec))
        expect((await read('part'))!.uniques).toEqual(spec.uniques)
        await execAll(schema.dropTable(spec))
      }
    })

    test('MOD-15: comments are read back and change, where the database keeps them', async () => {
      const { features, schema } = db().backend
      const spec: TableSpec = {
        ...base,
        comment: "It's a part",
        columns: [id, { ...code, comment: 'Ours' }, size, label],
      }
      await execAll(schema.createTable(spec))
      const found = (await read('part'))!
      expect([found.comment, found.columns[1]!.comment]).toEqual(
        features.comments ? ["It's a part", 'Ours'] : [undefined, undefined],
      )
      await alter(spec, { ...base, comment: 'Another' })
      const changed = (await read('part'))!
      expect([changed.comment, changed.columns[1]!.comment]).toEqual([
        features.comments ? 'Another' : undefined,
        undefined,
      ])
    })

    test('REL-04: the database deletes, sets to null and sets to the default by itself', async () => {
      const { schema, features } = db().backend
      await execAll(schema.createTable(base))
      for (const onDelete of ['cascade', 'setNull', 'setDefault'] as const) {
        const child = table('child', [
          {
            name: 'part_id',
            type: { kind: 'bigInteger' },
            null: true,
            ...(onDelete === 'setDefault' ? { default: { value: 2n } } : {}),
            references: { table: 'part', column: 'id', onDelete },
          },
        ])
        if (onDelete === 'setDefault' && !features.setsDefault) {
          expect(() => schema.createTable(child)).toThrow(
            expect.objectContaining({ code: 'db.unsupported-constraint' }),
          )
          continue
        }
        await execAll(schema.createTable(child))
        expect((await read('child'))!.columns[1]!.references).toEqual({ table: 'part', column: 'id', onDelete })
        await db().exec(`INSERT INTO part (id, code) VALUES (1, 'a'), (2, 'b')`)
        await db().exec('INSERT INTO child (part_id) VALUES (1)')
        await db().exec('DELETE FROM part WHERE id = 1')
        const left = await rows({
          ...select([{ ...column('part_id', 'integer'), table: 'child' }]),
          from: { table: 'child', alias: 'child' },
        })
        expect(left).toEqual({ cascade: [], setNull: [[null]], setDefault: [[2]] }[onDelete])
        await execAll(schema.dropTable(child))
        await db().exec('DELETE FROM part')
      }
    })

    test('triggers are made, read back, changed, kept by a change of the table, and dropped', async () => {
      const { schema, introspector } = db().backend
      const names = async (): Promise<string[]> => (await introspector.triggers(db(), 'part')).map((each) => each.name)
      const log = table('part_log', [{ name: 'old_code', type: { kind: 'text' }, null: true }])
      await execAll(schema.createTable(log))
      const frozen: TriggerSpec = {
        name: 'part_frozen',
        when: 'before',
        on: [{ event: 'update', columns: ['code'] }],
        do: { t: 'refuse', message: "It's frozen", changed: ['code'] },
      }
      const copies: TriggerSpec = {
        name: 'part_copies',
        when: 'after',
        on: [{ event: 'update' }, { event: 'delete' }],
        do: { t: 'copy', table: 'part_log', columns: [['code', 'old_code']] },
      }
      const spec: TableSpec = { ...base, triggers: [frozen, copies] }
      await execAll(schema.createTable(spec))
      await db().exec(`INSERT INTO part (code, size) VALUES ('a', 1)`)
      await expect((async () => db().exec(`UPDATE part SET code = 'b'`))()).rejects.toThrow(IntegrityError)
      await expect((async () => db().exec(`UPDATE part SET code = 'b'`))()).rejects.toThrow("It's frozen")
      await db().exec(`UPDATE part SET code = 'a', size = 2`)
      expect(await texts('part_log', 'old_code')).toEqual([['a']])
      // A change that SQLite cannot make in place.
      const wider: TableSpec = {
        ...spec,
        columns: [id, { ...code, type: { kind: 'char', maxLength: 50 } }, size, label],
      }
      await alter(spec, wider)
      await expect((async () => db().exec(`UPDATE part SET code = 'b'`))()).rejects.toThrow("It's frozen")
      const changed: TableSpec = { ...wider, triggers: [copies] }
      await alter(wider, changed)
      await db().exec(`UPDATE part SET code = 'b'`)
      expect((await names()).some((name) => name.startsWith('part_frozen'))).toBe(false)
      await alter(changed, { ...base, columns: wider.columns })
      expect(await names()).toEqual([])
      await execAll(schema.dropTable(base))
    })

    test('a trigger sets the moment of a change', async () => {
      const { schema } = db().backend
      const spec: TableSpec = {
        ...base,
        columns: [...base.columns, { name: 'changed', type: { kind: 'dateTime' }, null: true }],
        triggers: [
          {
            name: 'part_now',
            when: 'before',
            on: [{ event: 'update' }],
            do: { t: 'setNow', column: 'changed', kind: 'dateTime', key: ['id'] },
          },
        ],
      }
      await execAll(schema.createTable(spec))
      await db().exec(`INSERT INTO part (code) VALUES ('a')`)
      await db().exec(`UPDATE part SET size = 3`)
      const [[at]] = (await rows({
        ...select([{ ...column('changed', 'dateTime'), table: 'part' }]),
        from: { table: 'part', alias: 'part' },
      })) as [[unknown]]
      expect(at).not.toBeNull()
    })
  })
}
