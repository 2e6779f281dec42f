import { describe, expect, test } from 'vitest'
import { type DetectOptions, detectChanges } from '../../src/db/migrations/autodetector.ts'
import type { DraftMigration } from '../../src/db/migrations/drafts.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import { check, index, unique } from '../../src/db/migrations/operations/indexes.ts'
import { type Answers, FlagQuestioner } from '../../src/db/migrations/questioner.ts'
import { ProjectState } from '../../src/db/migrations/state.ts'
import { now, sameValue, userModel } from '../../src/db/migrations/values.ts'
import { f, model, state } from './states.ts'

const at = new Date('2026-01-31T09:30:00Z')

async function detect(
  from: ProjectState,
  to: ProjectState,
  answers: Answers = {},
  more: Partial<DetectOptions> = {},
): Promise<DraftMigration[]> {
  // Apps that have models have a migration.
  const apps = new Set([...from.models.values()].map((each) => each.app))
  const graph = new MigrationGraph(
    [...apps].map((app) => ({ app, name: '0001_initial', file: null, operations: [], dependencies: [] })),
  )
  const made = await detectChanges({ from, to, graph, questioner: new FlagQuestioner(answers), at, ...more })
  // Whatever was found leads to the models.
  if (!more.apps) {
    let reached = from
    for (const draft of made) for (const operation of draft.operations) reached = operation.toState(reached, draft.app)
    expect(describeState(reached)).toEqual(describeState(to))
  }
  return made
}

function describeState(of: ProjectState) {
  return [...of.models]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, each]) => [label, sorted(each.fields), each.options])
}
const sorted = (fields: object) => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))

/** `library.0002_book_pages: Add field pages to Book` */
const said = (made: readonly DraftMigration[]) =>
  made.map(
    (draft) => `${draft.app}.${draft.name}: ${draft.operations.map((operation) => operation.describe()).join('; ')}`,
  )

const author = model('library.Author', { name: f.char({ maxLength: 100 }) })
const book = model('library.Book', { title: f.char({ maxLength: 200 }) })
const cascade = { onDelete: 'cascade' } as const
const withFields = (of: typeof book, fields: typeof book.fields, options = of.options) => ({
  ...of,
  fields: { ...of.fields, ...fields },
  options,
})

