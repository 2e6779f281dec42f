/** Fields of files: what the column holds, when files are stored and when they go (MOD-09). */
import { atomic, deleteFile, F, file, postSave, saveFile, setRollback, sql } from 'nuages/db'
import { deserialize, serialize } from 'nuages/db/serializers'
import { configureStorages, FileStorage, inMemory, newFile, type StoredFile, storage } from 'nuages/storage'
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { png } from '../../storage/images.ts'
import { freshTablesOf } from '../schema/tables.ts'
import { Album, Sleeve, setOther, Track } from './albums.ts'
import { bound } from './place.ts'

freshTablesOf(Album, Track, Sleeve)

let other: FileStorage
beforeEach(() => {
  configureStorages({ default: inMemory({ url: '/media/' }) })
  other = new FileStorage(inMemory())
  setOther(other)
})
const photo = (name = 'photo.png', bytes: Uint8Array<ArrayBuffer> = new Uint8Array(png)) =>
  new File([bytes], name, { type: 'image/png' })
const text = (content: string, name = 'a.txt') => new File([content], name)
const year = new Date().getUTCFullYear()
const COLUMNS = ['id', 'cover', 'notes', 'draft']
const raw = async (column: string) => {
  const rows = await sql`select id, cover, notes, draft from albums_album order by id`
  return rows.map((row) => ({ [column]: (row as unknown[])[COLUMNS.indexOf(column)] }))
}
const names = async (from = storage()) => (await from.list('')).files

