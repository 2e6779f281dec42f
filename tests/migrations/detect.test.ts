// MIG-01, MIG-03: the autodetector's cases as a table: before, after, answers → operations. The topics are those of
// django/tests/migrations/test_autodetector.py, named in front of each.
import { expect, test } from 'vitest'
import { detectChanges } from '../../src/db/migrations/autodetector.ts'
import type { DraftMigration } from '../../src/db/migrations/drafts.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import { F, fn, Q, trigger } from '../../src/db/migrations/index.ts'
import { check, index, unique } from '../../src/db/migrations/operations/indexes.ts'
import { type Answers, FlagQuestioner } from '../../src/db/migrations/questioner.ts'
import { print } from '../../src/db/migrations/source.ts'
import {
  differingModel,
  type FieldState,
  type ModelState,
  type ModelStateOptions,
  ProjectState,
} from '../../src/db/migrations/state.ts'
import { userModel } from '../../src/db/migrations/values.ts'
import { operationSource } from '../../src/db/migrations/writer.ts'
import { f, model } from './states.ts'

const at = new Date('2026-01-31T09:30:00Z')
const cascade = { onDelete: 'cascade' } as const
const key = (target: `${string}.${string}`, more: object = {}) => f.foreignKey(target, { ...cascade, ...more })
const name = f.char({ maxLength: 200 })
const author = (fields: Record<string, FieldState> = { name }, options: ModelStateOptions = {}) =>
  model('app.Author', fields, options)
const book = (fields: Record<string, FieldState> = {}, options: ModelStateOptions = {}) =>
  model('other.Book', { title: name, ...fields }, options)
const doubled = (of: string) => f.generated(fn('*', F(of), 2), { output: f.integer() })
const stamp = trigger({ name: 'stamp', when: 'before', on: ['update'], do: { t: 'refuse', message: 'no' } })

interface Case {
  readonly before: readonly ModelState[]
  readonly after: readonly ModelState[]
  readonly answers?: Answers
  readonly user?: string
  /** A line per migration: its name, then its operations as written. */
  readonly expected: readonly string[]
}

async function detect({ before, after, answers = {}, user }: Case): Promise<DraftMigration[]> {
  const [from, to] = [new ProjectState(before, user ?? null), new ProjectState(after, user ?? null)]
  const apps = new Set(before.map((each) => each.app))
  const graph = new MigrationGraph(
    [...apps].map((app) => ({ app, name: '0001_initial', file: null, operations: [], dependencies: [] })),
  )
  const made = await detectChanges({ from, to, graph, questioner: new FlagQuestioner(answers), at })
  let reached = from
  for (const draft of made) for (const each of draft.operations) reached = each.toState(reached, draft.app)
  expect(differingModel(reached, to)).toBe(null)
  return made
}

/** On one line, without the spaces that the printer's layout makes. */
const said = (made: readonly DraftMigration[]) =>
  made.map(({ app, name, operations }) => {
    const text = operations.map((each) => print(operationSource(each)).replace(/\s+/g, ' ')).join('; ')
    return `${app}.${name}: ${text
      .replace(/ ?([{}]) ?/g, '$1')
      .replaceAll(',}', '}')
      .replace(/\}, ?\)/g, '})')
      .replaceAll('( ', '(')}`
  })

