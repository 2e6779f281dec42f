// MIG-01, MIG-03: what waits for what. More topics of django/tests/migrations/test_autodetector.py; what each change is written
// as is in detect.test.ts. Beyond 400 lines: one table of cases.
import { expect, test } from 'vitest'
import { sqliteBackend } from '../../src/db/backends/sqlite/index.ts'
import { F, fn, index, unique } from '../../src/db/migrations/index.ts'
import { changeTables } from '../../src/db/migrations/schema.ts'
import type { FieldState } from '../../src/db/migrations/state.ts'
import { userModel } from '../../src/db/migrations/values.ts'
import { type Detected, detect, said } from './detecting.ts'
import { f, model, state } from './states.ts'

const cascade = { onDelete: 'cascade' } as const
const key = (to: `${string}.${string}`) => f.foreignKey(to, cascade)
const toUser = f.foreignKey(userModel, cascade)
const name = f.char({ maxLength: 200 })

interface Case extends Detected {
  /** `app.0001_name (what it depends on): what it does` */
  readonly expected: readonly string[]
}

const author = (fields: Record<string, FieldState> = { name }) => model('app.Author', fields)
const together = {
  constraints: [unique(['name', 'age'], { name: 'u' })],
  indexes: [index(['name', 'age'], { name: 'i' })],
}
const pair = (options: object, fields: Record<string, FieldState> = {}) =>
  model('app.Author', { name, age: f.integer({ null: true }), ...fields }, options)
const book = (more: object = {}) => model('other.Book', { by: key('app.Author') }, more)

