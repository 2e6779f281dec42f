/**
 * What the admin's options take, and what is said about a mistake. After a change on purpose:
 *
 *     UPDATE_TYPES=1 vitest run tests/types/admin.test.ts        writes expected.txt anew
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compile, root, within } from './tsc.ts'

const file = join(root, 'tests', 'types', 'admin', 'expected.txt')

test('right options compile, and each mistake is told where it is', async () => {
  const report = within('admin', await compile('tests/types/admin'))
  const mistakes = report.filter((each) => each.startsWith('mistakes.ts'))
  expect(report.filter((each) => !each.startsWith('mistakes.ts'))).toEqual([])
  if (process.env.UPDATE_TYPES !== undefined || !existsSync(file)) writeFileSync(file, `${mistakes.join('\n')}\n`)
  expect(mistakes.join('\n')).toBe(readFileSync(file, 'utf8').trimEnd())
  const statements = readFileSync(join(root, 'tests', 'types', 'admin', 'mistakes.ts'), 'utf8')
    .split('\n')
    .flatMap((line, index) => (/^(admin\.|modelForm)/.test(line) ? [index + 1] : []))
  const told = new Set(mistakes.map((each) => Number(/^mistakes\.ts[:(](\d+)/.exec(each)?.[1])))
  expect([...told].sort((a, b) => a - b)).toEqual(statements)
}, 120_000)
