import {
  booleanField,
  charField,
  dateField,
  FormError,
  form,
  formSet,
  integerField,
  type PlainSetOptions,
  renderFormSet,
} from 'nuages/forms'
import { ValidationError } from 'nuages/validators'
import { describe, expect, test } from 'vitest'

const stop = form({ name: charField({ maxLength: 10 }), nights: integerField({ required: false, min: 0 }) })
const stops = (options: PlainSetOptions<typeof stop.fields> = {}) => formSet(stop, { prefix: 'stops', ...options })
const sent = (values: Record<string, string>, total = 2, initial = 0) =>
  new URLSearchParams({ 'stops-TOTAL_FORMS': String(total), 'stops-INITIAL_FORMS': String(initial), ...values })

describe('FORM-17: a set of forms', () => {
  test('is drawn with its management form, names as Django has them, and an inert form to copy', async () => {
    const set = await stops({ extra: 2, max: 5, min: 1, canDelete: true, canOrder: true }).empty({
      initial: [{ name: 'Oslo' }],
    })
    const html = renderFormSet(set)
    for (const [name, value] of [
      ['TOTAL', 3],
      ['INITIAL', 1],
      ['MIN_NUM', 1],
      ['MAX_NUM', 5],
    ])
      expect(html).toContain(
        `<input type="hidden" name="stops-${name}_FORMS" id="id_stops-${name}_FORMS" value="${value}">`,
      )
    expect(html).toContain('name="stops-0-name" id="id_stops-0-name" value="Oslo"')
    expect(html).toMatch(/name="stops-2-DELETE"/)
    expect(html).toMatch(/name="stops-0-ORDER" id="id_stops-0-ORDER" value="1"/)
    expect(html).toMatch(/<template data-form-empty>.*name="stops-__prefix__-name".*<\/template>/s)
    expect(html).not.toContain('name="stops-3-name"')
    // A browser must not ask for what may be left empty.
    expect(html).toMatch(/name="stops-0-name"[^>]* required/)
    expect(html).not.toMatch(/name="stops-1-name"[^>]* required/)
  })

  test('gives the values of what was written; what was left empty is no error', async () => {
    const set = await stops().bind(sent({ 'stops-0-name': 'Oslo', 'stops-0-nights': '2', 'stops-1-name': '' }))
    expect(await set.isValid()).toBe(true)
    expect(set.values).toEqual([{ name: 'Oslo', nights: 2 }])
  })

  test('says at each form what is wrong', async () => {
    const set = await stops().bind(sent({ 'stops-0-nights': '2', 'stops-1-name': 'a very long name' }))
    expect(await set.isValid()).toBe(false)
    expect(set.forms[0]!.errors).toEqual({ name: ['This field is required.'] })
    expect(set.forms[1]!.errors.name).toHaveLength(1)
    expect(renderFormSet(set)).toContain('aria-describedby="id_stops-0-name_errors"')
  })

  test('asks for the fewest, refuses more than the most', async () => {
    const few = await stops({ min: 1 }).bind(sent({}, 0))
    expect([await few.isValid(), few.nonFormErrors]).toEqual([false, ['Please submit at least 1 form.']])
    const empty = await stops({ min: 1 }).bind(sent({ 'stops-0-name': '' }, 1))
    expect([await empty.isValid(), empty.forms[0]!.errors]).toEqual([false, { name: ['This field is required.'] }])
    const many = await stops({ max: 1 }).bind(sent({ 'stops-0-name': 'a', 'stops-1-name': 'b' }))
    expect([await many.isValid(), many.nonFormErrors]).toEqual([false, ['Please submit at most 1 form.']])
    // What is deleted does not count.
    const fewer = await stops({ max: 1, canDelete: true }).bind(
      sent({ 'stops-0-name': 'a', 'stops-1-name': 'b', 'stops-1-DELETE': 'on' }),
    )
    expect([await fewer.isValid(), fewer.values.length, fewer.deleted.length]).toEqual([true, 1, 1])
  })

  test('leaves a deleted form unread, however wrong it is', async () => {
    const set = await stops({ canDelete: true }).bind(sent({ 'stops-0-nights': 'x', 'stops-0-DELETE': 'on' }))
    expect([await set.isValid(), set.values]).toEqual([true, []])
    const refused = await stops().bind(sent({ 'stops-0-name': 'a', 'stops-0-DELETE': 'on' }))
    expect([await refused.isValid(), refused.values.length]).toEqual([true, 1])
  })

  test('is ordered by the numbers written; those without one come last', async () => {
    const set = await stops({ canOrder: true }).bind(
      sent(
        {
          ...{ 'stops-0-name': 'c', 'stops-0-ORDER': '3', 'stops-1-name': 'z', 'stops-1-ORDER': '' },
          ...{ 'stops-2-name': 'a', 'stops-2-ORDER': '1' },
        },
        3,
      ),
    )
    expect(await set.isValid()).toBe(true)
    expect(set.values.map(({ name }) => name)).toEqual(['a', 'c', 'z'])
    const wrong = await stops({ canOrder: true }).bind(sent({ 'stops-0-name': 'a', 'stops-0-ORDER': 'x' }))
    expect([await wrong.isValid(), wrong.rows[0]!.errors]).toEqual([false, { ORDER: ['Enter a whole number.'] }])
  })

  test.each([
    {},
    { 'stops-TOTAL_FORMS': '1' },
    { 'stops-TOTAL_FORMS': 'x', 'stops-INITIAL_FORMS': '0' },
    { 'stops-TOTAL_FORMS': '-1', 'stops-INITIAL_FORMS': '0' },
    { 'stops-TOTAL_FORMS': '1', 'stops-INITIAL_FORMS': '2' },
    { 'stops-TOTAL_FORMS': '1e9', 'stops-INITIAL_FORMS': '0' },
    { 'stops-TOTAL_FORMS': '99999999999999999999', 'stops-INITIAL_FORMS': '0' },
  ])('tells altered management data %o, and is no fault of the server', async (values) => {
    const set = await stops().bind(new URLSearchParams({ 'stops-0-name': 'a', ...values } as Record<string, string>))
    expect(await set.isValid()).toBe(false)
    expect(set.nonFormErrors).toHaveLength(1)
    expect(set.rows).toHaveLength(0)
  })

  test('never makes more forms than the absolute most, whatever was sent', async () => {
    const values = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`stops-${i}-name`, 'a']))
    const set = await stops({ max: 3, absoluteMax: 10 }).bind(sent(values, 999_999_999, 999_999_999))
    expect(set.rows).toHaveLength(10)
    expect([await set.isValid(), set.nonFormErrors]).toEqual([false, ['Please submit at most 3 forms.']])
    // A number alone makes nothing.
    expect((await stops().bind(sent({}, 2000))).rows).toHaveLength(0)
  })

  test('INITIAL_FORMS is not believed: it lifts no limit', async () => {
    const set = await stops({ max: 1 }).bind(sent({ 'stops-0-name': 'a', 'stops-1-name': 'b' }, 2, 2))
    expect(await set.isValid()).toBe(false)
  })

  test('a form removed from the page leaves a gap in the numbers, which is no form', async () => {
    const ticked = formSet(form({ name: charField(), kept: booleanField({ initial: true }) }), { prefix: 'stops' })
    const set = await ticked.bind(sent({ 'stops-0-name': 'a', 'stops-2-name': 'b' }, 3))
    expect([await set.isValid(), set.values.length]).toEqual([true, 2])
    expect(String(set.management)).toContain('TOTAL_FORMS" value="3"')
  })

  test('checks the forms together', async () => {
    const set = await stops({
      clean: (values) => {
        if (values.length > 1 && values[0]!.name === values[1]!.name) throw new ValidationError('Twice the same.')
      },
    }).bind(sent({ 'stops-0-name': 'a', 'stops-1-name': 'a' }))
    expect([await set.isValid(), set.nonFormErrors]).toEqual([false, ['Twice the same.']])
    expect(renderFormSet(set)).toContain('Twice the same.')
  })

  test('an empty form whose first value is never the same twice is empty all the same', async () => {
    let day = 1
    const log = formSet(form({ name: charField(), on: dateField({ initial: () => `2026-01-0${day++}` as never }) }), {
      prefix: 'stops',
      extra: 1,
    })
    const html = renderFormSet(await log.empty())
    const shown = /name="initial-stops-0-on" value="([^"]+)"/.exec(html)![1]!
    const blank = await log.bind(sent({ 'stops-0-name': '', 'stops-0-on': shown, 'initial-stops-0-on': shown }, 1))
    expect([await blank.isValid(), blank.values]).toEqual([true, []])
    const other = await log.bind(
      sent({ 'stops-0-name': '', 'stops-0-on': '2026-02-01', 'initial-stops-0-on': shown }, 1),
    )
    expect(await other.isValid()).toBe(false)
  })

  test('limits that cannot be are told when it is declared', () => {
    for (const limits of [{ min: 3, max: 2 }, { extra: -1 }, { max: 1.5 }, { max: 5, absoluteMax: 4 }])
      expect(() => stops(limits)).toThrow(FormError)
  })
})
