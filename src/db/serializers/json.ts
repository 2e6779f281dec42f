/** The format `json`: one list of rows, each on a line of its own unless it is indented. Django's, in both directions. */
import { DeserializationError } from './errors.ts'
import type { FixtureFormat, FixtureItem, FixtureRow } from './format.ts'
import { readJson, writeJson } from './json-text.ts'

async function* write(
  rows: AsyncIterable<FixtureRow>,
  { indent }: { readonly indent: number },
): AsyncGenerator<string> {
  let first = true
  for await (const row of rows) {
    const text = indent > 0 ? `  ${writeJson(row, indent).replaceAll('\n', '\n  ')}` : writeJson(row)
    yield `${first ? '[' : ','}\n${text}`
    first = false
  }
  yield first ? '[]\n' : '\n]\n'
}

const QUOTE = 34
const BACKSLASH = 92
const OPEN = 123
const CLOSE = 125
const OPEN_LIST = 91
const CLOSE_LIST = 93
const COMMA = 44
const LINE = 10
const isSpace = (code: number): boolean => code === 32 || code === LINE || code === 13 || code === 9 || code === 0xfeff

function malformed(message: string, line: number, cause?: unknown): DeserializationError {
  return new DeserializationError(message, {
    code: 'serializers.malformed',
    line,
    cause,
    hint: 'A fixture is a list: [{ "model": "library.book", "pk": 1, "fields": { … } }, …].',
  })
}

/** Cuts the list into its items without reading the whole of it: brackets and strings are all that is looked at. */
async function* read(parts: AsyncIterable<string>): AsyncGenerator<FixtureItem> {
  let text = ''
  let at = 0
  let line = 1
  let start = -1
  let startLine = 1
  let depth = 0
  let inString = false
  let state: 'before' | 'item' | 'separator' | 'after' = 'before'
  for await (const part of parts) {
    if (start < 0) {
      text = part
      at = 0
    } else {
      text = text.slice(start) + part
      at -= start
      start = 0
    }
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === LINE) line++
      if (inString) {
        if (code === BACKSLASH) {
          if (at + 1 === text.length) break // what is escaped comes with the next part
          at++
        } else if (code === QUOTE) inString = false
        continue
      }
      if (depth > 0) {
        if (code === QUOTE) inString = true
        else if (code === OPEN || code === OPEN_LIST) depth++
        else if ((code === CLOSE || code === CLOSE_LIST) && --depth === 0) {
          yield { value: parsed(text.slice(start, at + 1), startLine), line: startLine }
          start = -1
          state = 'separator'
        }
        continue
      }
      if (isSpace(code)) continue
      if (state === 'before' && code === OPEN_LIST) state = 'item'
      else if (state === 'item' && code === OPEN) {
        depth = 1
        start = at
        startLine = line
      } else if (state === 'separator' && code === COMMA) state = 'item'
      else if (state !== 'before' && state !== 'after' && code === CLOSE_LIST) state = 'after'
      else throw malformed(`${JSON.stringify(text.slice(at, at + 20))} is not where a row begins.`, line)
    }
  }
  if (state !== 'after') throw malformed('The text ends before its list does.', line)
}

function parsed(text: string, line: number): unknown {
  try {
    return readJson(text)
  } catch (cause) {
    throw malformed(`This row is no JSON: ${(cause as Error).message}`, line, cause) // JSON.parse throws SyntaxError
  }
}

/** See the file's first line. */
export const jsonFormat: FixtureFormat = { name: 'json', extensions: ['json'], write, read }
