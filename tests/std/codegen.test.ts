import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CodegenError, canGenerate, compileFunction, onGenerated } from '../../src/std/codegen.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

afterEach(() => {
  onGenerated(null)
})

// The whole suite also runs where generating code is forbidden: there compileFunction gives null, and that is tested.
if (canGenerate()) describe('where code may be generated', allowed)
else
  test('where evaluation is forbidden in this process, compileFunction gives null', () => {
    expect(compileFunction([], 'return 1', 'x')).toBeNull()
  })

function allowed(): void {
  test('compileFunction makes a function of text', () => {
    expect(compileFunction(['a', 'b'], 'return a + b', 'sum')!(1, 2)).toBe(3)
  })

  test('the body is strict', () => {
    expect(() => compileFunction([], 'undeclared = 1', 'strict')!()).toThrow(ReferenceError)
  })

  test('a label cannot become code, and is seen in stacks', () => {
    const fail = compileFunction([], 'throw new Error("x")', 'page.html\nglobalThis.hacked = 1')!
    expect((globalThis as any).hacked).toBeUndefined()
    try {
      fail()
    } catch (error) {
      expect((error as Error).stack).toContain('nuages:page.html_globalThis.hacked')
    }
  })

  test('text that does not parse is an error that shows it', () => {
    expect(() => compileFunction([], 'return (', 'broken')).toThrow(CodegenError)
    expect(() => compileFunction([], 'return (', 'broken')).toThrow(/broken[\s\S]*return \(/)
  })

  test('onGenerated shows what is made, and gives back what was set before', () => {
    const seen: string[] = []
    const listener = (label: string, source: string) => seen.push(`${label}: ${source}`)
    expect(onGenerated(listener)).toBeNull()
    compileFunction(['row'], 'return row[0]', 'row of Book')
    expect(onGenerated(null)).toBe(listener)
    compileFunction([], 'return 1', 'unseen')
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatch(/^row of Book: function \(row\) \{[\s\S]*return row\[0\]/)
  })
}

test('where evaluation is forbidden, compileFunction gives null and does not throw', () => {
  const file = fileURLToPath(new URL('../../src/std/codegen.ts', import.meta.url))
  const script = `const { canGenerate, compileFunction } = await import(${JSON.stringify(file)})
    console.log(canGenerate(), compileFunction([], 'return 1', 'x'))`
  const output = execFileSync(process.execPath, [
    '--disallow-code-generation-from-strings',
    '--input-type=module',
    '-e',
    script,
  ])
  expect(output.toString().trim()).toBe('false null')
})
