import { char, foreignKey, Model } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { allModels, extendsModel, indexName, modelByLabel, schemaName } from '../../../src/db/internal.ts'
import { Author, Book, Company, Contribution, Profile, Tag } from './app.ts'
import { Archivable, Timestamped } from './bases.ts'

describe('meta', () => {
  test('names tables, columns and keys as Django does', () => {
    expect(Book.meta).toMatchObject({ app: 'library', name: 'Book', label: 'library.Book', table: 'library_book' })
    expect(Book.meta.columns.map((field) => field.column)).toEqual([
      'id',
      'archived',
      'created_at',
      'updated_at',
      'title',
      'pages',
      'status',
      'published_at',
      'author_id',
      'settings',
    ])
    expect(Book.meta.columns.map((field) => field.attname)).toContain('authorId')
    expect(Book.meta.byAttname.get('authorId')).toBe(Book.meta.fields.get('author'))
  })
  test('adds an id only where no key is declared', () => {
    expect(Book.meta.pk.map((field) => [field.name, field.kind, field.generated])).toEqual([['id', 'auto', true]])
    expect(Tag.meta.pk.map((field) => field.name)).toEqual(['slug'])
    expect(Tag.meta.fields.has('id')).toBe(false)
    expect(Contribution.meta.pk.map((field) => field.name)).toEqual(['book', 'author', 'role'])
  })
  test('resolves relations both ways round a cycle of modules', () => {
    const author = Book.meta.fields.get('author')!
    expect(author.relation).toMatchObject({ type: 'foreignKey', single: true, target: Author, onDelete: 'cascade' })
    expect(author.kind).toBe('auto')
    expect(Author.meta.fields.get('books')!.relation).toMatchObject({ type: 'reverse', single: false, target: Book })
    expect(Author.meta.fields.get('books')!.relation!.via).toBe(author)
    expect(Author.meta.fields.get('profile')!.relation!.single).toBe(true)
    expect(Profile.meta.fields.get('author')).toMatchObject({ unique: true, index: false })
    expect(author).toMatchObject({ unique: false, index: true })
  })
  test('a key of text makes a foreign key of text', () => {
    const through = Book.meta.fields.get('tags')!.relation!.through!
    expect(through.to.kind).toBe('char')
    expect(through.to.type).toEqual({ kind: 'char', maxLength: 50 })
  })
  test('makes the table between two sides as Django lays it out', () => {
    const through = Book.meta.fields.get('tags')!.relation!.through!
    expect(through.auto).toBe(true)
    expect(through.model.meta).toMatchObject({
      label: 'library.Book_tags',
      table: 'library_book_tags',
      autoCreated: true,
    })
    expect(through.model.meta.columns.map((field) => field.column)).toEqual(['id', 'book_id', 'tag_id'])
    expect(through.from.relation!.target).toBe(Book)
    expect(through.to.relation!.target).toBe(Tag)
    const self = Book.meta.fields.get('related')!.relation!
    expect(self.through!.model.meta.columns.map((field) => field.column)).toEqual(['id', 'from_book_id', 'to_book_id'])
    expect(self.symmetrical).toBe(true)
    expect(Book.meta.fields.get('tags')!.relation!.symmetrical).toBe(false)
  })
  test('finds the keys of a through model', () => {
    const through = Book.meta.fields.get('contributors')!.relation!.through!
    expect(through).toMatchObject({ model: Contribution, auto: false })
    expect([through.from.name, through.to.name]).toEqual(['book', 'author'])
  })
  test('the reverse of a many-to-many field names it', () => {
    const { relation } = Tag.meta.fields.get('books')!
    expect(relation!.via).toBe(Book.meta.fields.get('tags'))
    expect(relation!.through).toBeNull()
  })
  test('lists what points here, the tables between included', () => {
    const incoming = Book.meta.incoming.map(({ field, model }) => `${model.meta.label}.${field.name}`)
    expect(incoming.sort()).toEqual([
      'library.Book.related',
      'library.Book_related.fromBook',
      'library.Book_related.toBook',
      'library.Book_tags.book',
      'library.Chapter.book',
      'library.Contribution.book',
    ])
  })
  test('names indexes and constraints as Django does', () => {
    expect(Book.meta.indexes).toEqual([{ name: 'library_boo_status_e07c71_idx', fields: ['status', '-publishedAt'] }])
    expect(Book.meta.constraints.map((each) => each.name)).toEqual([
      expect.stringMatching(/^library_book_author_id_title_[0-9a-f]{8}_uniq$/),
      expect.stringMatching(/^library_book_pages_[0-9a-f]{8}_check$/),
    ])
  })
  test('hashes names as Django does', () => {
    // names found in every Django database, and in django/tests/model_indexes/tests.py
    expect(schemaName('auth_permission', ['content_type_id', 'codename'], '_uniq')).toBe(
      'auth_permission_content_type_id_codename_01ab375a_uniq',
    )
    expect(schemaName('auth_user_groups', ['user_id', 'group_id'], '_uniq')).toBe(
      'auth_user_groups_user_id_group_id_94350c0c_uniq',
    )
    expect(schemaName('django_session', ['expire_date'])).toBe('django_session_expire_date_a5c62663')
    expect(indexName('model_indexes_book', ['author'])).toBe('model_index_author_0f5565_idx')
    expect(schemaName('a'.repeat(50), ['b'.repeat(40)], '_uniq')).toHaveLength(63)
  })
  test('takes the ordering of an abstract base where the model has none', () => {
    expect(Author.meta.ordering).toEqual(['name'])
    expect(Company.meta.ordering).toEqual([])
  })
})