test.each<[topic: string, given: Case]>([
  [
    'autodetector.test_remove_field',
    {
      before: [author()],
      after: [author({})],
      expected: ['app.0002_remove_author_name (app.0001_initial): Remove field name from Author'],
    },
  ],
  [
    'test_rename_model_with_fks_in_different_position',
    {
      before: [model('app.A'), model('app.B', { label: name, a: key('app.A') })],
      after: [model('app.A'), model('app.C', { a: key('app.A'), label: name })],
      answers: { rename: ['app.B:C'] },
      expected: ['app.0002_rename_b_c (app.0001_initial): Rename model B to C'],
    },
  ],
  [
    'test_rename_model_reverse_relation_dependencies',
    {
      before: [author(), book()],
      after: [model('app.Writer', { name }), model('other.Book', { by: key('app.Writer') })],
      answers: { rename: ['app.Author:Writer'] },
      expected: ['app.0002_rename_author_writer (app.0001_initial, other.0001_initial): Rename model Author to Writer'],
    },
  ],
  [
    'test_keep_db_table_with_model_change',
    {
      before: [model('app.Author', { name }, { dbTable: 'kept' })],
      after: [model('app.Writer', { name }, { dbTable: 'kept' })],
      answers: { rename: ['app.Author:Writer'] },
      expected: ['app.0002_rename_author_writer (app.0001_initial): Rename model Author to Writer'],
    },
  ],
  [
    'test_same_app_no_fk_dependency',
    {
      after: [model('app.Author', { pub: key('app.Pub') }), model('app.Pub')],
      expected: ['app.0001_initial (): Create model Pub; Create model Author'],
    },
  ],
  [
    'test_same_app_circular_fk_dependency_with_unique_together_and_indexes',
    {
      after: [
        model('app.Knight', { rabbit: key('app.Rabbit') }),
        model(
          'app.Rabbit',
          { knight: key('app.Knight'), parent: key('app.Rabbit') },
          {
            constraints: [unique(['parent', 'knight'], { name: 'u' })],
            indexes: [index(['parent', 'knight'], { name: 'i' })],
          },
        ),
      ],
      expected: ['app.0001_initial (): Create model Knight; Create model Rabbit; Add field rabbit to Knight'],
    },
  ],
  [
    'test_empty_foo_together, test_foo_together_no_changes, test_empty_unique_together, test_unique_together_no_changes',
    { before: [pair(together)], after: [pair(together)], expected: [] },
  ],
  [
    'test_add_foo_together, test_add_unique_together',
    {
      before: [pair({})],
      after: [pair(together)],
      expected: ['app.0002_author_i_author_u (app.0001_initial): Add index i to Author; Add constraint u to Author'],
    },
  ],
  [
    'test_remove_foo_together, test_remove_unique_together',
    {
      before: [pair(together)],
      after: [pair({})],
      expected: [
        'app.0002_remove_author_i_remove_author_u (app.0001_initial): Remove index i from Author; Remove constraint u from Author',
      ],
    },
  ],
  [
    'test_foo_together_ordering, test_unique_together_ordering',
    {
      before: [pair(together)],
      after: [pair({ ...together, constraints: [unique(['age', 'name'], { name: 'u' })] })],
      expected: [
        'app.0002_remove_author_u_author_u (app.0001_initial): Remove constraint u from Author; Add constraint u to Author',
      ],
    },
  ],
  [
    'test_foo_together_remove_fk, test_unique_together_remove_fk',
    {
      before: [
        author(),
        book({ constraints: [unique(['id', 'by'], { name: 'u' })], indexes: [index(['id', 'by'], { name: 'i' })] }),
      ],
      after: [author(), model('other.Book')],
      expected: [
        'other.0002_remove_book_i_remove_book_u_remove_book_by (other.0001_initial): Remove index i from Book; Remove constraint u from Book; Remove field by from Book',
      ],
    },
  ],
  [
    'test_add_field_and_foo_together, test_add_field_and_unique_together',
    {
      before: [author()],
      after: [pair(together)],
      expected: [
        'app.0002_author_age_author_i_author_u (app.0001_initial): Add field age to Author; Add index i to Author; Add constraint u to Author',
      ],
    },
  ],
  [
    'test_remove_field_and_foo_together',
    {
      before: [pair(together)],
      after: [author()],
      expected: [
        'app.0002_remove_author_i_remove_author_u_remove_author_age (app.0001_initial): Remove index i from Author; Remove constraint u from Author; Remove field age from Author',
      ],
    },
  ],
  [
    'test_rename_field_and_foo_together, test_rename_field_and_unique_together, test_rename_field_and_unique_together_with_list_value',
    {
      before: [pair(together)],
      after: [
        model(
          'app.Author',
          { name, years: f.integer({ null: true }) },
          {
            constraints: [unique(['name', 'years'], { name: 'u' })],
            indexes: [index(['name', 'years'], { name: 'i' })],
          },
        ),
      ],
      answers: { rename: ['app.Author.age:years'] },
      expected: ['app.0002_rename_age_author_years (app.0001_initial): Rename field age of Author to years'],
    },
  ],
  [
    'test_alter_many_to_many',
    {
      before: [author({ pubs: f.manyToMany('app.Pub') }), model('app.Pub')],
      after: [author({ pubs: f.manyToMany('app.Pub', { dbTable: 'deals' }) }), model('app.Pub')],
      expected: ['app.0002_alter_author_pubs (app.0001_initial): Alter field pubs of Author'],
    },
  ],
  [
    'test_many_to_many_removed_before_through_model_2',
    {
      before: [
        author(),
        model('other.Book', { authors: f.manyToMany('app.Author', { through: 'other.Credit' }) }),
        model('other.Credit', { author: key('app.Author'), book: key('other.Book') }),
      ],
      after: [author()],
      answers: { drop: ['all'] },
      expected: [
        'other.0002_remove_book_authors_delete_credit_delete_book (other.0001_initial): Remove field authors from Book; Delete model Credit; Delete model Book',
      ],
    },
  ],
  [
    'test_m2m_w_through_multistep_remove',
    {
      before: [
        author({ pubs: f.manyToMany('app.Pub', { through: 'app.Deal' }) }),
        model('app.Pub'),
        model('app.Deal', { author: key('app.Author'), pub: key('app.Pub') }),
      ],
      after: [model('app.Pub')],
      answers: { drop: ['all'] },
      expected: [
        'app.0002_remove_author_pubs_delete_deal_delete_author (app.0001_initial): Remove field pubs from Author; Delete model Deal; Delete model Author',
      ],
    },
  ],
  [
    'test_add_model_order_with_respect_to, test_add_model_order_with_respect_to_index_foo_together, test_add_model_order_with_respect_to_index_constraint, test_add_model_order_with_respect_to_unique_together, test_add_model_order_with_respect_to_constraint, test_add_model_order_with_respect_to_index',
    {
      before: [author()],
      after: [
        author(),
        model(
          'app.Book',
          { by: key('app.Author'), _order: f.integer() },
          {
            orderWithRespectTo: 'by',
            indexes: [index(['by', '_order'], { name: 'i' })],
            constraints: [unique(['by', '_order'], { name: 'u' })],
          },
        ),
      ],
      expected: ['app.0002_book (app.0001_initial): Create model Book'],
    },
  ],
  [
    'test_set_alter_order_with_respect_to_index_constraint_foo_together, test_set_alter_order_with_respect_to_index_constraint_unique_together',
    {
      before: [author(), book()],
      after: [
        author(),
        model(
          'other.Book',
          { by: key('app.Author'), _order: f.integer() },
          {
            orderWithRespectTo: 'by',
            indexes: [index(['_order'], { name: 'i' })],
            constraints: [unique(['id', '_order'], { name: 'u' })],
          },
        ),
      ],
      expected: [
        'other.0002_book__order_alter_book_options_book_i_book_u (other.0001_initial): Add field _order to Book; Change options of Book; Add index i to Book; Add constraint u to Book',
      ],
    },
  ],
  [
    'test_alter_fk_before_model_deletion',
    {
      before: [author(), model('app.Pub', { by: key('app.Author') })],
      after: [model('app.Aardvark', { age: f.integer() }), model('app.Pub', { by: key('app.Aardvark') })],
      answers: { noRenames: true },
      expected: [
        'app.0002_aardvark_alter_pub_by_delete_author (app.0001_initial): Create model Aardvark; Alter field by of Pub; Delete model Author',
      ],
    },
  ],
  [
    'test_fk_dependency_other_app: a field alone',
    {
      before: [author(), model('other.Book')],
      after: [author(), book()],
      answers: { default: ['other.Book.by=1'] },
      expected: ['other.0002_book_by (app.0001_initial, other.0001_initial): Add field by to Book'],
    },
  ],
  [
    'test_fk_dependency: the migration waits for that of its target',
    {
      after: [book(), author()],
      expected: [
        'app.0001_initial (): Create model Author',
        'other.0001_initial (app.0001_initial): Create model Book',
      ],
    },
  ],
  [
    'test_alter_field_to_fk_dependency_other_app: so does one that makes a field a reference',
    {
      before: [author(), model('other.Book', { by: f.integer({ null: true }) })],
      after: [author(), model('other.Book', { by: f.foreignKey('app.Author', { ...cascade, null: true }) })],
      expected: ['other.0002_alter_book_by (app.0001_initial, other.0001_initial): Alter field by of Book'],
    },
  ],
  [
    'test_circular_fk_dependency: three migrations that wait for one another in turn',
    {
      after: [model('app.A', { b: key('other.B') }), model('other.B', { a: key('app.A') })],
      expected: [
        'other.0001_initial (): Create model B',
        'app.0001_initial (other.0001_initial): Create model A',
        'other.0002_initial (app.0001_initial, other.0001_initial): Add field a to B',
      ],
    },
  ],
  [
    'test_add_fk_before_generated_field: a reference comes before what is computed from it',
    {
      before: [author(), model('app.Book')],
      after: [
        author(),
        model('app.Book', {
          twice: f.generated(fn('*', F('byId'), 2), { output: f.integer() }),
          by: f.foreignKey('app.Author', { ...cascade, null: true }),
        }),
      ],
      expected: ['app.0002_book_by_book_twice (app.0001_initial): Add field by to Book; Add field twice to Book'],
    },
  ],
  [
    'test_circular_dependency_mixed_addcreate, test_arrange_for_graph_with_multiple_initial',
    {
      after: [
        model('a.Address', { country: key('b.Country') }),
        model('a.Person'),
        model('b.Package', { person: key('a.Person') }),
        model('b.Country'),
      ],
      expected: [
        'b.0001_initial (): Create model Country; Create model Package',
        'a.0001_initial (b.0001_initial): Create model Address; Create model Person',
        'b.0002_initial (a.0001_initial, b.0001_initial): Add field person to Package',
      ],
    },
  ],
  [
    'test_circular_dependency_swappable',
    {
      after: [model('b.Address', { tenant: toUser }), model('a.Tenant', { address: key('b.Address') })],
      user: 'a.Tenant',
      expected: [
        'a.0001_initial (): Create model Tenant',
        'b.0001_initial (the user): Create model Address',
        'a.0002_initial (a.0001_initial, b.0001_initial): Add field address to Tenant',
      ],
    },
  ],
  [
    'test_circular_dependency_swappable2',
    {
      after: [model('a.Address', { tenant: toUser }), model('b.Tenant', { address: key('a.Address') })],
      user: 'b.Tenant',
      expected: [
        'b.0001_initial (): Create model Tenant',
        'a.0001_initial (the user): Create model Address',
        'b.0002_initial (a.0001_initial, b.0001_initial): Add field address to Tenant',
      ],
    },
  ],
  [
    'test_circular_dependency_swappable_self',
    {
      after: [model('a.Person', { parent: toUser })],
      user: 'a.Person',
      expected: ['a.0001_initial (): Create model Person'],
    },
  ],
  [
    'test_swappable_first_setting: the user is in the first migration, wherever others are',
    {
      after: [
        model('a.Aardvark', { b: key('b.B') }),
        model('a.User'),
        model('b.B', { by: toUser, a: key('a.Aardvark') }),
      ],
      user: 'a.User',
      expected: [],
    },
  ],
])('MIG-01 %s', async (topic, given) => {
  const made = await detect(given)
  if (topic.startsWith('test_swappable_first_setting')) {
    const first = made.find(({ app }) => app === 'a')!
    expect(first.operations.map((each) => each.describe())).toContain('Create model User')
  } else expect(said(made)).toEqual(given.expected)
})

test('MIG-01 test_unmanaged_custom_pk: a reference to a table of somebody else’s names its key', async () => {
  const legacy = (fields: Record<string, FieldState>) => model('app.Author', fields, { managed: false })
  for (const [fields, column] of [
    [{}, 'id'],
    [{ number: f.integer({ primaryKey: true }) }, 'number'],
  ] as const) {
    const from = state(legacy(fields))
    const { statements } = await changeTables(sqliteBackend, from, from.with(book()), {})
    expect(statements.join()).toContain(`REFERENCES "app_author" ("${column}")`)
  }
})
