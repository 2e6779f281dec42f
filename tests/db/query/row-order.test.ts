/** The order that people give to the rows of a group (MOD-18): `orderWithRespectTo`. */
import { defineApp } from 'nuages'
import { char, foreignKey, getOrder, integer, Model, nextInOrder, previousInOrder, reverse, setOrder } from 'nuages/db'
import { serialize } from 'nuages/db/serializers'
import { describe, expect, test } from 'vitest'
import { ordered } from '../../../src/admin/changelist/order.ts'
import { resolveOptions } from '../../../src/admin/model-admin.ts'
import { checkModel } from '../../../src/db/checks.ts'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import type { Operation } from '../../../src/db/migrations/operations/operation.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { renderState } from '../../../src/db/migrations/render.ts'
import { ProjectState } from '../../../src/db/migrations/state.ts'
import { writeMigration } from '../../../src/db/migrations/writer.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Question extends Model<Question>()({
  text: char({ maxLength: 50 }),
  answers: () => reverse(Answer, 'question'),
}) {}
class Answer extends Model<Answer>()(
  {
    question: () => foreignKey(Question, { onDelete: 'cascade', null: true }),
    text: char({ maxLength: 50 }),
  },
  { orderWithRespectTo: 'question' },
) {}
class Step extends Model<Step>()(
  { list: char({ maxLength: 9 }), title: char({ maxLength: 9, unique: true }) },
  { orderWithRespectTo: 'list' },
) {}
class Plain extends Model<Plain>()({ rank: integer() }, { ordering: ['rank'] }) {}
class Misnamed extends Model<Misnamed>()({ list: char({ maxLength: 9 }) }, { orderWithRespectTo: 'lsit' as 'list' }) {}
class Both extends Model<Both>()(
  { list: char({ maxLength: 9 }) },
  { ordering: ['list'], orderWithRespectTo: 'list' },
) {}
defineApp({ name: 'ordered', root: import.meta.url, models: { Question, Answer, Step, Plain, Misnamed } })
freshTablesOf(Question, Answer, Step)

const flat = { flat: true } as const

async function asked() {
  const [first, other] = await Question.objects.bulkCreate([{ text: 'Who?' }, { text: 'Where?' }])
  const [a, b, c] = [
    await Answer.objects.create({ question: first!, text: 'a' }),
    await first!.answers.create({ text: 'b' }),
    await new Answer({ question: first!.id, text: 'c' }).save(),
  ]
  const d = await Answer.objects.create({ question: other!, text: 'd' })
  return { first: first!, other: other!, a, b, c, d }
}