describe('MOD-09 a file in a row', () => {
  test('create() stores what it is given; the column holds its name, and no file is an empty one', async () => {
    const album = await Album.objects.create({ title: 'Blue', cover: photo('My photo.png'), notes: text('hello') })
    expectTypeOf(album.cover).toEqualTypeOf<StoredFile | null>()
    expect(album.cover!.name).toBe(`covers/${year}/My_photo.png`)
    const read = await Album.objects.get({ title: 'Blue' })
    expect([String(read.cover), read.cover!.url, read.cover!.baseName]).toEqual([
      `covers/${year}/My_photo.png`,
      `/media/covers/${year}/My_photo.png`,
      'My_photo.png',
    ])
    expect(Buffer.from(await read.cover!.bytes()).equals(png)).toBe(true)
    expect([await read.cover!.size(), await read.cover!.exists()]).toEqual([png.length, true])
    expect([read.notes!.name, await read.notes!.text()]).toEqual(['notes/Blue/a.txt', 'hello'])
    expect(read.draft).toBeNull()
    await Album.objects.create({ title: 'Red' })
    expect(await raw('cover')).toEqual([{ cover: `covers/${year}/My_photo.png` }, { cover: '' }])
    expect(await raw('notes')).toEqual([{ notes: 'notes/Blue/a.txt' }, { notes: null }])
  })

  test('save() stores what was assigned, writes only what changed, and null clears', async () => {
    const album = await Album.objects.create({ title: 'Blue', cover: photo() })
    album.cover = newFile(photo('other.png'))
    expect([album.cover.isStored, album.cover.name]).toEqual([false, 'other.png'])
    expect(() => album.cover!.url).toThrow(expect.objectContaining({ code: 'storage.not-saved' }))
    await album.save()
    expect(album.cover.name).toBe(`covers/${year}/other.png`)
    const first = await Album.objects.get({ title: 'Blue' })
    await Album.objects.filter({ title: 'Blue' }).update({ title: 'Green' })
    await first.save() // nothing changed: the file is the same
    expect((await Album.objects.get()).title).toBe('Green')
    first.cover = null
    await first.save()
    expect([(await Album.objects.get()).cover, await raw('cover')]).toEqual([null, [{ cover: '' }]])
    // The old ones stay, as in Django.
    expect((await storage().list(`covers/${year}`)).files).toEqual(['other.png', 'photo.png'])
  })

  test('a name that is taken, and a column that is short', async () => {
    const made = [
      await Album.objects.create({ title: '1', draft: text('1', `${'x'.repeat(60)}.txt`) }),
      await Album.objects.create({ title: '2', draft: text('2', `${'x'.repeat(60)}.txt`) }),
    ]
    for (const { draft } of made) expect(draft!.name).toMatch(/^x+(_\w{7})?\.txt$/)
    expect(made.map(({ draft }) => draft!.name.length)).toEqual([40, 40])
    expect(await Promise.all(made.map(({ draft }) => draft!.text()))).toEqual(['1', '2'])
  })

  test('the size of an image is kept, and goes with it', async () => {
    const album = await Album.objects.create({ title: 'Blue', cover: photo() })
    expect([album.coverWidth, album.coverHeight]).toEqual([7, 5])
    album.cover = null
    await album.save()
    const read = await Album.objects.get()
    expect([read.coverWidth, read.coverHeight]).toEqual([null, null])
    // A stream is read once: what was stored is looked at.
    read.cover = newFile(new Blob([new Uint8Array(png)]).stream(), 'stream.png')
    await read.save()
    expect([read.coverWidth, read.coverHeight]).toEqual([7, 5])
    read.cover = null
    await read.save()
    await Album.objects.create({ title: 'named', cover: read.cover ?? `covers/${year}/stream.png` })
    expect(await Album.objects.valuesList('coverWidth', { flat: true }).orderBy('id')).toEqual([null, 7])
    await Album.objects.create({ title: 'missing', cover: 'covers/none.png' })
  })

  test('saveFile() and deleteFile() do both at once', async () => {
    const album = await Album.objects.create({ title: 'Blue' })
    const saved = await saveFile(album, 'draft', 'a text', 'draft.txt')
    expect([saved.name, (await Album.objects.get()).draft!.name]).toEqual(['draft.txt', 'draft.txt'])
    await deleteFile(album, 'draft')
    expect([album.draft, await raw('draft'), await names()]).toEqual([null, [{ draft: '' }], []])
    await deleteFile(album, 'draft')
    // @ts-expect-error title holds no file
    await expect(deleteFile(album, 'title')).resolves.toBeUndefined()
  })

  test('bulkCreate(), bulkUpdate() and upsert() store files, too', async () => {
    const [one] = await Album.objects.bulkCreate([{ title: '1', draft: text('1') }, { title: '2' }])
    expect(await raw('draft')).toEqual([{ draft: 'a.txt' }, { draft: '' }])
    one!.draft = newFile(text('new', 'b.txt'))
    await Album.objects.bulkUpdate([one!], ['draft'])
    const [again] = await Album.objects.upsert([{ title: '2', draft: text('2', 'c.txt') }], {
      conflict: ['title'],
      update: ['draft'],
    })
    expect([again!.draft!.name, await raw('draft')]).toEqual(['c.txt', [{ draft: 'b.txt' }, { draft: 'c.txt' }]])
    expect(await names()).toEqual(['b.txt', 'c.txt']) // cleanup took a.txt
  })

  test('update() takes what is stored, and refuses what is not', async () => {
    const album = await Album.objects.create({ title: 'Blue', draft: text('1') })
    await Album.objects.all().update({ draft: null })
    expect(await raw('draft')).toEqual([{ draft: '' }])
    await Album.objects.all().update({ draft: album.draft! })
    await Album.objects.all().update({ draft: 'b.txt' })
    expect(await raw('draft')).toEqual([{ draft: 'b.txt' }])
    await expect(async () => Album.objects.all().update({ draft: text('2') })).rejects.toMatchObject({
      code: 'db.file-not-saved',
    })
  })

  test('filters speak of names, and of no file', async () => {
    await Album.objects.create({ title: '1', draft: text('1'), notes: text('n', 'n.md') })
    await Album.objects.create({ title: '2' })
    const found = async (where: object) =>
      (await Album.objects.dynamic(where as never)).map(({ title }: Album) => title)
    expect(await found({ draft: 'a.txt' })).toEqual(['1'])
    expect(await found({ draft__endswith: '.txt' })).toEqual(['1'])
    expect(await found({ draft: '' })).toEqual(['2'])
    expect((await Album.objects.filter({ draft: null })).map(({ title }) => title)).toEqual(['2'])
    expect((await Album.objects.filter({ notes: null })).map(({ title }) => title)).toEqual(['2'])
    const one = await Album.objects.get({ draft: 'a.txt' })
    expect((await Album.objects.filter({ draft: one.draft! }))[0]!.pk).toBe(one.pk)
    const values = await Album.objects.orderBy('id').valuesList('draft', { flat: true })
    expect(values.map(String)).toEqual(['a.txt', 'null'])
    await Album.objects.filter({ title: '2' }).update({ draft: F('title') as never })
    expect(await raw('draft')).toEqual([{ draft: 'a.txt' }, { draft: '2' }])
  })

  test('JSON and fixtures have the name, in Django’s form', async () => {
    const album = await Album.objects.create({ title: '1', draft: text('1') })
    expect(JSON.parse(JSON.stringify(album))).toMatchObject({ draft: 'a.txt', cover: null, notes: null })
    const fixture = await serialize('json', [album])
    expect(JSON.parse(fixture)[0].fields).toMatchObject({ draft: 'a.txt', cover: '', notes: null })
    await Album.objects.all().delete()
    for await (const row of deserialize('json', fixture)) await row.save()
    expect([await raw('draft'), await raw('cover')]).toEqual([[{ draft: 'a.txt' }], [{ cover: '' }]])
  })
})

