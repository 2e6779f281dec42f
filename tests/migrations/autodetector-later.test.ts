// MIG-01, MIG-03: topics that versions of Django after 3.2 brought to django/tests/migrations/test_autodetector.py.
import { expect, test } from 'vitest'
import { F, fn, index, unique } from '../../src/db/migrations/index.ts'
import type { FieldState } from '../../src/db/migrations/state.ts'
import { type Detected, detect, said } from './detecting.ts'
import { f, model } from './states.ts'

const cascade = { onDelete: 'cascade' } as const
const key = (to: `${string}.${string}`) => f.foreignKey(to, cascade)
const name = f.char({ maxLength: 200 })
const author = (fields: Record<string, FieldState> = { name }, options: object = {}) =>
  model('app.Author', fields, options)
const joined = f.generated(fn('concat', F('first'), F('last')), { output: f.char({ maxLength: 40 }) })
const numbers = { a: f.integer(), b: f.integer() }
const first = unique(['a'], { name: 'u' })
const second = unique(['b'], { name: 'v' })
const pair = f.manyToMany('app.Pub')

test.each<[topic: string, given: Detected, expected: string[]]>([
  [
    'test_add_not_null_field_with_db_default: nobody is asked',
    { before: [author({})], after: [author({ name: f.char({ maxLength: 200, dbDefault: 'Ada' }) })] },
    ['app.0002_author_name (app.0001_initial): Add field name to Author'],
  ],
  [
    'test_remove_generated_field_before_multiple_base_fields',
    { before: [author({ first: name, last: name, full: joined })], after: [author({})] },
    [
      'app.0002_remove_author_full_remove_author_first_and_more (app.0001_initial): Remove field full from Author; Remove field first from Author; Remove field last from Author',
    ],
  ],
  [
    'test_remove_generated_field_and_one_of_multiple_base_fields',
    { before: [author({ first: name, last: name, full: joined })], after: [author({ last: name })] },
    [
      'app.0002_remove_author_full_remove_author_first (app.0001_initial): Remove field full from Author; Remove field first from Author',
    ],
  ],
  [
    'test_add_auto_field_does_not_request_default: rows are numbered when the old key is none any more',
    {
      before: [author({ code: f.integer({ primaryKey: true }) })],
      after: [author({ id: f.autoId({ primaryKey: true }), code: f.integer() })],
    },
    ['app.0002_alter_author_code_author_id (app.0001_initial): Alter field code of Author; Add field id to Author'],
  ],
  [
    'test_rename_field_preserve_db_column_recreate_constraint',
    {
      before: [
        author(
          { a: f.integer({ dbColumn: 'a' }), b: f.integer({ dbColumn: 'b' }) },
          { constraints: [unique(['a', 'b'], { name: 'u' })] },
        ),
      ],
      after: [
        author(
          { c: f.integer({ dbColumn: 'a' }), d: f.integer({ dbColumn: 'b' }) },
          { constraints: [unique(['c'], { name: 'u' })] },
        ),
      ],
      answers: { rename: ['app.Author.a:c', 'app.Author.b:d'] },
    },
    [
      'app.0002_rename_a_author_c_rename_b_author_d_remove_author_u_and_more (app.0001_initial): Rename field a of Author to c; Rename field b of Author to d; Remove constraint u from Author; Add constraint u to Author',
    ],
  ],
  [
    'test_remove_field_with_model_options',
    {
      before: [
        model('app.Animal'),
        model(
          'app.Dog',
          { name, animal: key('app.Animal') },
          {
            indexes: [index(['animal', 'name'], { name: 'i' })],
            constraints: [unique(['animal', 'name'], { name: 'u' })],
          },
        ),
      ],
      after: [],
    },
    ['app.0002_delete_dog_delete_animal (app.0001_initial): Delete model Dog; Delete model Animal'],
  ],
  [
    'test_remove_field_with_remove_index_or_constraint_dependency',
    {
      before: [
        model('app.Category'),
        model(
          'app.Post',
          { date: f.date(), category: key('app.Category') },
          { constraints: [unique(['date', 'category'], { name: 'u' })] },
        ),
      ],
      after: [model('app.Post', { date: f.date() })],
    },
    [
      'app.0002_remove_post_u_remove_post_category_delete_category (app.0001_initial): Remove constraint u from Post; Remove field category from Post; Delete model Category',
    ],
  ],
  [
    'test_add_constraints_with_new_model, test_add_index_with_new_model, test_create_model_and_unique_together',
    {
      before: [author()],
      after: [
        author(
          { name, pony: f.foreignKey('app.Pony', { ...cascade, null: true }) },
          { indexes: [index(['name', 'pony'], { name: 'i' })], constraints: [unique(['name', 'pony'], { name: 'u' })] },
        ),
        model('app.Pony'),
      ],
    },
    [
      'app.0002_pony_author_pony_author_i_author_u (app.0001_initial): Create model Pony; Add field pony to Author; Add index i to Author; Add constraint u to Author',
    ],
  ],
  [
    'test_partly_alter_unique_together_increase',
    { before: [author(numbers, { constraints: [first] })], after: [author(numbers, { constraints: [first, second] })] },
    ['app.0002_author_v (app.0001_initial): Add constraint v to Author'],
  ],
  [
    'test_partly_alter_unique_together_decrease',
    { before: [author(numbers, { constraints: [first, second] })], after: [author(numbers, { constraints: [first] })] },
    ['app.0002_remove_author_v (app.0001_initial): Remove constraint v from Author'],
  ],
  [
    'test_alter_field_and_unique_together: fields change when the old constraint is gone and the new one not yet there',
    {
      before: [author({ a: f.integer(), b: f.integer({ dbIndex: true }) }, { constraints: [first] })],
      after: [author({ a: f.integer({ unique: true }), b: f.integer() }, { constraints: [second] })],
    },
    [
      'app.0002_remove_author_u_alter_author_a_alter_author_b_and_more (app.0001_initial): Remove constraint u from Author; Alter field a of Author; Alter field b of Author; Add constraint v to Author',
    ],
  ],
  [
    'test_alter_unique_together_fk_to_m2m',
    {
      before: [
        author(),
        model(
          'other.Book',
          { title: name, author: key('app.Author') },
          { constraints: [unique(['author', 'title'], { name: 'u' })] },
        ),
      ],
      after: [author(), model('other.Book', { title: name, author: f.manyToMany('app.Author') })],
    },
    [
      'other.0002_remove_book_u_remove_book_author_book_author (app.0001_initial, other.0001_initial): Remove constraint u from Book; Remove field author from Book; Add field author to Book',
    ],
  ],
  [
    'test_create_with_through_model_separate_apps',
    {
      after: [
        model('a.Author', { pubs: f.manyToMany('p.Pub', { through: 'c.Contract' }) }),
        model('c.Contract', { author: key('a.Author'), pub: key('p.Pub') }),
        model('p.Pub'),
      ],
    },
    [
      'p.0001_initial (): Create model Pub',
      'a.0001_initial (): Create model Author',
      'c.0001_initial (a.0001_initial, p.0001_initial): Create model Contract',
      'a.0002_initial (a.0001_initial, c.0001_initial, p.0001_initial): Add field pubs to Author',
    ],
  ],
  [
    'test_m2m_target_change_generates_remove_and_add',
    {
      before: [author({ pubs: pair }), model('app.Pub'), model('app.Press')],
      after: [author({ pubs: f.manyToMany('app.Press') }), model('app.Pub'), model('app.Press')],
    },
    [
      'app.0002_remove_author_pubs_author_pubs (app.0001_initial): Remove field pubs from Author; Add field pubs to Author',
    ],
  ],
  [
    'test_add_composite_pk',
    {
      before: [author({ id: f.autoId({ primaryKey: true }), ...numbers })],
      after: [author({ id: f.integer(), ...numbers }, { primaryKey: ['a', 'b'] })],
    },
    [
      'app.0002_alter_author_id_alter_author_options (app.0001_initial): Alter field id of Author; Change options of Author',
    ],
  ],
  [
    'test_remove_composite_pk',
    {
      before: [author({ id: f.integer(), ...numbers }, { primaryKey: ['a', 'b'] })],
      after: [author({ id: f.autoId({ primaryKey: true }), ...numbers })],
    },
    [
      'app.0002_alter_author_id_alter_author_options (app.0001_initial): Alter field id of Author; Change options of Author',
    ],
  ],
])('MIG-01 %s', async (_, given, expected) => {
  expect(said(await detect(given))).toEqual(expected)
})