test.each<[topic: string, given: Case]>([
  [
    'test_new_model',
    {
      before: [],
      after: [author()],
      expected: [
        "app.0001_initial: createModel('Author',{id: fields.autoId({primaryKey: true}), name: fields.char({maxLength: 200})})",
      ],
    },
  ],
  ['test_old_model', { before: [author()], after: [], expected: ["app.0002_delete_author: deleteModel('Author')"] }],
  [
    'autodetector.test_add_field',
    {
      before: [author({})],
      after: [author({ age: f.integer({ null: true }) })],
      expected: ["app.0002_author_age: addField('Author', 'age', fields.integer({null: true}))"],
    },
  ],
  [
    'test_add_field_with_default',
    {
      before: [author({})],
      after: [author({ name: f.char({ default: 'Ada' }) })],
      expected: ["app.0002_author_name: addField('Author', 'name', fields.char({default: 'Ada'}))"],
    },
  ],
  [
    'test_add_field_before_generated_field',
    {
      before: [author({})],
      after: [author({ twice: doubled('age'), age: f.integer({ default: 0 }) })],
      expected: [
        "app.0002_author_age_author_twice: addField('Author', 'age', fields.integer({default: 0})); addField('Author', 'twice', fields.generated(fn('*', F('age'), 2),{output: fields.integer()}))",
      ],
    },
  ],
  [
    'test_remove_generated_field_before_its_base_field',
    {
      before: [author({ age: f.integer(), twice: doubled('age') })],
      after: [author({})],
      expected: [
        "app.0002_remove_author_twice_remove_author_age: removeField('Author', 'twice'); removeField('Author', 'age')",
      ],
    },
  ],
  [
    'autodetector.test_alter_field: what a generated column is computed from',
    {
      before: [author({ age: f.integer(), len: f.integer(), twice: doubled('age') })],
      after: [author({ age: f.integer(), len: f.integer(), twice: doubled('len') })],
      expected: [
        "app.0002_alter_author_twice: alterField('Author', 'twice', fields.generated(fn('*', F('len'), 2),{output: fields.integer()}))",
      ],
    },
  ],
  [
    'autodetector.test_alter_field: a default of the database',
    {
      before: [author({ age: f.integer() })],
      after: [author({ age: f.integer({ dbDefault: 3 }) })],
      expected: ["app.0002_alter_author_age: alterField('Author', 'age', fields.integer({dbDefault: 3}))"],
    },
  ],
  [
    'autodetector.test_alter_field: a comment',
    {
      before: [author({ age: f.integer() })],
      after: [author({ age: f.integer({ comment: 'years' }) })],
      expected: ["app.0002_alter_author_age: alterField('Author', 'age', fields.integer({comment: 'years'}))"],
    },
  ],
  [
    'test_alter_field_to_not_null_with_default',
    {
      before: [author({ age: f.integer({ null: true }) })],
      after: [author({ age: f.integer({ default: 1 }) })],
      expected: ["app.0002_alter_author_age: alterField('Author', 'age', fields.integer({default: 1}))"],
    },
  ],
  [
    'test_alter_field_to_not_null_with_db_default',
    {
      before: [author({ age: f.integer({ null: true }) })],
      after: [author({ age: f.integer({ dbDefault: 1 }) })],
      expected: ["app.0002_alter_author_age: alterField('Author', 'age', fields.integer({dbDefault: 1}))"],
    },
  ],
  [
    'test_alter_field_to_not_null_oneoff_default',
    {
      before: [author({ age: f.integer({ null: true }) })],
      after: [author({ age: f.integer() })],
      answers: { default: ['app.Author.age=7'] },
      expected: ["app.0002_alter_author_age: alterField('Author', 'age', fields.integer(),{fill: 7})"],
    },
  ],
  [
    'test_alter_field_to_fk_dependency_other_app',
    {
      before: [author(), book({ by: f.integer({ null: true }) })],
      after: [author(), book({ by: key('app.Author', { null: true }) })],
      expected: [
        "other.0002_alter_book_by: alterField('Book', 'by', fields.foreignKey('app.Author',{onDelete: 'cascade', null: true}))",
      ],
    },
  ],
  [
    'autodetector.test_rename_field',
    {
      before: [author()],
      after: [author({ names: name })],
      answers: { rename: ['app.Author.name:names'] },
      expected: ["app.0002_rename_name_author_names: renameField('Author', 'name', 'names')"],
    },
  ],
  [
    'test_rename_field_foreign_key_to_field',
    {
      before: [author({ code: f.char({ unique: true }) }), book({ by: key('app.Author', { toField: 'code' }) })],
      after: [author({ sign: f.char({ unique: true }) }), book({ by: key('app.Author', { toField: 'sign' }) })],
      answers: { rename: ['app.Author.code:sign'] },
      expected: ["app.0002_rename_code_author_sign: renameField('Author', 'code', 'sign')"],
    },
  ],
  [
    'test_rename_referenced_primary_key',
    {
      before: [model('app.Author', { code: f.char({ primaryKey: true }) }), book({ by: key('app.Author') })],
      after: [model('app.Author', { sign: f.char({ primaryKey: true }) }), book({ by: key('app.Author') })],
      answers: { rename: ['app.Author.code:sign'] },
      expected: ["app.0002_rename_code_author_sign: renameField('Author', 'code', 'sign')"],
    },
  ],
  [
    'test_rename_field_preserved_db_column',
    {
      before: [author({ field: f.integer() })],
      after: [author({ renamed: f.integer({ dbColumn: 'field' }) })],
      answers: { rename: ['app.Author.field:renamed'] },
      expected: [
        "app.0002_alter_author_field_rename_field_author_renamed: alterField('Author', 'field', fields.integer({dbColumn: 'field'})); renameField('Author', 'field', 'renamed')",
      ],
    },
  ],
  [
    'test_rename_related_field_preserved_db_column',
    {
      before: [author(), book({ by: key('app.Author') })],
      after: [author(), book({ writer: key('app.Author', { dbColumn: 'by_id' }) })],
      answers: { rename: ['other.Book.by:writer'] },
      expected: [
        "other.0002_alter_book_by_rename_by_book_writer: alterField('Book', 'by', fields.foreignKey('app.Author',{onDelete: 'cascade', dbColumn: 'by_id'})); renameField('Book', 'by', 'writer')",
      ],
    },
  ],
  [
    'test_rename_field_preserve_db_column_preserve_constraint: beside a unique on the old name',
    {
      before: [author({ a: name }, { constraints: [unique(['a'], { name: 'one' })] })],
      after: [author({ b: name }, { constraints: [unique(['b'], { name: 'one' })] })],
      answers: { rename: ['app.Author.a:b'] },
      expected: ["app.0002_rename_a_author_b: renameField('Author', 'a', 'b')"],
    },
  ],
  [
    'test_rename_field_without_db_column_recreate_constraint',
    {
      before: [author({ a: name }, { constraints: [unique(['a'], { name: 'one' })] })],
      after: [author({ b: name }, { constraints: [unique(['b'], { name: 'two' })] })],
      answers: { rename: ['app.Author.a:b'] },
      expected: [
        "app.0002_rename_a_author_b_remove_author_one_author_two: renameField('Author', 'a', 'b'); removeConstraint('Author', 'one'); addConstraint('Author', unique(['b'],{name: 'two'}))",
      ],
    },
  ],
  [
    'autodetector.test_rename_field beside an index that names follow',
    {
      before: [author({ a: name }, { indexes: [index(['a'], { name: 'by_a' })] })],
      after: [author({ b: name }, { indexes: [index(['b'], { name: 'by_b' })] })],
      answers: { rename: ['app.Author.a:b'] },
      expected: [
        "app.0002_rename_a_author_b_rename_by_a_by_b: renameField('Author', 'a', 'b'); renameIndex('Author', 'by_a', 'by_b')",
      ],
    },
  ],
  [
    'autodetector.test_rename_field and another type at once',
    {
      before: [author({ a: f.char({ maxLength: 9 }) })],
      after: [author({ b: f.text() })],
      answers: { rename: ['app.Author.a:b'] },
      expected: [
        "app.0002_rename_a_author_b_alter_author_b: renameField('Author', 'a', 'b'); alterField('Author', 'b', fields.text())",
      ],
    },
  ],
  [
    'autodetector.test_rename_model',
    {
      before: [author(), book({ by: key('app.Author') })],
      after: [model('app.Writer', { name }), book({ by: key('app.Writer') })],
      answers: { rename: ['app.Author:Writer'] },
      expected: ["app.0002_rename_author_writer: renameModel('Author', 'Writer')"],
    },
  ],
  [
    'test_rename_model_case',
    {
      before: [author(), book({ by: key('app.Author') })],
      after: [model('app.AUTHOR', { name }), book({ by: key('app.AUTHOR') })],
      answers: { rename: ['app.Author:AUTHOR'] },
      expected: ["app.0002_rename_author_author: renameModel('Author', 'AUTHOR')"],
    },
  ],
  [
    'autodetector.test_rename_m2m_through_model',
    {
      before: [
        author(),
        model('app.Pair', { a: key('app.Author'), b: key('other.Book') }),
        book({ by: f.manyToMany('app.Author', { through: 'app.Pair' }) }),
      ],
      after: [
        author(),
        model('app.Couple', { a: key('app.Author'), b: key('other.Book') }),
        book({ by: f.manyToMany('app.Author', { through: 'app.Couple' }) }),
      ],
      answers: { rename: ['app.Pair:Couple'] },
      expected: ["app.0002_rename_pair_couple: renameModel('Pair', 'Couple')"],
    },
  ],
  [
    'test_rename_model_with_renamed_rel_field',
    {
      before: [author(), book({ by: key('app.Author') })],
      after: [model('app.Writer', { name }), book({ writer: key('app.Writer') })],
      answers: { rename: ['app.Author:Writer', 'other.Book.by:writer'] },
      expected: [
        "app.0002_rename_author_writer: renameModel('Author', 'Writer')",
        "other.0002_rename_by_book_writer: renameField('Book', 'by', 'writer')",
      ],
    },
  ],
  [
    'test_rename_field_with_renamed_model',
    {
      before: [author()],
      after: [model('app.Writer', { names: name })],
      answers: { rename: ['app.Author:Writer', 'app.Writer.name:names'] },
      expected: [
        "app.0002_rename_author_writer_rename_name_writer_names: renameModel('Author', 'Writer'); renameField('Writer', 'name', 'names')",
      ],
    },
  ],
  [
    'a model that moves to another app',
    {
      before: [author(), book({ by: key('app.Author') })],
      after: [model('people.Author', { name }), book({ by: key('people.Author') })],
      answers: { rename: ['app.Author:people.Author'] },
      expected: ["people.0001_initial: moveModel('app.Author', 'Author')"],
    },
  ],
  [
    'test_fk_dependency',
    {
      before: [],
      after: [book({ by: key('app.Author') }), author({})],
      expected: [
        "app.0001_initial: createModel('Author',{id: fields.autoId({primaryKey: true})})",
        "other.0001_initial: createModel('Book',{id: fields.autoId({primaryKey: true}), title: fields.char({maxLength: 200}), by: fields.foreignKey('app.Author',{onDelete: 'cascade'})})",
      ],
    },
  ],
  [
    'test_circular_fk_dependency',
    {
      before: [],
      after: [model('app.A', { b: key('other.B') }), model('other.B', { a: key('app.A') })],
      expected: [
        "other.0001_initial: createModel('B',{id: fields.autoId({primaryKey: true})})",
        "app.0001_initial: createModel('A',{id: fields.autoId({primaryKey: true}), b: fields.foreignKey('other.B',{onDelete: 'cascade'})})",
        "other.0002_initial: addField('B', 'a', fields.foreignKey('app.A',{onDelete: 'cascade'}))",
      ],
    },
  ],
  [
    'test_same_app_circular_fk_dependency',
    {
      before: [],
      after: [model('app.A', { b: key('app.B') }), model('app.B', { a: key('app.A') })],
      expected: [
        "app.0001_initial: createModel('A',{id: fields.autoId({primaryKey: true})}); createModel('B',{id: fields.autoId({primaryKey: true}), a: fields.foreignKey('app.A',{onDelete: 'cascade'})}); addField('A', 'b', fields.foreignKey('app.B',{onDelete: 'cascade'}))",
      ],
    },
  ],
  [
    'test_alter_db_table_add',
    {
      before: [author({})],
      after: [author({}, { dbTable: 'people' })],
      expected: ["app.0002_alter_author_table: alterModelTable('Author', 'people')"],
    },
  ],
  [
    'test_alter_db_table_change',
    {
      before: [author({}, { dbTable: 'a' })],
      after: [author({}, { dbTable: 'b' })],
      expected: ["app.0002_alter_author_table: alterModelTable('Author', 'b')"],
    },
  ],
  [
    'test_alter_db_table_remove',
    {
      before: [author({}, { dbTable: 'a' })],
      after: [author({})],
      expected: ["app.0002_alter_author_table: alterModelTable('Author', null)"],
    },
  ],
  [
    'test_alter_db_table_no_changes',
    { before: [author({}, { dbTable: 'a' })], after: [author({}, { dbTable: 'a' })], expected: [] },
  ],
  [
    'test_alter_db_table_with_model_change',
    {
      before: [author({}, { dbTable: 'a' })],
      after: [model('app.Writer', {}, { dbTable: 'a' })],
      answers: { rename: ['app.Author:Writer'] },
      expected: ["app.0002_rename_author_writer: renameModel('Author', 'Writer')"],
    },
  ],
  [
    'test_alter_db_table_comment_add',
    {
      before: [author({})],
      after: [author({}, { comment: 'people' })],
      expected: ["app.0002_alter_author_options: alterModelOptions('Author',{comment: 'people'})"],
    },
  ],
  [
    'test_alter_db_table_comment_change',
    {
      before: [author({}, { comment: 'a' })],
      after: [author({}, { comment: 'b' })],
      expected: ["app.0002_alter_author_options: alterModelOptions('Author',{comment: 'b'})"],
    },
  ],
  [
    'test_alter_db_table_comment_remove',
    {
      before: [author({}, { comment: 'a' })],
      after: [author({})],
      expected: ["app.0002_alter_author_options: alterModelOptions('Author',{})"],
    },
  ],
  [
    'test_alter_db_table_comment_no_changes',
    { before: [author({}, { comment: 'a' })], after: [author({}, { comment: 'a' })], expected: [] },
  ],
  [
    'test_create_model_with_indexes',
    {
      before: [],
      after: [author({ name }, { indexes: [index(['name'], { name: 'by_name' })] })],
      expected: [
        "app.0001_initial: createModel('Author',{id: fields.autoId({primaryKey: true}), name: fields.char({maxLength: 200})},{indexes: [index(['name'],{name: 'by_name'})]})",
      ],
    },
  ],
  [
    'test_add_indexes',
    {
      before: [author()],
      after: [author({ name }, { indexes: [index(['name'], { name: 'by_name' })] })],
      expected: ["app.0002_author_by_name: addIndex('Author', index(['name'],{name: 'by_name'}))"],
    },
  ],
  [
    'test_remove_indexes',
    {
      before: [author({ name }, { indexes: [index(['name'], { name: 'by_name' })] })],
      after: [author()],
      expected: ["app.0002_remove_author_by_name: removeIndex('Author', 'by_name')"],
    },
  ],
  [
    'test_rename_indexes',
    {
      before: [author({ name }, { indexes: [index(['name'], { name: 'a' })] })],
      after: [author({ name }, { indexes: [index(['name'], { name: 'b' })] })],
      expected: ["app.0002_rename_a_b: renameIndex('Author', 'a', 'b')"],
    },
  ],
  [
    'test_order_fields_indexes',
    {
      before: [author({ name, age: f.integer() }, { indexes: [index(['name', 'age'], { name: 'a' })] })],
      after: [author({ name, age: f.integer() }, { indexes: [index(['age', 'name'], { name: 'a' })] })],
      expected: [
        "app.0002_remove_author_a_author_a: removeIndex('Author', 'a'); addIndex('Author', index(['age', 'name'],{name: 'a'}))",
      ],
    },
  ],
  [
    'test_create_model_with_check_constraint',
    {
      before: [],
      after: [author({ name }, { constraints: [check({ name__gt: '' }, { name: 'named' })] })],
      expected: [
        "app.0001_initial: createModel('Author',{id: fields.autoId({primaryKey: true}), name: fields.char({maxLength: 200})},{constraints: [check({name__gt: ''},{name: 'named'})]})",
      ],
    },
  ],
  [
    'test_add_constraints',
    {
      before: [author()],
      after: [author({ name }, { constraints: [check(Q.not({ name: '' }), { name: 'named' })] })],
      expected: ["app.0002_author_named: addConstraint('Author', check(Q.not({name: ''}),{name: 'named'}))"],
    },
  ],
  [
    'test_remove_constraints',
    {
      before: [author({ name }, { constraints: [check({ name__gt: '' }, { name: 'named' })] })],
      after: [author()],
      expected: ["app.0002_remove_author_named: removeConstraint('Author', 'named')"],
    },
  ],
  [
    'test_alter_constraint',
    {
      before: [author({ name }, { constraints: [check({ name__gt: '' }, { name: 'named' })] })],
      after: [author({ name }, { constraints: [check({ name__gt: 'a' }, { name: 'named' })] })],
      expected: [
        "app.0002_remove_author_named_author_named: removeConstraint('Author', 'named'); addConstraint('Author', check({name__gt: 'a'},{name: 'named'}))",
      ],
    },
  ],
  [
    'test_remove_field_and_unique_together: the constraint goes before its field',
    {
      before: [author({ name, age: f.integer() }, { constraints: [unique(['name', 'age'], { name: 'one' })] })],
      after: [author()],
      expected: [
        "app.0002_remove_author_one_remove_author_age: removeConstraint('Author', 'one'); removeField('Author', 'age')",
      ],
    },
  ],
  [
    'a trigger added',
    {
      before: [author()],
      after: [author({ name }, { triggers: [stamp] })],
      expected: [
        "app.0002_author_stamp: addTrigger('Author', trigger({name: 'stamp', when: 'before', on: ['update'], do:{t: 'refuse', message: 'no'}}))",
      ],
    },
  ],
  [
    'a trigger removed',
    {
      before: [author({ name }, { triggers: [stamp] })],
      after: [author()],
      expected: ["app.0002_remove_author_stamp: removeTrigger('Author', 'stamp')"],
    },
  ],
  [
    'a composite key',
    {
      before: [model('app.Line', { a: f.integer(), b: f.integer() }, { primaryKey: ['a', 'b'] })],
      after: [model('app.Line', { a: f.integer(), b: f.integer() }, { primaryKey: ['b', 'a'] })],
      expected: ["app.0002_alter_line_options: alterModelOptions('Line',{primaryKey: ['b', 'a']})"],
    },
  ],
  [
    'test_unmanaged_create',
    {
      before: [],
      after: [author({}, { managed: false })],
      expected: ["app.0001_initial: createModel('Author',{id: fields.autoId({primaryKey: true})},{managed: false})"],
    },
  ],
  [
    'test_unmanaged_delete',
    {
      before: [author({}, { managed: false })],
      after: [],
      answers: { drop: [] },
      expected: ["app.0002_delete_author: deleteModel('Author')"],
    },
  ],
  [
    'test_unmanaged_to_managed',
    {
      before: [author({}, { managed: false })],
      after: [author({})],
      expected: ["app.0002_alter_author_options: alterModelOptions('Author',{})"],
    },
  ],
  [
    'test_managed_to_unmanaged',
    {
      before: [author({})],
      after: [author({}, { managed: false })],
      expected: ["app.0002_alter_author_options: alterModelOptions('Author',{managed: false})"],
    },
  ],
  [
    'test_swappable',
    {
      before: [],
      after: [author({}), book({ by: f.foreignKey(userModel, cascade) })],
      user: 'app.Author',
      expected: [
        "app.0001_initial: createModel('Author',{id: fields.autoId({primaryKey: true})})",
        "other.0001_initial: createModel('Book',{id: fields.autoId({primaryKey: true}), title: fields.char({maxLength: 200}), by: fields.foreignKey(userModel,{onDelete: 'cascade'})})",
      ],
    },
  ],
  [
    'test_swappable_changed: a key that becomes one to the user',
    {
      before: [author({}), book({ by: key('app.Author') })],
      after: [author({}), book({ by: f.foreignKey(userModel, cascade) })],
      user: 'app.Author',
      expected: [
        "other.0002_alter_book_by: alterField('Book', 'by', fields.foreignKey(userModel,{onDelete: 'cascade'}))",
      ],
    },
  ],
  [
    'test_replace_string_with_foreignkey',
    {
      before: [author(), book({ by: f.char({ null: true }) })],
      after: [author(), book({ by: key('app.Author', { null: true }) })],
      expected: [
        "other.0002_alter_book_by: alterField('Book', 'by', fields.foreignKey('app.Author',{onDelete: 'cascade', null: true}))",
      ],
    },
  ],
  [
    'test_foreign_key_removed_before_target_model',
    {
      before: [author({ pub: key('app.Pub') }), model('app.Pub')],
      after: [author({})],
      expected: ["app.0002_remove_author_pub_delete_pub: removeField('Author', 'pub'); deleteModel('Pub')"],
    },
  ],
  [
    'test_add_many_to_many',
    {
      before: [author({}), model('app.Pub')],
      after: [author({ pubs: f.manyToMany('app.Pub') }), model('app.Pub')],
      expected: ["app.0002_author_pubs: addField('Author', 'pubs', fields.manyToMany('app.Pub'))"],
    },
  ],
  [
    'test_create_with_through_model',
    {
      before: [],
      after: [
        author({ pubs: f.manyToMany('app.Pub', { through: 'app.Deal' }) }),
        model('app.Pub'),
        model('app.Deal', { a: key('app.Author'), p: key('app.Pub') }),
      ],
      expected: [
        "app.0001_initial: createModel('Pub',{id: fields.autoId({primaryKey: true})}); createModel('Author',{id: fields.autoId({primaryKey: true})}); createModel('Deal',{id: fields.autoId({primaryKey: true}), a: fields.foreignKey('app.Author',{onDelete: 'cascade'}), p: fields.foreignKey('app.Pub',{onDelete: 'cascade'})}); addField('Author', 'pubs', fields.manyToMany('app.Pub',{through: 'app.Deal'}))",
      ],
    },
  ],
  [
    'test_many_to_many_removed_before_through_model',
    {
      before: [
        author({ pubs: f.manyToMany('app.Pub', { through: 'app.Deal' }) }),
        model('app.Pub'),
        model('app.Deal', { a: key('app.Author'), p: key('app.Pub') }),
      ],
      after: [author({}), model('app.Pub')],
      expected: ["app.0002_remove_author_pubs_delete_deal: removeField('Author', 'pubs'); deleteModel('Deal')"],
    },
  ],
  [
    'test_many_to_many_changed_to_concrete_field',
    {
      before: [author({ pubs: f.manyToMany('app.Pub') }), model('app.Pub')],
      after: [author({ pubs: f.char({ default: '' }) }), model('app.Pub')],
      expected: [
        "app.0002_remove_author_pubs_author_pubs: removeField('Author', 'pubs'); addField('Author', 'pubs', fields.char({default: ''}))",
      ],
    },
  ],
  [
    'test_concrete_field_changed_to_many_to_many',
    {
      before: [author({ pubs: f.char({ default: '' }) }), model('app.Pub')],
      after: [author({ pubs: f.manyToMany('app.Pub') }), model('app.Pub')],
      expected: [
        "app.0002_remove_author_pubs_author_pubs: removeField('Author', 'pubs'); addField('Author', 'pubs', fields.manyToMany('app.Pub'))",
      ],
    },
  ],
  [
    'test_non_circular_foreignkey_dependency_removal',
    {
      before: [
        model('app.Author', { c: key('app.Contract') }),
        model('app.Contract', { p: key('app.Pub') }),
        model('app.Pub'),
      ],
      after: [],
      expected: [
        "app.0002_delete_author_delete_contract_delete_pub: deleteModel('Author'); deleteModel('Contract'); deleteModel('Pub')",
      ],
    },
  ],
  [
    'autodetector.test_alter_model_options',
    {
      before: [author()],
      after: [author({ name }, { ordering: ['name'] })],
      expected: ["app.0002_alter_author_options: alterModelOptions('Author',{ordering: ['name']})"],
    },
  ],
  [
    'test_set_alter_order_with_respect_to, test_add_alter_order_with_respect_to',
    {
      before: [author(), book({ by: key('app.Author') })],
      after: [author(), book({ by: key('app.Author'), _order: f.integer() }, { orderWithRespectTo: 'by' })],
      expected: [
        "other.0002_book__order_alter_book_options: addField('Book', '_order', fields.integer(),{fill: 0}); alterModelOptions('Book',{orderWithRespectTo: 'by'})",
      ],
    },
  ],
  [
    'test_remove_alter_order_with_respect_to',
    {
      before: [author(), book({ by: key('app.Author'), _order: f.integer() }, { orderWithRespectTo: 'by' })],
      after: [author(), book({ by: key('app.Author') })],
      expected: [
        "other.0002_remove_book__order_alter_book_options: removeField('Book', '_order'); alterModelOptions('Book',{})",
      ],
    },
  ],
  [
    'test_pk_fk_included',
    {
      before: [],
      after: [author({}), model('app.Profile', { author: key('app.Author', { primaryKey: true }) })],
      expected: [
        "app.0001_initial: createModel('Author',{id: fields.autoId({primaryKey: true})}); createModel('Profile',{author: fields.foreignKey('app.Author',{onDelete: 'cascade', primaryKey: true})})",
      ],
    },
  ],
])('MIG-01 %s', async (_, given) => {
  const made = said(await detect(given))
  expect(made).toEqual(given.expected)
})

test('MIG-01 test_alter_field_to_not_null_without_default, test_add_non_blank_textfield_and_charfield: asked about', async () => {
  const asks = (before: ModelState, after: ModelState) =>
    expect(detect({ before: [before], after: [after], expected: [] })).rejects.toMatchObject({
      code: 'migrations.default-unanswered',
    })
  await asks(author({ age: f.integer({ null: true }) }), author({ age: f.integer() }))
  await asks(author({}), author({ name }))
})