describe('models', () => {
  test('the first migration of an app is 0001_initial, with every model whole, targets first', async () => {
    const to = state(withFields(book, { author: f.foreignKey('library.Author', cascade), pages: f.integer() }), author)
    const made = await detect(state(), to)
    expect(said(made)).toEqual(['library.0001_initial: Create model Author; Create model Book'])
    expect(Object.keys(made[0]!.operations[1]!.args[1] as object)).toEqual(['id', 'title', 'author', 'pages'])
    expect(made[0]!.dependencies).toEqual([])
  })

  test('a many-to-many relation goes behind the keys of the model between its two sides', async () => {
    const to = state(
      withFields(book, { readers: f.manyToMany('library.Author', { through: 'library.Reading' }) }),
      model('library.Reading', {
        book: f.foreignKey('library.Book', cascade),
        reader: f.foreignKey('library.Author', cascade),
      }),
      author,
    )
    const [made] = await detect(state(), to)
    let reached = state()
    for (const operation of made!.operations) {
      reached = operation.toState(reached, 'library')
      const isThere = reached.models.get('library.Book')?.fields.readers !== undefined
      const keys = Object.keys(reached.models.get('library.Reading')?.fields ?? {})
      if (isThere) expect(keys).toEqual(expect.arrayContaining(['book', 'reader']))
    }
  })

  test('a new model is a createModel, a removed one a deleteModel', async () => {
    expect(said(await detect(state(book), state(book, author)))).toEqual(['library.0002_author: Create model Author'])
    expect(said(await detect(state(book, author), state(book)))).toEqual([
      'library.0002_delete_author: Delete model Author',
    ])
  })

  test('nothing changed gives nothing', async () => {
    expect(await detect(state(book, author), state(author, book))).toEqual([])
  })

  test('models that point at one another get the closing foreign key in a second step', async () => {
    const to = state(
      model('library.A', { b: f.foreignKey('library.B', cascade) }),
      model('library.B', { a: f.foreignKey('library.A', cascade) }),
    )
    expect(said(await detect(state(), to))).toEqual([
      'library.0001_initial: Create model A; Create model B; Add field b to A',
    ])
  })

  test('a model that points at itself is created whole', async () => {
    const to = state(model('library.Node', { parent: f.foreignKey('library.Node', { null: true, ...cascade }) }))
    expect(said(await detect(state(), to))).toEqual(['library.0001_initial: Create model Node'])
  })

  test('removed models go before what they point at, their relations with them', async () => {
    const from = state(author, withFields(book, { author: f.foreignKey('library.Author', cascade) }))
    expect(said(await detect(from, state()))).toEqual([
      'library.0002_delete_book_delete_author: Delete model Book; Delete model Author',
    ])
  })

  test('removed models that point at one another lose a relation first', async () => {
    const from = state(
      model('library.A', { b: f.foreignKey('library.B', cascade) }),
      model('library.B', { a: f.foreignKey('library.A', cascade) }),
    )
    const [made] = await detect(from, state())
    expect(made!.operations.map((operation) => operation.describe())).toEqual([
      'Remove field a from B',
      'Delete model A',
      'Delete model B',
    ])
  })

  test('unmanaged models, ordering and table names are recorded', async () => {
    const to = state({ ...book, options: { dbTable: 'books', managed: false, ordering: ['title'] } })
    expect(said(await detect(state(book), to))).toEqual([
      'library.0002_alter_book_options_alter_book_table: Change options of Book; Rename the table of Book to books',
    ])
    expect(said(await detect(to, state(book)))[0]).toContain('Rename the table of Book to its default')
  })
})

describe('apps', () => {
  test('a foreign key to another app depends on the migration that creates its target', async () => {
    const to = state(model('shop.Order', { book: f.foreignKey('library.Book', cascade) }), book)
    const made = await detect(state(), to)
    expect(said(made)).toEqual(['library.0001_initial: Create model Book', 'shop.0001_initial: Create model Order'])
    expect(made[1]!.dependencies).toEqual([['library', '0001_initial']])
  })

  test('MIG-03 test_arrange_for_graph: a foreign key to an app that did not change depends on its last migration', async () => {
    const made = await detect(
      state(book),
      state(book, model('shop.Order', { book: f.foreignKey('library.Book', cascade) })),
    )
    expect(said(made)).toEqual(['shop.0001_initial: Create model Order'])
    expect(made[0]!.dependencies).toEqual([['library', '0001_initial']])
  })

  test('apps that point at one another are split into three migrations', async () => {
    const to = state(
      model('a.One', { two: f.foreignKey('b.Two', cascade) }),
      model('b.Two', { one: f.foreignKey('a.One', cascade) }),
    )
    const made = await detect(state(), to)
    expect(said(made)).toEqual([
      'b.0001_initial: Create model Two',
      'a.0001_initial: Create model One',
      'b.0002_initial: Add field one to Two',
    ])
    expect(made.map((each) => each.dependencies)).toEqual([
      [],
      [['b', '0001_initial']],
      [
        ['a', '0001_initial'],
        ['b', '0001_initial'],
      ],
    ])
  })

  test('apps in a circle whose models are in none are split too', async () => {
    const to = state(
      model('a.One', { two: f.foreignKey('b.Two', cascade) }),
      model('a.Three'),
      model('b.Two', { three: f.foreignKey('a.Three', cascade) }),
    )
    const made = await detect(state(), to)
    expect(made.map((each) => each.app)).toEqual(expect.arrayContaining(['a', 'b']))
    expect(made.length).toBeLessThanOrEqual(3)
  })

  test('MIG-04 test_trim_apps: naming apps keeps what they depend on and leaves the rest', async () => {
    const to = state(model('shop.Order', { book: f.foreignKey('library.Book', cascade) }), book, model('blog.Post'))
    const made = await detect(state(), to, {}, { apps: ['shop'] })
    expect(made.map((each) => each.app)).toEqual(['library', 'shop'])
  })

  test('a foreign key to the user model is recorded by its marker', async () => {
    const user = model('accounts.User', { email: f.email({ unique: true }) })
    const to = new ProjectState(
      [user, model('blog.Post', { author: f.foreignKey(userModel, cascade) })],
      'accounts.User',
    )
    const made = await detect(new ProjectState([], 'accounts.User'), to)
    expect(made.map((each) => each.app)).toEqual(['accounts', 'blog'])
    expect(made[1]!.dependencies).toEqual([userModel])
  })

  test('a deleted model waits for the other app to let go of it', async () => {
    const from = state(book, model('shop.Order', { book: f.foreignKey('library.Book', cascade) }))
    const made = await detect(from, state(model('shop.Order')))
    expect(said(made)).toEqual([
      'shop.0002_remove_order_book: Remove field book from Order',
      'library.0002_delete_book: Delete model Book',
    ])
    expect(made[1]!.dependencies).toEqual([
      ['library', '0001_initial'],
      ['shop', '0002_remove_order_book'],
    ])
  })
})

