// MIG-22: how calls and values are written, one by one. The topics are those of django/tests/migrations/test_writer.py.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as door from 'nuages/db/migrations'
import { expect, test } from 'vitest'
import { print } from '../../src/db/migrations/source.ts'
import { sameValue } from '../../src/db/migrations/values.ts'
import { operationSource, valueSource, writeMigration } from '../../src/db/migrations/writer.ts'

const { addField, alterModelOptions, createModel, deleteModel, fields: f, now, renameField, runSql } = door
const { addIndex, F, fn, index, separateDatabaseAndState, userModel } = door

test.each<[topic: string, operation: door.Operation, text: string]>([
  ['test_empty_signature', alterModelOptions('Book', {}), "alterModelOptions('Book', {})"],
  ['test_args_signature', renameField('Book', 'title', 'name'), "renameField('Book', 'title', 'name')"],
  ['test_kwargs_signature', runSql('x', { reverse: '' }), "runSql('x', { reverse: '' })"],
  [
    'test_args_kwargs_signature, test_serialize_fields',
    addField('Book', 'pages', f.integer({ null: true }), { fill: 2 }),
    "addField('Book', 'pages', fields.integer({ null: true }), { fill: 2 })",
  ],
  [
    'test_nested_args_signature, test_serialize_settings',
    addField('Book', 'owners', f.manyToMany(userModel, { through: 'library.Owning' })),
    "addField('Book', 'owners', fields.manyToMany(userModel, { through: 'library.Owning' }))",
  ],
  [
    'test_serialize_complex_func_index',
    addIndex('Book', index([fn('abs', F('rating')), '-title'], { name: 'complex', where: { rating__gt: 1 } })),
    "addIndex('Book', index([fn('abs', F('rating')), '-title'], { name: 'complex', where: { rating__gt: 1 } }))",
  ],
  ['test_multiline_args_signature', runSql('one\n    two'), "runSql('one\\n    two')"],
  [
    'test_expand_args_signature',
    createModel('Book', { id: f.autoId(), title: f.text() }),
    "createModel('Book', {\n  id: fields.autoId(),\n  title: fields.text(),\n})",
  ],
  [
    'test_nested_operation_expand_args_signature',
    separateDatabaseAndState({ state: [deleteModel('Book')], database: [runSql('drop')] }),
    "separateDatabaseAndState({\n  state: [deleteModel('Book')],\n  database: [runSql('drop')],\n})",
  ],
])('MIG-22 a call, %s', (_, operation, text) => {
  expect(print(operationSource(operation))).toBe(text)
})

