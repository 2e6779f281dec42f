/** What `meta` tells of a model (MOD-31), of names on disk (MOD-17), and of a model that leads to itself (REL-01, REL-02). */
import { defineApp } from 'nuages'
import {
  type AnyModel,
  char,
  fieldOf,
  foreignKey,
  integer,
  Model,
  type ModelMeta,
  manyToMany,
  oneToOne,
  reverse,
  reverseOne,
} from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../../../src/db/checks.ts'
import { database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { schemaName, tableName } from '../../../src/db/models/names.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Page extends Model<Page>()(
  {
    title: char({ maxLength: 50, verboseName: 'heading' }),
    parent: () => foreignKey(Page, { onDelete: 'cascade', null: true }),
    children: () => reverse(Page, 'parent'),
    next: () => oneToOne(Page, { onDelete: 'setNull', null: true }),
    previous: () => reverseOne(Page, 'next'),
    links: () => manyToMany(Page, { symmetrical: false }),
  },
  { ordering: ['title'], verboseNamePlural: 'leaves' },
) {}
class Cell extends Model<Cell>()({ row: integer(), column: integer() }, { primaryKey: ['row', 'column'] }) {}
class AveryLongNameOfAModelThatNobodyWouldWriteButAGeneratorMightOneDay extends Model<AveryLongNameOfAModelThatNobodyWouldWriteButAGeneratorMightOneDay>()(
  {
    someFieldWithAnEquallyLongNameThatIsIndexed: integer({ index: true, default: 0 }),
    other: () => foreignKey(Page, { onDelete: 'cascade' }),
    many: () => manyToMany(Page),
  },
) {}
const Long = AveryLongNameOfAModelThatNobodyWouldWriteButAGeneratorMightOneDay
defineApp({
  name: 'pages',
  root: import.meta.url,
  models: { Page, Cell, AveryLongNameOfAModelThatNobodyWouldWriteButAGeneratorMightOneDay: Long },
})
freshTablesOf(Page, { meta: Page.meta.getField('links').relation!.through!.model.meta }, Cell, Long, {
  meta: Long.meta.getField('many').relation!.through!.model.meta,
})

describe('MOD-31 meta', () => {
  test('gives fields by name, by attribute and the key, and tells of a name that is none', () => {
    const { meta } = Page
    expect(meta.getField('title')).toBe(meta.fields.get('title'))
    expect(meta.getField('parentId')).toBe(meta.fields.get('parent'))
    expect(meta.getField('pk')).toBe(meta.fields.get('id'))
    expect(() => meta.getField('titel')).toThrow(
      expect.objectContaining({ code: 'db.unknown-attribute', hint: expect.stringContaining('Did you mean "title"?') }),
    )
    expect(() => Cell.meta.getField('pk')).toThrow(/has several fields: row, column/)
    expect(fieldOf(Page, 'title')).toMatchObject({ verboseName: 'heading', kind: 'char', options: { maxLength: 50 } })
    expect(fieldOf(Page, 'parentId').name).toBe('parent')
    // @ts-expect-error no such field
    expect(() => fieldOf(Page, 'titel')).toThrow(/not a field of pages\.Page/)
  })

  test('gives names, keys, relations of both directions, and what points here', () => {
    const { meta }: { meta: ModelMeta } = Page
    expect([meta.app, meta.name, meta.label, meta.table]).toEqual(['pages', 'Page', 'pages.Page', 'pages_page'])
    expect([meta.verboseName, meta.verboseNamePlural]).toEqual(['page', 'leaves'])
    expect([meta.proxy, meta.managed, meta.autoCreated, meta.concrete]).toEqual([false, true, false, Page])
    expect(meta.pk.map((field) => field.name)).toEqual(['id'])
    expect(Cell.meta.pk.map((field) => field.name)).toEqual(['row', 'column'])
    expect(meta.relations.map((field) => [field.name, field.relation!.type])).toEqual([
      ['parent', 'foreignKey'],
      ['children', 'reverse'],
      ['next', 'oneToOne'],
      ['previous', 'reverseOne'],
      ['links', 'manyToMany'],
    ])
    expect(meta.manyToMany.map((field) => field.name)).toEqual(['links'])
    expect(meta.incoming.map(({ field }) => field.name).sort()).toEqual(
      ['fromPage', 'links', 'next', 'other', 'page', 'many', 'parent', 'toPage'].sort(),
    )
    expect(meta.columns.map((field) => field.column)).toEqual(['id', 'title', 'parent_id', 'next_id'])
    expect(meta.relations).toBe(meta.relations)
  })
})