describe('fields', () => {
  test.each([
    ['a nullable field is added', { pages: f.integer({ null: true }) }, '0002_book_pages: Add field pages to Book'],
    [
      'a field with a default is added',
      { pages: f.integer({ default: 1 }) },
      '0002_book_pages: Add field pages to Book',
    ],
    ['a field is altered', { title: f.char({ maxLength: 300 }) }, '0002_alter_book_title: Alter field title of Book'],
    [
      'several fields share a name',
      { pages: f.integer({ null: true }), isbn: f.char({ null: true }) },
      '0002_book_pages_book_isbn: Add field pages to Book; Add field isbn to Book',
    ],
    ['a many-to-many field is added', { tags: f.manyToMany('library.Book') }, '0002_book_tags: Add field tags to Book'],
    [
      'camel case becomes snake case',
      { publishedAt: f.dateTime({ null: true }) },
      '0002_book_published_at: Add field publishedAt to Book',
    ],
  ])('%s', async (_, fields, expected) => {
    expect(said(await detect(state(book), state(withFields(book, fields))))).toEqual([`library.${expected}`])
  })

  test('a removed field is a removeField', async () => {
    const from = state(withFields(book, { pages: f.integer() }))
    expect(said(await detect(from, state(book)))).toEqual([
      'library.0002_remove_book_pages: Remove field pages from Book',
    ])
  })

  test('a new field that may not be null takes its fill from --default', async () => {
    const to = state(withFields(book, { pages: f.integer() }))
    const made = await detect(state(book), to, { default: ['library.Book.pages=12'] })
    expect(made[0]!.operations[0]!.args).toEqual(['Book', 'pages', f.integer(), { fill: 12 }])
  })

  test('without an answer the error says which flag to pass', async () => {
    const to = state(withFields(book, { pages: f.integer() }))
    await expect(detect(state(book), to)).rejects.toMatchObject({
      code: 'migrations.default-unanswered',
      hint: expect.stringContaining('--default library.Book.pages=VALUE'),
    })
  })

  test('nulls that are no longer allowed need a fill', async () => {
    const from = state(withFields(book, { pages: f.integer({ null: true }) }))
    const to = state(withFields(book, { pages: f.integer() }))
    await expect(detect(from, to)).rejects.toMatchObject({ code: 'migrations.default-unanswered' })
    const made = await detect(from, to, { default: ['library.Book.pages=0'] })
    expect(made[0]!.operations[0]!.args.at(-1)).toEqual({ fill: 0 })
    expect(said(await detect(to, from))).toEqual(['library.0002_alter_book_pages: Alter field pages of Book'])
  })

  test('MIG-02 test_add_date_fields_with_auto_now_not_asking_for_default, test_add_date_fields_with_auto_now_add_not_asking_for_null_addition: autoNow fields are filled with the moment of migrating, unasked', async () => {
    for (const own of [f.dateTime({ autoNowAdd: true }), f.dateTime({ autoNow: true }), f.date({ autoNowAdd: true })]) {
      const made = await detect(state(book), state(withFields(book, { createdAt: own })))
      expect(made[0]!.operations[0]!.args.at(-1)).toEqual({ fill: now })
    }
  })

  test('a default computed in code is called once', async () => {
    const to = state(withFields(book, { key: f.uuid() }))
    const made = await detect(state(book), to, {}, { computedDefault: () => 'b1' })
    expect(made[0]!.operations[0]!.args.at(-1)).toEqual({ fill: 'b1' })
  })

  test('a column that becomes a table between is removed and added', async () => {
    const from = state(author, withFields(book, { author: f.foreignKey('library.Author', cascade) }))
    const to = state(author, withFields(book, { author: f.manyToMany('library.Author') }))
    expect(said(await detect(from, to))[0]).toContain('Remove field author from Book; Add field author to Book')
  })

  test('a foreign key to a new model is altered after its creation', async () => {
    const from = state(author, withFields(book, { author: f.foreignKey('library.Author', cascade) }))
    const to = state(
      author,
      withFields(book, { author: f.foreignKey('library.Person', cascade) }),
      model('library.Person', { x: f.text() }),
    )
    expect(said(await detect(from, to))[0]).toMatch(/Create model Person; Alter field author of Book$/)
  })

  test('a foreign key whose old target goes is altered before', async () => {
    const from = state(author, withFields(book, { author: f.foreignKey('library.Author', cascade) }))
    const person = model('library.Person', { born: f.date() })
    const to = state(withFields(book, { author: f.foreignKey('library.Person', cascade) }), person)
    expect(said(await detect(from, to))[0]).toMatch(
      /Create model Person; Alter field author of Book; Delete model Author$/,
    )
  })
})

