// MIG-02: what the models alone do not say. Flags and hints answer where nobody can be asked; one error lists the rest.
import { char, foreignKey, integer, text, uuid } from 'nuages/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrationFindings } from '../../src/db/migrations/internal.ts'
import { rows, run } from './history.ts'
import { closeProject, files, make, migrate, openProject, project, read } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const title = char({ maxLength: 200 })
const asked = { drop: [] }
const before = {
  library: {
    Book: { fields: { title, pages: integer({ null: true }) } },
    Shelf: { fields: { place: text(), row: text() } },
  },
}

beforeEach(async () => {
  await make(project(before))
})

const library = (models: object) => project({ library: { ...before.library, ...models } })

describe('a destructive change needs a word where nobody can be asked', () => {
  const gone = () => library({ Book: { fields: { title } } })

  test('MIG-02 a dropped column is refused, and nothing is written', async () => {
    await expect(make(gone(), asked)).rejects.toMatchObject({
      code: 'migrations.drop-unanswered',
      message: 'library.Book.pages is gone: its column would be dropped with all it holds.',
      hint: 'Pass --drop library.Book.pages to let it go, or bring it back.',
    })
    expect(files()).toEqual(['0001_initial.ts'])
  })

  test.each([[['library.Book.pages']], [['all']]])('MIG-02 --drop %j lets it go', async (drop) => {
    expect((await make(gone(), { drop })).text).toContain('Remove field pages from Book')
  })

  test('MIG-02 --no-renames is the same word, for everything', async () => {
    expect((await make(gone(), { ...asked, noRenames: true })).text).toContain('Remove field pages from Book')
  })

  test('MIG-02 a dropped table, too', async () => {
    const without = project({ library: { Book: before.library.Book } })
    await expect(make(without, asked)).rejects.toMatchObject({
      code: 'migrations.drop-unanswered',
      message: expect.stringContaining('library.Shelf is gone: its table'),
    })
    expect((await make(without, { drop: ['library.Shelf'] })).text).toContain('Delete model Shelf')
  })

  test('MIG-02 a word for one thing is none for another, and a misspelt one is told', async () => {
    await expect(make(gone(), { drop: ['library.Book.page'] })).rejects.toMatchObject({
      code: 'migrations.drop-unanswered',
    })
    await expect(make(gone(), { drop: ['library.Book.pages', 'library.Book.x'] })).rejects.toMatchObject({
      code: 'migrations.unused-answer',
      message: expect.stringContaining('--drop library.Book.x'),
    })
    await expect(make(gone(), { drop: ['pages'] })).rejects.toMatchObject({ code: 'migrations.bad-flag' })
  })

  test('MIG-02 of a field that comes back as another column it is not said that it is gone', async () => {
    const replaced = library({ Book: { fields: { title, pages: uuid({ null: true }) } } })
    await expect(make(replaced, asked)).rejects.toMatchObject({
      code: 'migrations.drop-unanswered',
      message:
        'library.Book.pages is made anew: what it holds has no meaning in its new type, and would be dropped with its column.',
      hint: 'Pass --drop library.Book.pages to let it go, or keep the field as it was.',
    })
    expect((await make(replaced, { drop: ['library.Book.pages'] })).text).toContain('Remove field pages from Book')
  })

  test('MIG-04 --check looks only, and needs no word', async () => {
    expect(await make(gone(), { ...asked, check: true })).toMatchObject({ code: 1 })
  })
})

test('MIG-02 of several that are gone it is said of all of them', async () => {
  const books = library({ Book: { fields: { name: title } }, Shelf: { fields: { room: text() } } })
  const asks = await make(books, asked).catch((error: Error) => error)
  expect((asks as Error).message).toContain(
    'library.Shelf.room is new and library.Shelf.place and library.Shelf.row are gone: a rename of one of them, or not?',
  )
  expect((asks as Error).message).toContain(
    'library.Book.name is new and library.Book.title is gone: a rename, or not?',
  )
  const models = project({ library: { Book: before.library.Book, Case: { fields: { place: text(), row: text() } } } })
  await expect(make(models, asked)).rejects.toMatchObject({
    message: 'library.Case is new and library.Shelf is gone: a rename, or not?',
  })
})

test('MIG-02 everything that is open is listed at once, and always the same', async () => {
  const after = library({
    Book: { fields: { name: title, count: integer() } },
    Shelf: { fields: { place: text(), level: integer({ null: true }) } },
  })
  const refused = await make(after, asked).catch((error: Error & { code: string }) => error)
  expect(refused).toMatchObject({ code: 'migrations.unanswered' })
  expect((refused as Error).message).toBe(
    `4 questions are open, and there is nobody to answer them:
- library.Book.name is new and library.Book.title is gone: a rename, or not?
  --rename library.Book.title:name to keep the data, or --drop library.Book.title to drop the old and create the new
- library.Book.count is new and library.Book.pages is gone: a rename, or not?
  --rename library.Book.pages:count to keep the data, or --drop library.Book.pages to drop the old and create the new
- library.Shelf.row is gone: its column would be dropped with all it holds.
  --drop library.Shelf.row to let it go, or bring it back`.replace('4 questions', '3 questions'),
  )
  const again = await make(after, asked).catch((error: Error) => error)
  expect((again as Error).message).toBe((refused as Error).message)
  const made = await make(after, {
    rename: ['library.Book.title:name', 'library.Book.pages:count'],
    drop: ['library.Shelf.row'],
    default: ['library.Book.count=0'],
  })
  expect(made.text).toContain('Rename field title of Book to name')
  expect(made.text).toContain('Alter field count of Book')
})

