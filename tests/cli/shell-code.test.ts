import { expect, test } from 'vitest'
import { evaluate } from '../../src/cli/shell-code.ts'

const cases: [code: string, value: unknown][] = [
  ['1 + 1', 2],
  ['1 + 1;', 2],
  ['await Promise.resolve(3)', 3],
  ['({ a: 1 })', { a: 1 }],
  ['const a = 2; a * 3', 6],
  ['const a = 2\na * 3\n', 6],
  ['const a = await Promise.resolve(2)\nawait Promise.resolve(a + 1)', 3],
  ['const a = 1\n  + 2', undefined],
  ['const a = [1]\na\n.length', 1],
  ['let n = 0; for (const i of [1, 2]) n += i; n', 3],
  ['if (true) { 1 }', undefined],
  ['"a; b"', 'a; b'],
  ['const s = `x\ny`; s', 'x\ny'],
  ['function f() { return 1 }\nf()', 1],
  ['', undefined],
]
test.each(cases)('%j gives %j', async (code, value) => {
  expect(await evaluate(code)).toEqual(value)
})

test('a mistake in the code is a SyntaxError', async () => {
  await expect(evaluate('const = 1')).rejects.toThrow('Unexpected token')
})

test('what the code throws comes through', async () => {
  await expect(evaluate('throw new RangeError("no")')).rejects.toThrow('no')
})
