import { expect, test } from 'vitest'
import { captureOutput, createOutput } from '../../src/cli/output.ts'

function terminal(columns = 60) {
  let text = ''
  const sink = { write: (part: string) => (text += part), isTTY: true, columns }
  return { out: createOutput(sink, sink, true), read: () => text }
}

test('captured output is plain, lines and errors apart', () => {
  const out = captureOutput()
  out.line('one')
  out.success('two')
  out.warn('careful')
  out.error('no')
  out.json({ a: 1 })
  expect(out.text).toBe('one\ntwo\n{\n  "a": 1\n}\n')
  expect(out.errors).toBe('careful\nno\n')
})

test('a paragraph is broken between words where the terminal is narrow, and whole elsewhere', () => {
  const { out, read } = terminal(20)
  out.paragraph('one two three four five six\n\nshort', '  ')
  out.paragraph('a-word-wider-than-the-terminal and more')
  expect(read()).toBe('  one two three four\n    five six\n  \n  short\na-word-wider-than-the-terminal\n  and more\n')
  const piped = captureOutput()
  piped.paragraph('word '.repeat(50).trim(), '  ')
  expect(piped.text).toBe(`  ${'word '.repeat(50).trim()}\n`)
})

test('a terminal that was not told its width is taken for one of 80 columns', () => {
  const { out, read } = terminal(0)
  out.paragraph('word '.repeat(20).trim())
  expect(read()).toBe(`${'word '.repeat(16).trim()}\n  ${'word '.repeat(4).trim()}\n`)
})

test('each line of a paragraph has its style', () => {
  const { out, read } = terminal(8)
  out.paragraph('one two', '  ', 'bold')
  expect(read()).toBe('\u001b[1m  one\u001b[22m\n\u001b[1m    two\u001b[22m\n')
})

test('a table aligns its columns and ends lines without spaces', () => {
  const out = captureOutput()
  out.table(
    ['Path', 'Name'],
    [
      ['/', 'home'],
      ['/books/', null],
      ['/a/', 12],
    ],
  )
  expect(out.text).toBe('Path     Name\n/        home\n/books/\n/a/      12\n')
})

test('a table without rows prints nothing', () => {
  const out = captureOutput()
  out.table(['Path'], [])
  expect(out.text).toBe('')
})

test('styles show on a terminal only', () => {
  expect(terminal().out.style('red', 'x')).toBe('\x1b[31mx\x1b[39m')
  expect(captureOutput().style('red', 'x')).toBe('x')
})

test('NO_COLOR wins over FORCE_COLOR', () => {
  const kept = { ...process.env }
  try {
    process.env.FORCE_COLOR = '1'
    expect(createOutput({ write() {} }, { write() {} }).style('red', 'x')).not.toBe('x')
    process.env.NO_COLOR = '1'
    expect(createOutput({ write() {} }, { write() {} }).style('red', 'x')).toBe('x')
  } finally {
    process.env = kept
  }
})

test('progress draws one line on a terminal', () => {
  const { out, read } = terminal()
  const bar = out.progress('Loading')
  for (let i = 0; i <= 1000; i += 1) bar.update(i, 1000)
  bar.end()
  expect(read().split('\r').length).toBe(102)
  expect(read()).toMatch(/100% 1,000\/1,000\n$/)
})

test('progress prints a line a quarter elsewhere', () => {
  const out = captureOutput()
  const bar = out.progress('Loading')
  for (let i = 0; i <= 200; i += 10) bar.update(i, 200)
  bar.end()
  expect(out.text).toBe(
    'Loading 0% (0/200)\nLoading 25% (50/200)\nLoading 50% (100/200)\nLoading 75% (150/200)\nLoading 100% (200/200)\n',
  )
})