describe('renames', () => {
  const renamed = model('library.Book', { name: f.char({ maxLength: 200 }) })

  test('a field that goes while one like it comes is asked about', async () => {
    await expect(detect(state(book), state(renamed))).rejects.toMatchObject({
      code: 'migrations.rename-unanswered',
      hint: expect.stringContaining('--rename library.Book.title:name'),
    })
  })

  test('--rename answers, --no-renames too', async () => {
    const told = await detect(state(book), state(renamed), { rename: ['library.Book.title:name'] })
    expect(said(told)).toEqual(['library.0002_rename_title_book_name: Rename field title of Book to name'])
    const not = await detect(state(book), state(renamed), { noRenames: true, default: ['library.Book.name=x'] })
    expect(said(not)[0]).toContain('Remove field title from Book; Add field name to Book')
  })

  test('a rename may come with an alteration', async () => {
    const to = state(model('library.Book', { name: f.text() }))
    const made = await detect(state(book), to, { rename: ['library.Book.title:name'] })
    expect(said(made)[0]).toContain('Rename field title of Book to name; Alter field name of Book')
  })

  test('fields of another type are not asked about', async () => {
    const to = state(model('library.Book', { pages: f.integer({ null: true }) }))
    expect(said(await detect(state(book), to))[0]).toContain('Remove field title from Book; Add field pages to Book')
  })

  test('a rename carries indexes, constraints, ordering and keys along', async () => {
    const options = {
      ordering: ['-title', 'id'],
      indexes: [index(['-title'], { name: 'by_title', where: { title__gt: 'a' } })],
      constraints: [unique(['title'], { name: 'one_title' }), check({ title__gte: 'a' }, { name: 'title_a' })],
    }
    const after = {
      ordering: ['-name', 'id'],
      indexes: [index(['-name'], { name: 'by_title', where: { name__gt: 'a' } })],
      constraints: [unique(['name'], { name: 'one_title' }), check({ name__gte: 'a' }, { name: 'title_a' })],
    }
    const made = await detect(state({ ...book, options }), state({ ...renamed, options: after }), {
      rename: ['library.Book.title:name'],
    })
    expect(made[0]!.operations).toHaveLength(1)
  })

  test('a column named by hand stays where it is', async () => {
    const to = state(model('library.Book', { name: f.char({ maxLength: 200, dbColumn: 'title' }) }))
    const made = await detect(state(book), to, { rename: ['library.Book.title:name'] })
    expect(said(made)[0]).toContain('Alter field title of Book; Rename field title of Book to name')
  })

  test('a model that goes while one like it comes is asked about', async () => {
    const to = state(model('library.Novel', book.fields))
    await expect(detect(state(book), to)).rejects.toMatchObject({
      code: 'migrations.rename-unanswered',
      hint: expect.stringContaining('--rename library.Book:Novel'),
    })
    const made = await detect(state(book), to, { rename: ['library.Book:Novel'] })
    expect(said(made)).toEqual(['library.0002_rename_book_novel: Rename model Book to Novel'])
  })

  test('a renamed model takes every foreign key to it along, across apps', async () => {
    const order = (target: 'library.Book' | 'library.Novel') =>
      model('shop.Order', { book: f.foreignKey(target, cascade) })
    const made = await detect(
      state(book, order('library.Book')),
      state(model('library.Novel', book.fields), order('library.Novel')),
      {
        rename: ['library.Book:Novel'],
      },
    )
    expect(said(made)).toEqual(['library.0002_rename_book_novel: Rename model Book to Novel'])
    expect(made[0]!.dependencies).toEqual([
      ['library', '0001_initial'],
      ['shop', '0001_initial'],
    ])
  })

  test('model and field are renamed together', async () => {
    const made = await detect(state(book), state(model('library.Novel', renamed.fields)), {
      rename: ['library.Book:Novel', 'library.Novel.title:name'],
    })
    expect(said(made)[0]).toContain('Rename model Book to Novel; Rename field title of Novel to name')
  })

  test('the flag decides between two candidates', async () => {
    const from = state(withFields(book, { subtitle: f.char({ maxLength: 200 }) }))
    const made = await detect(from, state(renamed), { rename: ['library.Book.subtitle:name'] })
    expect(said(made)[0]).toContain('Rename field subtitle of Book to name; Remove field title from Book')
  })

  test.each(['library.Book', 'title:name', 'library.Book.title', ':x', 'library.Book.title:'])(
    '--rename %s is refused',
    (flag) => {
      expect(() => new FlagQuestioner({ rename: [flag] })).toThrow(
        expect.objectContaining({ code: 'migrations.bad-flag' }),
      )
    },
  )

  test('flags that answered nothing are told', async () => {
    const questioner = new FlagQuestioner({ rename: ['library.Book.titel:name'], default: ['library.Book.x=1'] })
    await detectChanges({ from: state(book), to: state(book), graph: new MigrationGraph([]), questioner, at })
    expect(questioner.unused()).toEqual(['--rename library.Book.titel:name', '--default library.Book.x=1'])
  })
})