describe('MOD-09 files and transactions', () => {
  test('a block that is rolled back leaves no file, and the instance as it was', async () => {
    const album = new Album({ title: 'Blue', draft: text('1') })
    const failing = atomic(async () => {
      await album.save()
      expect(await names()).toEqual(['a.txt'])
      throw new Error('later')
    })
    await expect(failing).rejects.toThrow('later')
    expect([await names(), album.draft!.isStored]).toEqual([[], false])
    await atomic(async () => {
      await new Album({ title: 'Red', draft: text('1') }).save()
      setRollback()
    })
    expect([await names(), await Album.objects.count()]).toEqual([[], 0])
  })

  test('an inner block that is undone takes its own files only', async () => {
    await atomic(async () => {
      await Album.objects.create({ title: '1', draft: text('1', 'outer.txt') })
      await atomic(async () => {
        await Album.objects.create({ title: '2', draft: text('2', 'inner.txt') })
        throw new Error('inner')
      }).catch(() => {})
      await atomic(() => Album.objects.create({ title: '3', draft: text('3', 'kept.txt') }))
    })
    expect(await names()).toEqual(['kept.txt', 'outer.txt'])
    const failing = atomic(async () => {
      await atomic(() => Album.objects.create({ title: '4', draft: text('4', 'lost.txt') }))
      throw new Error('outer')
    })
    await expect(failing).rejects.toThrow('outer')
    expect(await names()).toEqual(['kept.txt', 'outer.txt'])
  })

  test('a row that the database refuses leaves no file; the same instance can be saved afterwards', async () => {
    await Album.objects.create({ title: 'Blue' })
    const album = new Album({ title: 'Blue', draft: text('1') })
    await expect(album.save()).rejects.toMatchObject({ code: 'db.unique-violation' })
    expect(await names()).toEqual([])
    album.title = 'Red'
    await album.save()
    expect([await names(), album.draft!.name]).toEqual([['a.txt'], 'a.txt'])
  })

  test('a block that is run again stores again', async () => {
    const upload = text('1')
    let runs = 0
    const run = () =>
      atomic(async () => {
        const album = await Album.objects.create({ title: 'Blue', draft: upload })
        if (++runs === 1) throw new Error('first')
        return album
      })
    await expect(run()).rejects.toThrow('first')
    expect((await run()).draft!.name).toBe('a.txt')
    expect(await names()).toEqual(['a.txt'])
  })

  test('what a receiver of postSave refuses leaves no file', async () => {
    const refuse = () => {
      throw new Error('refused')
    }
    const connected = postSave.connect(refuse)
    try {
      await expect(Album.objects.create({ title: 'Blue', draft: text('1') })).rejects.toThrow('refused')
    } finally {
      connected()
    }
    expect([await names(), await Album.objects.count()]).toEqual([[], 0])
  })

  test('a block whose commit the database refuses leaves no file', async () => {
    const broken = atomic(async () => {
      await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt') })
      await Track.objects.create({ albumId: 12_345 } as never) // looked at when the block ends; MariaDB looks at once
    })
    await expect(broken).rejects.toMatchObject({ code: 'db.foreign-key-violation' })
    expect([await names(), await Album.objects.count()]).toEqual([[], 0])
  })

  test('cleanup: what is replaced or deleted goes with the commit, never before', async () => {
    const album = await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt'), cover: photo() })
    await atomic(async () => {
      album.draft = newFile(text('2', 'two.txt'))
      await album.save()
      expect(await names()).toEqual(['one.txt', 'two.txt'])
    })
    expect(await names()).toEqual(['two.txt'])
    await atomic(async () => {
      await album.delete()
      setRollback()
    })
    expect(await names()).toEqual(['two.txt'])
    await Album.objects.all().delete()
    expect(await names()).toEqual([])
    expect((await storage().list(`covers/${year}`)).files).toEqual(['photo.png']) // without cleanup they stay
  })

  test('cleanup: a copy that is inserted takes nothing from the row it is of', async () => {
    const album = await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt') })
    const copy = await Album.objects.get({ id: album.id })
    copy.id = null as never // a key of its own
    copy.title = 'Copy'
    copy.draft = newFile(text('2', 'two.txt'))
    await copy.save({ forceInsert: true })
    expect([await names(), await album.draft!.text()]).toEqual([['one.txt', 'two.txt'], '1'])
  })

  test('cleanup: goes by what the database names, also where only() left it out or the attribute is another', async () => {
    await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt') })
    const partial = (await Album.objects.only('title').get()) as object as Album // left out, and assigned all the same
    partial.draft = newFile(text('2', 'two.txt'))
    await partial.save()
    expect(await names()).toEqual(['two.txt'])
    await (await Album.objects.only('title').get()).delete()
    expect(await names()).toEqual([])
    const again = await Album.objects.create({ title: 'Red', draft: text('3', 'three.txt') })
    const kept = await Album.objects.create({ title: 'Green', draft: text('4', 'four.txt') })
    again.draft = kept.draft
    await again.delete()
    expect(await names()).toEqual(['four.txt'])
  })

  test('upsert() keeps no file that the row did not take', async () => {
    const album = await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt') })
    const rows = [{ title: 'Blue', draft: newFile(text('2', 'two.txt')) }]
    const work = () => Album.objects.upsert(rows, { conflict: ['title'], update: ['title'] })
    if (!database('default').features.conflictTarget) return expect(work()).resolves.toHaveLength(1)
    const [row] = await work()
    expect([row!.id, row!.draft!.name, await names()]).toEqual([album.id, 'one.txt', ['one.txt']])
  })
})

