/** Values of several parts in cells of the admin, and what its forms say of how they are written. */
import { expect, test } from 'vitest'
import { showValue } from '../../src/admin/show.ts'
import { defineApp } from '../../src/apps/index.ts'
import { char, integer, Model } from '../../src/db/index.ts'
import { array, dateRange, integerRange } from '../../src/db/postgres/index.ts'
import { formFieldOf } from '../../src/forms/model-fields.ts'

class Quiz extends Model<Quiz>()({
  tags: array(char({ maxLength: 20 }), { blank: true }),
  scores: array(integer(), { helpText: 'One for each round.' }),
  ages: integerRange({ null: true }),
  open: dateRange({ null: true }),
}) {}
defineApp({ name: 'showlists', root: '/', models: { Quiz } })
const field = (name: string) => Quiz.meta.fields.get(name)!

test('a list is shown as its control writes it, markup in it as text, and an empty one as nothing', () => {
  expect(String(showValue(['water', 'a, b', '<b>'], field('tags')))).toBe('water, &quot;a, b&quot;, &lt;b&gt;')
  expect(String(showValue([1, 2], field('scores')))).toBe('1, 2')
  expect(String(showValue([], field('tags')))).toContain('–')
})

test('controls of lists and ranges say how they are written; what the field says comes first', () => {
  const help = (name: string) => String(formFieldOf(field(name)).helpText)
  expect(help('tags')).toContain('commas')
  expect(help('scores')).toBe('One for each round.')
  expect(help('ages')).toContain('[1,10)')
  expect(help('open')).toContain('[2026-01-01,2026-02-01)')
})
