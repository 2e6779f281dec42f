/** The table of the guide is the linter's facts; UPDATE_DOCS=1 writes it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHANGES, type Change, FACTS } from '../../src/db/migrations/lint/facts.ts'

const path = join(import.meta.dirname, '../../docs/guides/migrations-in-production.md')
const BLOCKED = { nothing: '', writes: ', no writes', everything: ', no reads or writes' }
const WORK = { moment: 'a moment', 'reads rows': 'reads rows', 'writes rows': 'writes rows' }

function table(): string {
  const cell = (vendor: keyof typeof FACTS, change: Change) => {
    const { lock, blocks, work, referenced } = FACTS[vendor][change]
    const there = referenced && `; on the table referred to ${referenced.lock}${BLOCKED[referenced.blocks]}`
    return `${lock.replace('ALGORITHM=', '')}${BLOCKED[blocks]}; ${WORK[work]}${there ?? ''}`
  }
  const changes = Object.entries(CHANGES) as [Change, string][] // its keys are changes
  const lines = changes.map(
    ([change, words]) =>
      `| ${words} | ${cell('postgres', change)} | ${cell('mysql', change)} | ${cell('sqlite', change)} |`,
  )
  return ['| change | PostgreSQL | MariaDB | SQLite |', '|---|---|---|---|', ...lines].join('\n')
}

test('the guide says what the linter knows', () => {
  const text = readFileSync(path, 'utf8')
  const written = text.replace(
    /(<!-- facts -->\n).*?(<!-- \/facts -->)/s,
    (_, open, close) => `${open}\n${table()}\n\n${close}`,
  )
  if (process.env.UPDATE_DOCS) writeFileSync(path, written)
  else expect(text).toBe(written)
})