describe('MIG-02 a misspelt flag is named together with what is open', () => {
  const after = () => library({ Book: { fields: { name: title, count: integer({ null: true }) } } })
  const refusal = (given: object) => make(after(), { ...asked, ...given }).catch((error: Error) => error)

  test('with one question, which stays the one that was asked', async () => {
    const given = { rename: ['library.Book.titel:name'], drop: ['library.Book.page', 'library.Book.pages'] }
    expect(await refusal(given)).toMatchObject({
      code: 'migrations.rename-unanswered',
      message:
        'library.Book.name is new and library.Book.title is gone: a rename, or not?\n' +
        '--rename library.Book.titel:name and --drop library.Book.page answer no question: nothing of those names changed.',
      hint: expect.stringMatching(/^Pass --rename library\.Book\.title:name .* Check the names: /),
    })
  })

  test('with several', async () => {
    const error = await refusal({ default: ['library.Book.nam=x'] })
    expect(error).toMatchObject({
      code: 'migrations.rename-unanswered',
      hint: expect.stringContaining('Check the names'),
    })
    expect((error as Error).message).toMatch(
      /^2 questions are open, .*\n--default library\.Book\.nam=x answers no question: nothing of that name changed\.$/s,
    )
  })

  test('but not one that waits for the answer: a field of a model that was perhaps renamed', async () => {
    const renamed = project({
      library: {
        Novel: { fields: { title, pages: integer({ null: true }), year: integer() } },
        Shelf: before.library.Shelf,
      },
    })
    const given = { ...asked, default: ['library.Novel.year=1'] }
    const error = (await make(renamed, given).catch((error: Error) => error)) as Error
    expect(error).toMatchObject({ code: 'migrations.rename-unanswered' })
    expect(error.message).toBe('library.Novel is new and library.Book is gone: a rename, or not?')
  })
})

describe('renamedFrom in the model', () => {
  test('MIG-02 renames a field without a question, and rows keep what they hold', async () => {
    await migrate(project(before))
    await run("insert into library_book (title, pages) values ('Nuages', 3)")
    const after = library({
      Book: { fields: { name: char({ maxLength: 300, renamedFrom: 'title' }), pages: integer({ null: true }) } },
    })
    const made = await make(after, asked)
    expect(made.text).toBe(
      'Migration library/migrations/0002_rename_title_book_name_alter_book_name.ts\n' +
        '  - Rename field title of Book to name\n  - Alter field name of Book\n',
    )
    expect(read('0002_rename_title_book_name_alter_book_name.ts')).not.toContain('renamedFrom')
    await migrate(after)
    expect(await rows('select name, pages from library_book')).toEqual([['Nuages', 3]])
    expect((await make(after, asked)).text).toBe('No changes.\n')
  })

  test('MIG-02 renames a model, its fields with it', async () => {
    const novel = {
      fields: { heading: char({ maxLength: 200, renamedFrom: 'title' }), pages: integer({ null: true }) },
    }
    const after = project({
      library: { Shelf: before.library.Shelf, Novel: { ...novel, options: { renamedFrom: 'Book' } } },
    })
    expect((await make(after, asked)).text).toContain(
      '  - Rename model Book to Novel\n  - Rename field title of Novel to heading\n',
    )
  })

  test('MIG-02 a relation has it as well', async () => {
    const to = (label: string) => label as never // a label stands for a model that is no class here
    const shelf = (more: object) => library({ Shelf: { fields: { place: text(), row: text(), ...more } } })
    await make(shelf({ book: () => foreignKey(to('library.Book'), { null: true, onDelete: 'cascade' }) }))
    const after = shelf({
      volume: () => foreignKey(to('library.Book'), { null: true, onDelete: 'cascade', renamedFrom: 'book' }),
    })
    expect((await make(after, asked)).text).toContain('Rename field book of Shelf to volume')
  })

  test('MIG-02 the hint answers before --no-renames, which is for what nobody answered', async () => {
    const after = library({
      Book: { fields: { name: char({ maxLength: 200, renamedFrom: 'title' }), pages: integer({ null: true }) } },
    })
    const made = await make(after, { ...asked, noRenames: true, default: ['library.Book.name=x'] }).catch(
      (error) => error,
    )
    expect(made).toMatchObject({ code: 'migrations.unused-answer' })
  })

  test('MIG-02 check asks first what makemigrations asks first: was it renamed?', async () => {
    await make(library({ Book: { fields: { title: char({ maxLength: 200 }) } } }))
    const after = library({ Book: { fields: { name: char({ maxLength: 200 }) } } })
    const found = await migrationFindings({ apps: after.apps.apps, user: null })
    const { message } = found.find(({ id }) => id === 'migrations.W002')!
    expect(message).toContain('library.Book.name is new and library.Book.title is gone: a rename, or not?')
    expect(message).not.toContain('has no default')
  })

  test('MIG-02 check says when the hint has done its work, and that the rename is missing before', async () => {
    const after = library({
      Book: { fields: { name: char({ maxLength: 200, renamedFrom: 'title' }), pages: integer({ null: true }) } },
    })
    const found = async () =>
      (await migrationFindings({ apps: after.apps.apps, user: null })).map(({ id, message, object }) => ({
        id,
        message,
        object,
      }))
    expect(await found()).toContainEqual(
      expect.objectContaining({
        id: 'migrations.W002',
        message: expect.stringContaining('Rename field title of Book to name'),
      }),
    )
    await make(after, asked)
    expect(await found()).toContainEqual(
      expect.objectContaining({ id: 'migrations.I001', object: 'library.Book.name' }),
    )
  })
})
