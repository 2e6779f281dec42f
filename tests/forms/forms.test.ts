import {
  booleanField,
  charField,
  choiceField,
  dateField,
  decimalField,
  emailField,
  form,
  integerField,
  makeField,
  multipleChoiceField,
  passwordField,
  renderForm,
  textField,
} from 'nuages/forms'
import { ValidationError } from 'nuages/validators'
import { describe, expect, expectTypeOf, test } from 'vitest'

const data = (pairs: Record<string, string>) => new URLSearchParams(pairs)
const signUp = form({
  email: emailField(),
  name: charField({ maxLength: 5, required: false }),
  password: passwordField({ minLength: 3 }),
  age: integerField({ min: 18, required: false }),
  terms: booleanField({ required: true }),
})

describe('a form', () => {
  test('gives typed values when everything is right', async () => {
    const sent = signUp.bind(data({ email: ' a@example.org ', password: ' pw ', age: '20', terms: 'on' }))
    expect(await sent.isValid()).toBe(true)
    expect(sent.values).toEqual({ email: 'a@example.org', name: '', password: ' pw ', age: 20, terms: true })
    expectTypeOf(sent.values.age).toEqualTypeOf<number | null>()
    expectTypeOf(sent.values.email).toEqualTypeOf<string>()
  })

  test('names every field that is wrong, and keeps what was typed', async () => {
    const sent = signUp.bind(data({ email: 'nobody', name: 'too long', age: '7' }))
    expect(await sent.isValid()).toBe(false)
    expect(Object.keys(sent.errors).sort()).toEqual(['age', 'email', 'name', 'password', 'terms'])
    expect(sent.field('name').value).toBe('too long')
    expect(() => sent.values).toThrow('not known to be valid')
  })

  test('is not valid when nothing was sent', async () => {
    expect(await signUp.empty().isValid()).toBe(false)
    expect(signUp.empty().errors).toEqual({})
  })

  test('places the messages of a rule over several fields', async () => {
    const period = form(
      { start: dateField(), end: dateField() },
      {
        clean: ({ start, end }) => {
          if (end.toString() < start.toString()) throw new ValidationError({ end: 'Before the start.' })
        },
      },
    )
    const sent = period.bind(data({ start: '2026-02-02', end: '2026-01-01' }))
    expect(await sent.isValid()).toBe(false)
    expect(sent.errors).toEqual({ end: ['Before the start.'] })
  })

  test('with a prefix reads its own names only', async () => {
    const one = form({ title: charField() })
    const sent = one.bind(data({ 'a-title': 'x', title: 'y' }), { prefix: 'a-' })
    await sent.isValid()
    expect(sent.values.title).toBe('x')
  })

  test('ignores what is sent for a disabled field', async () => {
    const sent = form({ role: charField({ disabled: true, initial: 'reader' }) }).bind(data({ role: 'owner' }))
    expect(await sent.isValid()).toBe(true)
    expect(sent.values.role).toBe('reader')
  })
})

describe('fields refuse hostile input', () => {
  test.each([
    ['integer', integerField(), ['1e3', '0x10', '9007199254740993', 'NaN', '1.5', '٣']],
    ['decimal', decimalField(), ['1e1000000000', 'Infinity', '0x1', '--1', '1'.repeat(101)]],
    ['date', dateField(), ['2026-02-30', '2026-1-1', 'now', '2026-01-01\n1']],
    ['email', emailField(), ['a@b', `a@${'a.'.repeat(50_000)}`, 'a@example.org\nBcc: x@example.org']],
    ['char', charField({ maxLength: 3 }), ['a\0b', 'abcd', 'x'.repeat(1_000_000)]],
    ['choice', choiceField({ a: 'A' }), ['b', '__proto__', 'constructor']],
  ])('%s', async (_, field, inputs) => {
    for (const input of inputs) {
      const sent = form({ field }).bind(data({ field: input }))
      expect([input.slice(0, 20), await sent.isValid()]).toEqual([input.slice(0, 20), false])
    }
  })

  test('a multiple choice takes only what is offered', async () => {
    const many = form({ tags: multipleChoiceField({ a: 'A', b: 'B' }, { required: false }) })
    const good = many.bind(new URLSearchParams('tags=a&tags=b'))
    await good.isValid()
    expect(good.values.tags).toEqual(['a', 'b'])
    expect(await many.bind(new URLSearchParams('tags=a&tags=c')).isValid()).toBe(false)
    const none = many.bind(new URLSearchParams())
    await none.isValid()
    expect(none.values.tags).toEqual([])
  })
})

describe('the renderer', () => {
  test('ties labels, help and errors to their controls', async () => {
    const bound = form({ email: emailField({ helpText: 'Work address' }) }).bind(data({ email: 'x' }))
    await bound.isValid()
    const page = renderForm(bound)
    expect(page).toContain('<label for="id_email">')
    expect(page).toContain('aria-describedby="id_email_help id_email_errors"')
    expect(page).toContain('aria-invalid="true"')
    expect(page).toContain('role="alert"')
  })

  test('draws choices that are known without being asked to prepare', () => {
    const page = renderForm(form({ size: choiceField({ s: 'Small', l: 'Large' }) }).empty())
    expect(page).toContain('<option value="l">Large</option>')
  })

  test('says what to do where choices are in the database and were not read', async () => {
    const late = makeField<string>(
      {},
      { ...choiceField({ a: 'A' }), choices: async () => [{ value: 'b', label: 'B' }] },
    )
    const drawn = form({ late }).empty()
    expect(() => renderForm(drawn)).toThrow(expect.objectContaining({ code: 'form.not-prepared' }))
    await drawn.prepare()
    expect(renderForm(drawn)).toContain('<option value="b">B</option>')
  })

  test('escapes what was typed, and never shows a password again', async () => {
    const bound = form({ note: textField(), secret: passwordField() }).bind(
      data({ note: '</textarea><script>', secret: 'hunter2' }),
    )
    await bound.prepare()
    const page = renderForm(bound)
    expect(page).not.toContain('<script>')
    expect(page).not.toContain('hunter2')
  })
})

test('decimals are compared with their limits exactly, and lengths in characters', async () => {
  const price = form({ price: decimalField({ max: 1, min: -1 }), word: charField({ minLength: 3, required: false }) })
  const errorsOf = async (pairs: Record<string, string>) => {
    const sent = price.bind(data(pairs))
    await sent.isValid()
    return sent.errors
  }
  expect(await errorsOf({ price: '1.00000000000000000000001' })).toEqual({ price: ['Enter 1 or less.'] })
  expect(await errorsOf({ price: '-1.00000000000000000000001' })).toEqual({ price: ['Enter -1 or more.'] })
  expect(await errorsOf({ price: '1', word: '🎸🎸' })).toEqual({
    word: ['Use at least 3 characters (this has 2).'],
  })
})

test('a prefix is escaped wherever it stands', () => {
  const html = renderForm(signUp.empty({ prefix: '"><b>-' }))
  expect(html).not.toContain('<b>')
})
