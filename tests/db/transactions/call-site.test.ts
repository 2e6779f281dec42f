import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeStack } from '../../../src/db/call-site.ts'

test('a place is a file of the project, never one inside Node', () => {
  const file = join(process.cwd(), 'library/views.ts')
  const stack = `Error\n    at process.processTicks (node:internal/process/task_queues:104:5)\n    at view (file://${file}:12:3)`
  expect(describeStack(stack)).toBe('library/views.ts:12')
  expect(describeStack('Error\n    at node:internal/main:1:1')).toBe('a block opened in code without a file')
  expect(describeStack('Error\n    at view (C:\\site\\views.ts:7:1)')).toMatch(/views\.ts:7$/)
})