describe('MOD-18 rows in the order of their group', () => {
  test('a new row is the last of its group; rows come in that order', async () => {
    const { first, a, b, c, d } = await asked()
    expect([a, b, c, d].map((each) => each._order)).toEqual([0, 1, 2, 0])
    expect(await first.answers.valuesList('text', flat)).toEqual(['a', 'b', 'c'])
    expect(await first.answers.orderBy('-_order').valuesList('text', flat)).toEqual(['c', 'b', 'a'])
    expect(await Question.objects.filter({ answers___order: 2 }).count()).toBe(1)
    await b.delete()
    expect((await first.answers.create({ text: 'e' }))._order).toBe(3)
  })

  test('many rows at once: counted on in each group, those without a group together, a place that is given is kept', async () => {
    const { first, other } = await asked()
    const made = await Answer.objects.bulkCreate([
      { question: first, text: 'e' },
      { question: other, text: 'f' },
      { question: first, text: 'g' },
      { question: null, text: 'h' },
      { question: null, text: 'i' },
      { question: other, text: 'j', _order: 40 },
    ])
    expect(made.map((each) => each._order)).toEqual([3, 1, 4, 0, 1, 40])
    expect((await Answer.objects.create({ text: 'k' }))._order).toBe(2)
    expect((await other.answers.create({ text: 'l' }))._order).toBe(41)
    const written = await Step.objects.upsert(
      [
        { list: 'x', title: 'one' },
        { list: 'x', title: 'two' },
      ],
      {
        conflict: ['title'],
        update: ['list'],
      },
    )
    expect(written.map((each) => each._order)).toEqual([0, 1])
    const [again] = await Step.objects.getOrCreate({ list: 'x', title: 'three' })
    expect(again._order).toBe(2)
  })

  test('getOrder and setOrder: keys or instances, all of them or none', async () => {
    const { first, a, b, c, d } = await asked()
    expect(await getOrder(first.answers)).toEqual([a.id, b.id, c.id])
    await setOrder(first.answers, [c.id, a, b.id])
    expect(await getOrder(first.answers)).toEqual([c.id, a.id, b.id])
    await setOrder(Answer.objects.filter({ question: first }), [b, c])
    expect(await first.answers.valuesList('text', '_order')).toEqual([
      ['b', 0],
      ['a', 1],
      ['c', 1],
    ])
    await expect(setOrder(first.answers, [a, d])).rejects.toMatchObject({ code: 'db.not-in-order', status: 400 })
    await expect(setOrder(first.answers, [a, a.id])).rejects.toMatchObject({ code: 'db.not-in-order' })
    expect(await getOrder(first.answers)).toEqual([b.id, a.id, c.id])
    await setOrder(first.answers, [])
    // @ts-expect-error Plain has no order of its own
    await expect(getOrder(Plain.objects)).rejects.toMatchObject({ code: 'db.unordered-model' })
    // @ts-expect-error keys of answers are numbers
    const misused = () => setOrder(first.answers, ['1'])
    expect(misused).toBeTypeOf('function')
  })

  test('the next and the previous row, by the places that the database has now', async () => {
    const { first, a, b, c, d } = await asked()
    expect((await nextInOrder(a))?.text).toBe('b')
    expect((await previousInOrder(c))?.text).toBe('b')
    expect(await previousInOrder(a)).toBeNull()
    expect(await nextInOrder(d)).toBeNull()
    await setOrder(first.answers, [c, b, a])
    const next: Answer | null = await nextInOrder(c)
    expect(next?.text).toBe('b')
    const [h, i] = await Answer.objects.bulkCreate([{ text: 'h' }, { text: 'i' }])
    expect((await nextInOrder(h!))?.id).toBe(i!.id)
  })

  test('forms leave the place out, and fullClean() leaves it to save()', async () => {
    const { first } = await asked()
    const field = Answer.meta.fields.get('_order')!
    expect([field.column, field.kind, field.editable, field.null]).toEqual(['_order', 'integer', false, false])
    const draft = new Answer({ question: first, text: 'e' })
    await draft.fullClean()
    expect((await draft.save())._order).toBe(3)
    expect(Answer.meta.orderWithRespectTo!.name).toBe('question')
    expect(Answer.meta.ordering).toEqual(['_order'])
    const [record] = JSON.parse(await serialize('json', first.answers.slice(1, 2))) as { fields: object }[]
    expect(record!.fields).toMatchObject({ _order: 1 })
  })

  test('lists of the admin come in that order, and show no place', async () => {
    const { first, a, b, c, d } = await asked()
    await setOrder(first.answers, [c, a, b])
    const options = resolveOptions(Answer as never, {})
    expect([options.ordering, options.list, options.fields]).toEqual([['_order'], ['__str__'], ['question', 'text']])
    const rows = await ordered(options, Answer.objects.filter({ question: first }) as never, [])
    expect((rows as Iterable<unknown> as Answer[]).map((each) => each.id)).toEqual([c.id, a.id, b.id])
    expect(d._order).toBe(0)
  })

  test('what is declared wrong is told', () => {
    expect(checkModel(Answer as never)).toEqual([])
    expect(checkModel(Misnamed as never)).toEqual([expect.objectContaining({ id: 'db.E001' })])
    expect(() => defineApp({ name: 'both', root: import.meta.url, models: { Both } })).toThrow(
      expect.objectContaining({ code: 'db.bad-ordering' }),
    )
  })
})

// ---------------------------------------------------------------- migrations

async function changes(from: ProjectState, to: ProjectState): Promise<Operation[]> {
  const questioner = new FlagQuestioner({ noRenames: true })
  const drafts = await detectChanges({ from, to, graph: new MigrationGraph([]), questioner, at: new Date(0) })
  return drafts.flatMap((draft) => draft.operations)
}
const after = (operations: readonly Operation[], from = new ProjectState()) =>
  operations.reduce((state, operation) => operation.toState(state, 'ordered'), from)

test('MOD-18 migrations add the column with the option, fill it with 0, and take it away with it', async () => {
  const question = modelState(Question as never)
  const ordered = modelState(Answer as never)
  expect(ordered.options).toEqual({ orderWithRespectTo: 'question', ordering: ['_order'] })
  const { _order, ...fields } = ordered.fields
  const plain = { ...ordered, fields, options: {} }
  const [without, wanted] = [new ProjectState([question, plain]), new ProjectState([question, ordered])]
  const adding = await changes(without, wanted)
  expect(writeMigration({ operations: adding })).toContain(
    "addField('Answer', '_order', fields.integer(), { fill: 0 })",
  )
  expect(adding.map((each) => each.type)).toEqual(['addField', 'alterModelOptions'])
  expect(after(adding, without).get('ordered.Answer')).toEqual(ordered)
  const removing = await changes(wanted, without)
  expect(removing.map((each) => each.type)).toEqual(['removeField', 'alterModelOptions'])
  expect(after(removing, wanted).get('ordered.Answer')).toEqual(plain)
  const made = await changes(new ProjectState(), wanted)
  expect(after(made).get('ordered.Answer')!.options).toEqual(ordered.options)
  expect(Object.keys(after(made).get('ordered.Answer')!.fields).sort()).toEqual(['_order', 'id', 'question', 'text'])
})

test('MOD-18 rows that a migration makes take the next places', async () => {
  const { first } = await asked()
  const state = new ProjectState([modelState(Question as never), modelState(Answer as never)])
  const Old = renderState(state).get('ordered.Answer')
  const made = await Old.objects.create({ question: first.id, text: 'e' })
  expect(made._order).toBe(3)
})
