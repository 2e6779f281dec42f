import { expect, test } from 'vitest'
import { readDevWords } from '../../src/cli/dev/words.ts'

test.for([
  ['dev', { host: undefined, port: undefined }],
  ['dev --port 8080 --host 0.0.0.0', { host: '0.0.0.0', port: 8080 }],
  ['dev -p 0 --trace --no-color', { host: undefined, port: 0 }],
  ['dev --settings=settings/local.ts --port=99999', { host: undefined, port: 99_999 }],
] as const)('reads the usual line: %s', ([line, words]) => {
  expect(readDevWords(line.split(' '))).toEqual(words)
})

test.for([
  'serve',
  '',
  'dev --help',
  'dev --port',
  'dev --port x',
  'dev more',
  'dev --admin-email a@example.org',
  '--trace dev',
])('leaves to the parser of all commands: %s', (line) => {
  expect(readDevWords(line.split(' '))).toBe(null)
})
