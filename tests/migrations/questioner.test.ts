import { char, text } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { readValue } from '../../src/db/migrations/answers.ts'
import { computedDefaults } from '../../src/db/migrations/from-models.ts'
import { FlagQuestioner, type Prompts } from '../../src/db/migrations/questioner.ts'
import { now } from '../../src/db/migrations/values.ts'
import { defineModel } from '../../src/db/models/model.ts'
import { ModelRegistry } from '../../src/db/models/registry.ts'
import { f } from './states.ts'

/** Prompts that choose the nth option, or type a text; keeps what was asked. */
function person(answer: number | string) {
  const asked: string[] = []
  const prompts: Prompts = {
    async select(message, choices) {
      asked.push(message, ...choices.map((choice) => choice.label))
      return choices[answer as number]!.value
    },
    async text(message, validate) {
      asked.push(message, validate('') ?? 'fine')
      return answer as string
    },
  }
  return { asked, prompts: async () => prompts }
}

describe('a person at a terminal', () => {
  test('MIG-02 test_makemigrations_field_rename_interactive: chooses between a rename and a new field, told what each keeps', async () => {
    const { asked, prompts } = person(0)
    const questioner = new FlagQuestioner({}, prompts)
    expect(await questioner.renamedField('library.Book', 'name', ['title', 'pages'], ['title'])).toBe('title')
    expect(asked).toEqual([
      'Is library.Book.name a new field, or one renamed?',
      'library.Book.title was renamed to name; what it holds is kept',
      'name is new; title will be removed with all it holds',
    ])
    expect(
      await new FlagQuestioner({}, person(1).prompts).renamedField('library.Book', 'name', ['title'], ['title']),
    ).toBeNull()
  })

  test('MIG-02 test_makemigrations_model_rename_interactive: chooses between a rename and a new model', async () => {
    const { prompts } = person(0)
    expect(
      await new FlagQuestioner({}, prompts).renamedModel('library.Novel', ['library.Book'], ['library.Book']),
    ).toBe('library.Book')
  })

  test('MIG-02 test_makemigrations_interactive_not_null_addition, test_makemigrations_interactive_not_null_alteration: gives a value, which is checked before it is taken', async () => {
    const { asked, prompts } = person('12')
    const question = { label: 'library.Book', name: 'pages', field: f.integer(), reason: 'added' } as const
    expect(await new FlagQuestioner({}, prompts).fill(question)).toBe(12)
    expect(asked[1]).toContain('not a whole number')
  })

  test('is not asked what a flag answers', async () => {
    const { asked, prompts } = person(1)
    const questioner = new FlagQuestioner(
      { rename: ['library.Book.title:name'], default: ['library.Book.pages=3'] },
      prompts,
    )
    expect(await questioner.renamedField('library.Book', 'name', ['title'], ['title'])).toBe('title')
    expect(await questioner.fill({ label: 'library.Book', name: 'pages', field: f.integer(), reason: 'added' })).toBe(3)
    expect(asked).toEqual([])
    expect(questioner.unused()).toEqual([])
  })
})

describe('readValue()', () => {
  test.each([
    [f.char({ maxLength: 5 }), '12', '12'],
    [f.text(), '', ''],
    [f.integer(), ' -3', -3],
    [f.float(), '1.5', 1.5],
    [f.bigInteger(), '9007199254740993', 9007199254740993n],
    [f.decimal(), '1.10', '1.10'],
    [f.boolean(), 'False', false],
    [f.date(), '2026-01-31', '2026-01-31'],
    [f.dateTime(), '2026-01-31T00:00:00Z', new Date('2026-01-31T00:00:00Z')],
    [f.dateTime(), 'now', now],
    [f.duration(), 'P1DT2H', 'P1DT2H'], // test_timedelta_default
    [f.uuid(), '5C859437-d061-4847-b3f7-e6b78852f8c8', '5c859437-d061-4847-b3f7-e6b78852f8c8'],
    [f.json(), '{"a":[1]}', { a: [1] }],
    [f.foreignKey('library.Author', { onDelete: 'cascade' }), '7', 7],
  ])('%j reads %j', (field, written, value) => {
    expect(readValue(written, field, 'x')).toEqual(value)
  })

  test.each([
    [f.char({ maxLength: 2 }), 'abc'],
    [f.integer(), '1.5'],
    [f.integer(), ''],
    [f.float(), 'Infinity'],
    [f.bigInteger(), '1n'],
    [f.decimal(), '1e3'],
    [f.boolean(), 'maybe'],
    [f.date(), '31.1.2026'],
    [f.dateTime(), '2026-99-99'],
    [f.time(), 'noon'],
    [f.duration(), 'a day'],
    [f.uuid(), '5c859437'],
    [f.json(), '{'],
  ])('%j refuses %j', (field, written) => {
    expect(() => readValue(written, field, 'library.Book.x')).toThrow(
      expect.objectContaining({ code: 'migrations.bad-default' }),
    )
  })
})

test('MIG-02 test_add_blank_textfield_and_charfield: text that forms may leave empty is empty in rows that exist, unasked', async () => {
  const fields = { bio: text({ blank: true }), nick: char({ maxLength: 9, blank: true }), motto: text() }
  const Author = defineModel({ app: 'app', name: 'Author', fields, registry: new ModelRegistry() })
  const known = computedDefaults({ apps: [{ name: 'app', root: '', models: { Author } }], user: null })
  expect(['bio', 'nick', 'motto'].map((field) => known('app.Author', field))).toEqual(['', '', undefined])
})