describe('abstract bases', () => {
  test('several levels give fields, methods and super', () => {
    const author = new Author({ name: 'Ursula', email: 'u@example.com', createdAt: new Date('2020-01-01T00:00:00Z') })
    expect(author.describe()).toBe('Ursula: live since 2020')
    expect(author).toBeInstanceOf(Timestamped)
    expect(author).toBeInstanceOf(Archivable)
    expect(extendsModel(Author, Archivable)).toBe(true)
    expect(extendsModel(Tag, Archivable)).toBe(false)
  })
  test('are no models themselves', () => {
    expect(() => (Timestamped as unknown as typeof Book).meta).toThrow(/is abstract/)
  })
})

describe('apps', () => {
  test('a model without an app says so', () => {
    class Stray extends Model<Stray>()({ name: char({ maxLength: 10 }) }) {}
    expect(() => Stray.meta).toThrow(expect.objectContaining({ code: 'db.model-not-in-app' }))
    expect(() => new Stray({ name: 'x' })).toThrow(/Stray belongs to no app/)
  })
  test('a model belongs to one app', () => {
    const bind = (app: string, name: string) =>
      (Book as unknown as Record<symbol, (a: string, b: string) => void>)[Symbol.for('nuages.bind')]!(app, name)
    bind('library', 'Book')
    expect(() => bind('shop', 'Book')).toThrow(expect.objectContaining({ code: 'db.model-bound-twice' }))
  })
  test('models are found by label, near misses are named', () => {
    expect(modelByLabel('library.Book')).toBe(Book)
    expect(() => modelByLabel('library.Bok')).toThrow(expect.objectContaining({ hint: 'Did you mean library.Book?' }))
    expect(allModels().map((model) => model.meta.name)).toEqual([
      'Book',
      'Chapter',
      'Contribution',
      'Tag',
      'Author',
      'Company',
      'Profile',
    ])
    expect(allModels({ autoCreated: true }).map((model) => model.meta.name)).toContain('Book_tags')
  })
  test('an arrow may ask which models there are', async () => {
    const { defineApp } = await import('nuages')
    class Note extends Model<Note>()({
      owner: () =>
        foreignKey(allModels().find((model) => model.meta.label === 'library.Author')! as unknown as typeof Author, {
          onDelete: 'cascade',
        }),
    }) {}
    defineApp({ name: 'notes', root: import.meta.url, models: { Note } })
    expect(Note.meta.fields.get('owner')!.relation!.target).toBe(Author)
    expect(Author.meta.incoming.map(({ model }) => model.meta.label)).toContain('notes.Note')
  })
})
