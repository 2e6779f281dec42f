/** choice(): what choices are written as, their types, labels and groups (MOD-12). */
import { defineApp } from 'nuages'
import { choice, integer, Model } from 'nuages/db'
import { array } from 'nuages/db/postgres'
import { modelForm } from 'nuages/forms'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { renderControl } from '../../../src/forms/render.ts'
import { tLazy, withLanguage } from '../../../src/i18n/index.ts'
import { freshTablesOf } from '../schema/tables.ts'

const Size = { Small: 'small', Large: 'large' } as const
let given: Record<'a' | 'b', string> = { a: 'First', b: 'Second' }

class Item extends Model<Item>()({
  status: choice({ draft: 'Draft', published: tLazy('Published') }, { default: 'draft' }),
  size: choice(Object.values(Size), { default: Size.Small }),
  medium: choice(
    { Audio: { cd: 'CD', vinyl: 'Vinyl' }, Video: { vhs: 'VHS tape' }, unknown: { toString: () => 'Unknown' } },
    { default: 'unknown' },
  ),
  level: choice(
    [
      ['1', 'Low'],
      ['2', 'High'],
    ],
    { null: true, blank: true },
  ),
  colour: choice(
    new Map([
      ['r', 'Red'],
      ['g', 'Green'],
    ] as const),
    { default: 'r' },
  ),
  letter: choice(() => given, { default: 'a' }),
  rank: integer({
    choices: [
      [1, 'Bronze'],
      [2, 'Silver'],
    ],
    default: 1,
  }),
}) {}
defineApp({ name: 'chosen', root: import.meta.url, models: { Item } })
freshTablesOf(Item)

const values = (name: string) => Item.meta.getField(name).choices!.map(({ value }) => value)

describe('MOD-12 choices', () => {
  test('flat, grouped, of an enum-like object, of pairs, of a Map, of a function: values and labels', () => {
    expect(values('status')).toEqual(['draft', 'published'])
    expect(Item.meta.getField('size').choices).toEqual([
      { value: 'small', label: 'small' },
      { value: 'large', label: 'large' },
    ])
    expect(Item.meta.getField('medium').choices).toEqual([
      { value: 'cd', label: 'CD', group: 'Audio' },
      { value: 'vinyl', label: 'Vinyl', group: 'Audio' },
      { value: 'vhs', label: 'VHS tape', group: 'Video' },
      { value: 'unknown', label: 'Unknown' },
    ])
    expect(Item.meta.getField('level').choices).toEqual([
      { value: '1', label: 'Low' },
      { value: '2', label: 'High' },
    ])
    expect(values('colour')).toEqual(['r', 'g'])
    expect(values('letter')).toEqual(['a', 'b'])
    expect(modelState(Item as never).fields.letter).toEqual({
      builder: 'char',
      args: [{ maxLength: 50, default: 'a' }],
    })
  })

  test('are unions for the compiler: in rows, values, filters and updates', async () => {
    const item = await Item.objects.create({ medium: 'vinyl', level: '2' })
    expectTypeOf(item.status).toEqualTypeOf<'draft' | 'published'>()
    expectTypeOf(item.size).toEqualTypeOf<'small' | 'large'>()
    expectTypeOf(item.medium).toEqualTypeOf<'cd' | 'vinyl' | 'vhs' | 'unknown'>()
    expectTypeOf(item.level).toEqualTypeOf<'1' | '2' | null>()
    expectTypeOf(item.colour).toEqualTypeOf<'r' | 'g'>()
    expectTypeOf(item.letter).toEqualTypeOf<'a' | 'b'>()
    const [row] = await Item.objects.values('medium')
    expectTypeOf(row!.medium).toEqualTypeOf<'cd' | 'vinyl' | 'vhs' | 'unknown'>()
    const refused = [
      // @ts-expect-error none of the choices
      () => Item.objects.filter({ status: 'nope' }),
      // @ts-expect-error the name of a group is no choice
      () => Item.objects.filter({ medium: 'Audio' }),
      // @ts-expect-error none of the choices
      () => Item.objects.filter({ size__in: ['small', 'huge'] }),
      // @ts-expect-error none of the choices
      () => Item.objects.create({ status: 'nope' }),
      // @ts-expect-error none of the choices
      () => Item.objects.update({ colour: 'b' }),
      // @ts-expect-error the default is none of the choices
      () => choice(['a', 'b'], { default: 'c' }),
      // @ts-expect-error the key of an enum-like object is not its value
      () => Item.objects.filter({ size: 'Small' }),
    ]
    expect(refused.every((each) => typeof each === 'function')).toBe(true)
    expect(await Item.objects.filter({ size: Size.Small, medium__in: ['vinyl', 'cd'] }).count()).toBe(1)
  })

  test('a value that is none of them finds no rows where no compiler looks, and is refused by fullClean()', async () => {
    await Item.objects.create({})
    expect(await Item.objects.dynamic({ status: 'nope' }).count()).toBe(0)
    expect(await Item.objects.dynamic({ status: 'draft' }).count()).toBe(1)
    const wrong = new Item({ status: 'nope' as 'draft', medium: 'Audio' as 'cd', letter: 'c' as 'a' })
    await expect(wrong.fullClean()).rejects.toMatchObject({
      fields: {
        status: [expect.stringContaining('nope')],
        medium: [expect.stringContaining('Audio')],
        letter: [expect.stringContaining('c')],
      },
    })
  })

  test('have their label for people, in the language of the moment', async () => {
    const item = new Item({ status: 'published', medium: 'vhs', level: '1', rank: 2 })
    expect([item.getMediumDisplay(), item.getLevelDisplay(), item.getStatusDisplay()]).toEqual([
      'VHS tape',
      'Low',
      'Published',
    ])
    expect(await withLanguage('en-XA', () => item.getStatusDisplay())).toBe('⟦Published⟧')
    expect(new Item({}).getLevelDisplay()).toBe('')
    expect((item as unknown as { getRankDisplay(): string }).getRankDisplay()).toBe('Silver')
  })

  test('a function is asked again each time', () => {
    given = { a: 'Changed', b: 'Second', c: 'Third' } as never
    expect(Item.meta.getField('letter').choices!.map(({ label }) => label)).toEqual(['Changed', 'Second', 'Third'])
    expect(Item.meta.getField('letter').clean('c')).toBe('c')
  })

  test('a form has groups', async () => {
    const form = await modelForm(Item, { fields: ['medium'] }).empty()
    expect(String(renderControl(form.field('medium')))).toContain(
      '<optgroup label="Audio"><option value="cd">CD</option><option value="vinyl">Vinyl</option></optgroup>',
    )
  })

  test('of the elements of an array', () => {
    const kind = array(choice({ Audio: { cd: 'CD' }, other: 'Other' }))
    expectTypeOf(kind['~value']).toEqualTypeOf<readonly ('cd' | 'other')[]>()
  })
})