describe('indexes and constraints', () => {
  const byTitle = index(['title'], { name: 'by_title' })
  const one = unique(['title'], { name: 'one_title' })
  const positive = check({ title__gt: '' }, { name: 'has_title' })

  test.each([
    ['an index is added', {}, { indexes: [byTitle] }, 'Add index by_title to Book'],
    ['an index is removed', { indexes: [byTitle] }, {}, 'Remove index by_title from Book'],
    [
      'an index is renamed',
      { indexes: [byTitle] },
      { indexes: [{ ...byTitle, name: 'titles' }] },
      'Rename index by_title of Book to titles',
    ],
    [
      'a constraint is added',
      {},
      { constraints: [one, positive] },
      'Add constraint one_title to Book; Add constraint has_title to Book',
    ],
    ['a constraint is removed', { constraints: [one] }, {}, 'Remove constraint one_title from Book'],
    [
      'test_constraint_dropped_and_recreated: a changed constraint is replaced',
      { constraints: [positive] },
      { constraints: [check({ title__gt: 'a' }, { name: 'has_title' })] },
      'Remove constraint has_title from Book; Add constraint has_title to Book',
    ],
  ])('%s', async (_, before, after, expected) => {
    const made = await detect(state({ ...book, options: before }), state({ ...book, options: after }))
    expect(made[0]!.operations.map((operation) => operation.describe()).join('; ')).toBe(expected)
  })

  test('those over a new foreign key are created with the model', async () => {
    const to = state(
      author,
      withFields(
        book,
        { author: f.foreignKey('library.Author', cascade) },
        {
          constraints: [unique(['author', 'title'], { name: 'one' })],
          indexes: [index(['author'], { name: 'by_author' })],
        },
      ),
    )
    const made = await detect(state(), to)
    expect(said(made)).toEqual(['library.0001_initial: Create model Author; Create model Book'])
    expect(made[0]!.operations[1]!.args[2]).toEqual(to.get('library.Book').options)
  })

  test('those over a foreign key in a circle come with it or after it', async () => {
    const to = state(
      model('library.A', { b: f.foreignKey('library.B', cascade) }),
      model('library.B', { a: f.foreignKey('library.A', cascade) }, { indexes: [index(['a'], { name: 'by_a' })] }),
    )
    expect(said(await detect(state(), to))).toEqual([
      'library.0001_initial: Create model A; Create model B; Add field b to A',
    ])
  })

  test('a field goes after the constraint that mentions it', async () => {
    const from = state(withFields(book, { pages: f.integer() }, { constraints: [unique(['pages'], { name: 'p' })] }))
    expect(said(await detect(from, state(book)))[0]).toContain(
      'Remove constraint p from Book; Remove field pages from Book',
    )
  })

  test('a composite key over foreign keys is created at once, targets first', async () => {
    const link = model(
      'library.Credit',
      { book: f.foreignKey('library.Book', cascade), author: f.foreignKey('library.Author', cascade) },
      { primaryKey: ['book', 'author'] },
    )
    expect(said(await detect(state(), state(link, book, author)))).toEqual([
      'library.0001_initial: Create model Book; Create model Author; Create model Credit',
    ])
  })
})

describe('names', () => {
  test('long ones are cut', async () => {
    const many = Object.fromEntries(
      ['alphabetical', 'bibliographical', 'chronological', 'd'].map((name) => [name, f.text({ null: true })]),
    )
    const [made] = await detect(state(book), state(withFields(book, many)))
    expect(made!.name).toBe('0002_book_alphabetical_book_bibliographical_and_more')
  })
  test('MIG-04 test_custom_migration_name: a name given is used, with the number', async () => {
    const [made] = await detect(
      state(book),
      state(withFields(book, { pages: f.integer({ null: true }) })),
      {},
      { name: 'lengths' },
    )
    expect(made!.name).toBe('0002_lengths')
  })
})

test('sameValue ignores the order of keys and sees dates, bytes and markers', () => {
  expect(sameValue({ a: 1, b: [new Date(5)] }, { b: [new Date(5)], a: 1, c: undefined })).toBe(true)
  expect(sameValue(now, userModel)).toBe(false)
  expect(sameValue(Uint8Array.of(1), Uint8Array.of(2))).toBe(false)
  expect(sameValue({ a: 1 }, { a: 1n })).toBe(false)
})
