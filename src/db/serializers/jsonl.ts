/** The format `jsonl`: a row on each line, which other programs can cut, sort and compare. */
import { DeserializationError } from './errors.ts'
import type { FixtureFormat, FixtureItem, FixtureRow } from './format.ts'
import { readJson, writeJson } from './json-text.ts'

async function* write(rows: AsyncIterable<FixtureRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${writeJson(row)}\n`
}

async function* read(parts: AsyncIterable<string>): AsyncGenerator<FixtureItem> {
  let rest = ''
  let line = 0
  for await (const part of parts) {
    const lines = (rest + part).split('\n')
    rest = lines.pop()!
    for (const text of lines) {
      line++
      if (text.trim() !== '') yield { value: parsed(text, line), line }
    }
  }
  if (rest.trim() !== '') yield { value: parsed(rest, line + 1), line: line + 1 }
}

function parsed(text: string, line: number): unknown {
  try {
    return readJson(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    // JSON.parse throws SyntaxError
    throw new DeserializationError(`This line is no JSON: ${(cause as Error).message}`, {
      code: 'serializers.malformed',
      line,
      cause,
      hint: 'Each line is a row: { "model": "library.book", "pk": 1, "fields": { … } }.',
    })
  }
}

/** See the file's first line. */
export const jsonLinesFormat: FixtureFormat = { name: 'jsonl', extensions: ['jsonl', 'ndjson'], write, read }