describe('REL-01 a model that leads to itself', () => {
  test('by an arrow to its own class: read, joined, prefetched, filtered, deleted', async () => {
    const root = await Page.objects.create({ title: 'root' })
    const leaf = await root.children.create({ title: 'leaf' })
    const deep = await Page.objects.create({ title: 'deep', parent: leaf, next: root })
    expect((await deep.parent)?.title).toBe('leaf')
    const joined = await Page.objects.selectRelated('parent__parent').get({ id: deep.id })
    expect(joined.parent?.parent?.title).toBe('root')
    const [top] = await Page.objects.filter({ parent: null }).prefetchRelated('children__children')
    expect(top!.children.items[0]!.children.items[0]!.title).toBe('deep')
    expect(
      await Page.objects.filter({ children__children__title: 'deep' }).valuesList('title', { flat: true }),
    ).toEqual(['root'])
    await deep.links.add(root)
    expect([await deep.links.count(), await root.links.count()]).toEqual([1, 0])
    expect(await root.delete()).toBe(4)
    expect(await Page.objects.count()).toBe(0)
  })

  test('text as a target is refused, with what to write', () => {
    const targets: [string, string][] = [
      ['self', 'foreignKey(Node,'],
      ['Node', 'foreignKey(Node,'],
      ['pages.Page', 'foreignKey(Page,'],
    ]
    for (const [i, [target, write]] of targets.entries()) {
      // @ts-expect-error a relation leads to a class
      class Node extends Model<Node>()({ parent: () => foreignKey(target, { onDelete: 'cascade' }) }) {}
      defineApp({ name: `text${i}`, root: import.meta.url, models: { Node } as never })
      const node = Node as unknown as AnyModel
      expect(() => node.meta.getField('parent').relation!.target).toThrow(
        expect.objectContaining({ code: 'db.bad-relation', hint: expect.stringContaining(write) }),
      )
    }
  })
})

describe('REL-02 one-to-one', () => {
  test('the other side is the row, or null where there is none: no error', async () => {
    const first = await Page.objects.create({ title: 'first' })
    const second = await Page.objects.create({ title: 'second', next: first })
    expect((await first.previous)?.id).toBe(second.id)
    expect(await second.previous).toBeNull()
    const [one, two] = await Page.objects.selectRelated('previous').orderBy('id')
    const loaded: (Page | null)[] = [one!.previous, two!.previous]
    expect(loaded.map((each) => each?.title ?? null)).toEqual(['second', null])
    expect(await Page.objects.filter({ previous__isnull: true }).count()).toBe(1)
    await expect(Page.objects.create({ title: 'third', next: first })).rejects.toMatchObject({
      code: 'db.unique-violation',
      fields: ['next'],
    })
  })
})

describe('MOD-17 names on disk', () => {
  test('are cut to 63 bytes with a hash, the same on every database, and the tables work', async () => {
    const { meta } = Long
    expect(meta.table).toMatch(/^pages_avery\w{48}[0-9a-f]{4}$/)
    expect(meta.table).toHaveLength(63)
    const between = meta.getField('many').relation!.through!.model.meta
    expect(between.table).toHaveLength(63)
    expect(between.table).not.toBe(meta.table)
    const spec = tableSpec(database().backend, meta)
    const names = [...spec.indexes, ...(spec.uniques ?? []), ...(spec.checks ?? [])].map((each) => each.name)
    expect(names.every((name) => Buffer.byteLength(name ?? '') <= 63)).toBe(true)
    expect(new Set(names).size).toBe(names.length)
    const page = await Page.objects.create({ title: 'x' })
    const row = await Long.objects.create({ other: page })
    await row.many.add(page)
    expect(await Long.objects.filter({ many__title: 'x' }).count()).toBe(1)
    const found = (await database().backend.introspector.table(database(), meta.table))!
    expect(found.indexes.map((each) => each.name).sort()).toEqual(spec.indexes.map((each) => each.name).sort())
  })

  test('count bytes: PostgreSQL does, and would cut the rest without a word', () => {
    const table = tableName('лавка', 'Ж'.repeat(60))
    expect(Buffer.byteLength(table)).toBeLessThanOrEqual(63)
    expect(table).toMatch(/^лавка_ж+[0-9a-f]{4}$/)
    expect(tableName('лавка', 'Ж'.repeat(61))).not.toBe(table)
    expect(Buffer.byteLength(schemaName('ж'.repeat(50), ['b'.repeat(40)], '_uniq'))).toBeLessThanOrEqual(63)
    expect(tableName('shop', '😀'.repeat(20)).isWellFormed()).toBe(true)
  })

  test('those of people are not cut: the check tells', () => {
    class Wide extends Model<Wide>()(
      { plain: char({ maxLength: 9, dbColumn: 'c'.repeat(64) }) },
      { dbTable: 'ж'.repeat(32) },
    ) {}
    defineApp({ name: 'wide', root: import.meta.url, models: { Wide } })
    expect(checkModel(Wide as never).map((each) => [each.id, each.hint])).toEqual([
      ['db.E021', 'PostgreSQL would cut it. Give it a shorter dbTable.'],
      ['db.E021', 'PostgreSQL would cut it. Give it a shorter dbColumn.'],
    ])
  })
})