const values: [topic: string, value: unknown, text: string][] = [
  ['test_serialize_numbers', 1, '1'],
  ['test_serialize_numbers', 1.2, '1.2'],
  ['test_serialize_numbers', -0, '-0'],
  ['test_serialize_numbers', Number.POSITIVE_INFINITY, 'Number.POSITIVE_INFINITY'],
  ['test_serialize_numbers', Number.NEGATIVE_INFINITY, 'Number.NEGATIVE_INFINITY'],
  ['test_serialize_numbers', Number.NaN, 'Number.NaN'],
  ['test_serialize_numbers', 9007199254740993n, '9007199254740993n'],
  ['test_serialize_numbers: decimals are text', '1.30', "'1.30'"],
  ['test_serialize_constants', null, 'null'],
  ['test_serialize_constants', true, 'true'],
  ['test_serialize_constants', false, 'false'],
  ['test_serialize_strings', 'foobar', "'foobar'"],
  ['test_serialize_strings', 'föobár', "'föobár'"],
  ['test_serialize_strings', "it's", '"it\'s"'],
  ['test_serialize_strings: bytes', Uint8Array.of(102, 0, 255), 'Uint8Array.of(102, 0, 255)'],
  ['test_serialize_strings: no bytes', Uint8Array.of(), 'Uint8Array.of()'],
  ['test_serialize_multiline_strings', 'foo\nbar', "'foo\\nbar'"],
  ['test_serialize_multiline_strings: what JavaScript takes for an end of line', 'a\u2028b', "'a\\u2028b'"],
  ['test_serialize_multiline_strings: a backslash', 'a\\n', "'a\\\\n'"],
  ['test_serialize_collections', ['a', 2, true, null], "['a', 2, true, null]"],
  ['test_serialize_collections', { lala: ['yeah', 'no'] }, "{ lala: ['yeah', 'no'] }"],
  ['test_serialize_collections: names that are none', { '1a': 2, 'b c': {} }, "{ '1a': 2, 'b c': {} }"],
  ['test_serialize_empty_nonempty_tuple', [], '[]'],
  ['test_serialize_empty_nonempty_tuple', ['a'], "['a']"],
  ['test_serialize_uuid', '5c859437-d061-4847-b3f7-e6b78852f8c8', "'5c859437-d061-4847-b3f7-e6b78852f8c8'"],
  ['test_serialize_datetime', new Date('2014-01-01T01:01:00Z'), "new Date('2014-01-01T01:01:00.000Z')"],
  [
    'test_serialize_datetime: of another zone',
    new Date('2013-12-31T22:01:00+03:00'),
    "new Date('2013-12-31T19:01:00.000Z')",
  ],
  ['test_serialize_datetime: the moment of migrating', now, 'now'],
  ['test_serialize_timedelta: a duration is text', 'PT42M', "'PT42M'"],
  ['test_serialize_fields: of a field', f.char({ maxLength: 255 }), 'fields.char({ maxLength: 255 })'],
]
test.each(values)('MIG-22 a value, %s', (_, value, text) => {
  expect(print(valueSource(value, 'x'))).toBe(text)
})

test('MIG-22 every one of them reads back as it was', async () => {
  const folder = mkdtempSync(join(import.meta.dirname, '.values-'))
  try {
    const operations = values.map(([, value], i) => addField('Book', `f${i}`, f.text(), { fill: value }))
    const file = join(folder, '0001_all.ts')
    writeFileSync(file, writeMigration({ operations }))
    const { default: read } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
      default: door.DeclaredMigration
    } // as written
    const back = read.operations.map(({ args }) => (args[3] as { fill: unknown }).fill)
    for (const [i, [topic, value]] of values.entries()) expect(sameValue(back[i], value), topic).toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each([
  ['a function', () => 1, 'the function'],
  ['a named one', function upload() {}, 'the function upload'],
  ['a class', class Other {}, 'the function Other'],
  ['a set', new Set([1]), 'an instance of Set'],
  ['an expression to match', /a/, 'an instance of RegExp'],
])(
  'MIG-22 test_serialize_functions, test_serialize_local_function_reference: %s is refused, by name',
  (_, value, said) => {
    expect(() => valueSource(value, 'field title of Book')).toThrow(
      expect.objectContaining({
        code: 'migrations.cannot-write',
        message: expect.stringMatching(new RegExp(`${said}.*field title of Book`)),
      }),
    )
  },
)

test('MIG-22 test_sorted_imports, test_models_import_omitted: what a file uses is imported, in the order of the alphabet', () => {
  const text = writeMigration({
    operations: [runSql('x'), addField('Book', 'seen', f.dateTime(), { fill: now }), renameField('Book', 'a', 'b')],
  })
  expect(text.split('\n')[0]).toBe(
    "import { addField, fields, migration, now, renameField, runSql } from 'nuages/db/migrations'",
  )
  expect(writeMigration({ operations: [] }).split('\n')[0]).toBe("import { migration } from 'nuages/db/migrations'")
})

test('MIG-22 test_migration_file_header_comments: none with a date; lines that are asked for stand at the top', () => {
  expect(writeMigration({ operations: [] })).toMatch(/^import /)
  expect(writeMigration({ operations: [], header: ['By hand.', 'Twice.'] })).toMatch(
    /^\/\/ By hand\.\n\/\/ Twice\.\nimport /,
  )
})
