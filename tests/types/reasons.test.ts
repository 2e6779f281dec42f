/** No `any`, no forced type and no suppressed error without its reason beside it. */
import { expect, test } from 'vitest'
import { offendersOf, withoutReason } from './reasons.ts'

test('everything loose in src and bench says why', () => {
  expect(offendersOf(['src/**/*.{ts,tsx}', 'bench/**/*.{ts,tsx}'])).toEqual([])
})

test.each([
  'const a: any = 1',
  'type A = { readonly b: Map<string, any> }',
  'type A = B extends C\n  ? any\n  : never',
  'function f(...args: any[]): void {}',
  'const a = b as any',
  'const a = b as unknown as C',
  '/** What it is. */\nconst a: any = 1',
  '// of another line: any\n\nconst a: any = 1',
  '// @ts-expect-error\nconst a = 1',
  '// biome-ignore lint/style/noVar:\nvar a = 1',
])('told: %s', (source) => {
  expect(withoutReason(source)).toHaveLength(1)
})

test.each([
  'const a: any = 1 // the driver does not say',
  '// the driver does not say\nconst a: any = 1',
  '/** What it is: `any`, as the driver does not say. */\nconst a: any = 1',
  '/** What it is,\n * because the driver does not say. */\nfunction f(\n  a: any,\n) {}',
  "const a = 'b: any'",
  'const a = `is it\n : any ?`',
  "t('for', { any: 1 }, pick.any(b), /* : any */ 2)",
  'db.any.any()',
  "// @ts-expect-error: 'never' is what is tested\nconst a = 1",
])('not told: %s', (source) => {
  expect(withoutReason(source)).toEqual([])
})