describe('MOD-09 rows that are left alone', () => {
  test('bulkCreate({ ignoreConflicts }) keeps the files of rows that were stored', async () => {
    await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt') })
    const rows = await Album.objects.bulkCreate(
      [
        { title: 'Blue', draft: text('2', 'two.txt'), notes: text('n', 'n.md') },
        { title: 'Red', draft: text('3', 'three.txt') },
        { title: 'Green' },
      ],
      { ignoreConflicts: true },
    )
    expect(await names()).toEqual(['one.txt', 'three.txt'])
    expect((await storage().list('notes/Blue')).files).toEqual([])
    expect((await raw('draft')).map(({ draft }) => draft)).toEqual(['one.txt', 'three.txt', ''])
    // What was not taken can be stored again.
    expect([rows[0]!.draft!.isStored, rows[1]!.draft!.name]).toEqual([false, 'three.txt'])
    rows[0]!.title = 'Grey'
    await rows[0]!.save()
    expect(await names()).toEqual(['one.txt', 'three.txt', 'two.txt'])
  })

  test('in a block that is rolled back nothing of it stays', async () => {
    await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt') })
    await atomic(async () => {
      await Album.objects.bulkCreate(
        [
          { title: 'Blue', draft: text('2', 'two.txt') },
          { title: 'Red', draft: text('3', 'three.txt') },
        ],
        { ignoreConflicts: true },
      )
      setRollback()
    })
    expect(await names()).toEqual(['one.txt'])
  })

  test('upsert({ where }) keeps no file of a row that it left alone', async () => {
    if (!database('default').features.conflictTarget) return // no condition there
    await Album.objects.create({ title: 'Blue', draft: text('1', 'one.txt') })
    const rows = [
      { title: 'Blue', draft: text('2', 'two.txt') },
      { title: 'Red', draft: text('3', 'three.txt') },
    ]
    const [blue, red] = await Album.objects.upsert(rows, {
      conflict: ['title'],
      update: ['draft'],
      where: { title: 'Green' },
    })
    expect([blue!.id ?? null, blue!.draft!.isStored, red!.draft!.name]).toEqual([null, false, 'three.txt'])
    expect(await names()).toEqual(['one.txt', 'three.txt'])
  })
})

