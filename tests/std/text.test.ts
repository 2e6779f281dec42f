import { describe, expect, test } from 'vitest'
import {
  camelToSnake,
  capitalize,
  humanize,
  nearest,
  pluralize,
  slugify,
  snakeToCamel,
  truncate,
} from '../../src/std/text.ts'
import { mismatches, rows } from '../conformance/rows.ts'

describe('slugify', () => {
  test("makes the slugs that Django's makes", () => {
    const all = rows<{ value: string; allow_unicode?: boolean }>('text', 'slugify')
    expect(all.length).toBeGreaterThan(30)
    expect(mismatches(all, ({ input }) => slugify(input.value, { allowUnicode: input.allow_unicode }))).toEqual([])
  })

  test('stays linear on long runs of separators', () => {
    expect(slugify(`${'-'.repeat(100_000)}a${' '.repeat(100_000)}b${'_'.repeat(100_000)}`)).toBe('a-b')
  })
})

test.each([
  ['publishedAt', 'published_at'],
  ['HTMLPage', 'html_page'],
  ['getHTTPResponse2', 'get_http_response2'],
  ['author__birthYear__gte', 'author__birth_year__gte'],
  ['isbn13', 'isbn13'],
  ['A', 'a'],
  ['', ''],
])('camelToSnake(%o) is %o', (name, expected) => {
  expect(camelToSnake(name)).toBe(expected)
})

test.each([
  ['published_at', 'publishedAt'],
  ['author__birth_year__gte', 'author__birthYear__gte'],
  ['_private', '_private'],
  ['line_2', 'line2'],
  ['trailing_', 'trailing_'],
])('snakeToCamel(%o) is %o', (name, expected) => {
  expect(snakeToCamel(name)).toBe(expected)
})

test.each([
  ['publishedAt', 'published at'],
  ['URLPath', 'url path'],
  ['__x__', 'x'],
])('humanize(%o) is %o', (name, expected) => {
  expect(humanize(name)).toBe(expected)
})

test('capitalize changes the first letter only, and leaves characters whole', () => {
  expect(capitalize('published At')).toBe('Published At')
  expect(capitalize('éa')).toBe('Éa')
  expect(capitalize('𐐨x')).toBe('𐐀x')
  expect(capitalize('')).toBe('')
})

test.each([
  ['book', 'books'],
  ['country', 'countries'],
  ['currency', 'currencies'],
  ['day', 'days'],
  ['box', 'boxes'],
  ['address', 'addresses'],
  ['church', 'churches'],
  ['person', 'people'],
  ['series', 'series'],
  ['log entry', 'log entries'],
  ['constructor', 'constructors'],
  ['', ''],
])('the plural of %o is %o', (word, expected) => {
  expect(pluralize(word)).toBe(expected)
})

describe('truncate', () => {
  test('keeps what fits, and counts the ellipsis', () => {
    expect(truncate('abc', 3)).toBe('abc')
    expect(truncate('abcd', 3)).toBe('ab…')
    expect(truncate('abcdef', 5, '...')).toBe('ab...')
    expect(truncate('abc', 0)).toBe('…')
  })

  test('never cuts a character in two', () => {
    expect(truncate('🚀🚀🚀', 3)).toBe('🚀🚀🚀')
    expect(truncate('🚀🚀🚀🚀', 3)).toBe('🚀🚀…')
  })
})

describe('nearest', () => {
  test('finds the name that was meant', () => {
    expect(nearest('titel', ['author', 'title', 'body'])).toBe('title')
    expect(nearest('pulishedat', ['published', 'publishedAt'])).toBe('publishedAt')
    expect(nearest('TITLE', ['title'])).toBe('title')
  })

  test('is silent when nothing is near', () => {
    expect(nearest('pages', ['author', 'title'])).toBeNull()
    expect(nearest('x', [])).toBeNull()
  })

  test('does not grow with the length of what was typed', () => {
    expect(nearest('x'.repeat(1_000_000), ['title', 'y'.repeat(1_000_000)])).toBeNull()
  })
})