describe('MOD-09 what is refused', () => {
  const problems = async (values: object) => {
    const album = new Album({ title: 'Blue', ...values } as never)
    const error = await album.fullClean().then(
      () => null,
      (error: { fields: Record<string, string[]> }) => error,
    )
    return error === null
      ? null
      : Object.fromEntries(Object.entries(error.fields).map(([name, [first]]) => [name, first]))
  }

  test('endings, sizes, empty files, what is no image', async () => {
    expect(await problems({ cover: photo(), notes: text('x', 'A.TXT') })).toBeNull()
    expect(await problems({ notes: text('x', 'a.exe') })).toEqual({
      notes: 'Files that end in “exe” are not taken. Allowed: txt, md.',
    })
    expect(await problems({ notes: text('x', 'Makefile') })).toEqual({
      notes: 'The name of the file has no ending. Allowed: txt, md.',
    })
    expect(await problems({ notes: text('x'.repeat(3000)) })).toEqual({
      notes: 'The file has 2.9 kB; at most 1000 bytes are taken.',
    })
    expect(await problems({ notes: text('') })).toEqual({ notes: 'The file is empty.' })
    const html = new TextEncoder().encode('<script>alert(1)</script>')
    expect(await problems({ cover: photo('x.png', html) })).toEqual({ cover: 'This is no image, or it is damaged.' })
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    expect(Object.keys((await problems({ cover: photo('x.svg', svg) }))!)).toEqual(['cover'])
  })

  test('endings are written as people write them', () => {
    for (const extensions of [['pdf'], ['.PDF'], ['Pdf']])
      expect(bound(file({ extensions })).files!.extensions).toEqual(['pdf'])
  })

  test('SEC-11 a name that came as text chooses no file of somebody else', () => {
    const field = Album.meta.fields.get('draft')!
    for (const name of ['a.txt', '../x', '/etc/passwd']) expect(() => field.clean(name)).toThrow('Choose a file.')
  })

  test.each([
    '../../etc/passwd.txt',
    '..\\..\\x.txt',
    '/abs.txt',
    '%2e%2e%2fx.txt',
    'a\0b.txt',
    'CON.txt',
    `${'é'.repeat(300)}.txt`,
    'a\r\nb.txt',
  ])('SEC-11 an upload named %j stays in its folder', async (name) => {
    const album = await Album.objects.create({
      title: 'Blue',
      cover: null,
      notes: newFile('x', name),
      draft: newFile('x', name),
    })
    expect(album.notes!.name).toMatch(/^notes\/Blue\/[^/\\]+$/)
    expect(album.draft!.name).toMatch(/^[^/\\]+$/)
    for (const each of [album.notes!, album.draft!]) {
      expect(each.name).not.toMatch(/[\0\r\n\\%]/)
      expect(await each.text()).toBe('x')
    }
  })

  test.each(['..', '', '.'])('SEC-11 an upload named %j is no file', async (name) => {
    await expect(Album.objects.create({ title: 'Blue', draft: newFile('x', name) })).rejects.toMatchObject({
      code: expect.stringMatching(/^storage\.(unsafe-name|no-name)$/),
    })
    expect(await Album.objects.count()).toBe(0)
  })

  test.each([
    ['..', 'traversal'],
    ['a/../..', 'traversal'],
    ['a\\b', 'backslash'],
    ['nul', 'device'],
    ['a//b', 'empty'],
  ])('SEC-11 uploadTo that makes a folder of %j of the row is refused: %s', async (title, attack) => {
    await expect(Album.objects.create({ title, notes: text('x') })).rejects.toMatchObject({
      code: 'storage.unsafe-name',
      attack,
    })
    expect([await Album.objects.count(), await other.list()]).toEqual([0, { folders: [], files: [] }])
  })

  test('uploadTo: dates in folders, and what is none', () => {
    for (const uploadTo of ['%Q', '100%', '../up', '/etc', 'a/../b'])
      expect(() => bound(file({ uploadTo }))).toThrow(expect.objectContaining({ code: 'db.bad-field' }))
    const rules = bound(file({ uploadTo: './100%%/%y-%m-%d_%H%M%S_%j/' })).files!
    expect(rules.nameFor({} as never, 'x y.txt')).toMatch(/^100%\/\d\d-\d\d-\d\d_\d{6}_\d{3}\/x_y\.txt$/)
    expect(bound(file({ uploadTo: '' })).files!.nameFor({} as never, 'x.txt')).toBe('x.txt')
  })
})

test('MIG-01 a migration knows the column, as Django has it: varchar(100)', () => {
  const { cover, notes } = modelState(Album).fields
  expect([cover, notes]).toMatchObject([
    { builder: 'char', args: [{ maxLength: 100 }] },
    { builder: 'char', args: [{ maxLength: 100, null: true }] },
  ])
})

test('MOD-09, MOD-21: what is unique, and constraints, go by the name of a file; a new one by the name it came with', async () => {
  const kept = await Sleeve.objects.create({ front: newFile('a', 'a.txt'), back: newFile('b', 'b.txt') })
  await new Sleeve({ front: newFile('a', 'a.txt'), back: newFile('b', 'b.txt') }).fullClean()
  await expect(new Sleeve({ front: newFile('a', 'a.txt'), back: newFile('b', 'b.md') }).fullClean()).rejects.toThrow(
    'Text only.',
  )
  await expect(new Sleeve({ front: kept.front, back: kept.back }).fullClean()).rejects.toMatchObject({
    fields: { front: ['Sleeve with this Front already exists.'] },
  })
})
