import { describe, expect, test } from 'vitest'
import { escapeHtml, HTML, html, isSafe, markSafe, SafeString, toHtml } from '../../src/std/html.ts'

describe('escapeHtml', () => {
  test.each([
    ['&', '&amp;'],
    ['<', '&lt;'],
    ['>', '&gt;'],
    ['"', '&quot;'],
    ["'", '&#x27;'],
  ])('replaces %s everywhere, as Django does', (char, entity) => {
    for (const around of [
      ['', ''],
      ['asdf', 'fdsa'],
      [char, char],
    ]) {
      const [before, after] = around as [string, string]
      const escaped = (text: string) => text.split(char).join(entity)
      expect(escapeHtml(before + char + after)).toBe(escaped(before) + entity + escaped(after))
    }
  })

  test('escapes an entity again: it was text', () => {
    expect(escapeHtml('<&amp;')).toBe('&lt;&amp;amp;')
  })

  test('leaves other text as it is', () => {
    expect(escapeHtml('é 🚀 `=/')).toBe('é 🚀 `=/')
    expect(escapeHtml('')).toBe('')
  })

  test('takes any value, null as nothing', () => {
    expect([1, 0n, true, null, undefined, markSafe('<b>')].map(escapeHtml)).toEqual([
      '1',
      '0',
      'true',
      '',
      '',
      '&lt;b&gt;',
    ])
  })
})

describe('html', () => {
  test('escapes values, and keeps what is HTML already', () => {
    expect(String(html`<a href="${'"><script>'}">${markSafe('<b>x</b>')}</a>`)).toBe(
      '<a href="&quot;&gt;&lt;script&gt;"><b>x</b></a>',
    )
  })

  test('joins lists, and drops null, undefined and false', () => {
    expect(String(html`<ul>${['<', html`<li>`, [1, 2]]}</ul>${null}${undefined}${false}${0}${true}`)).toBe(
      '<ul>&lt;<li>12</ul>0true',
    )
  })

  test('nests without escaping twice', () => {
    expect(String(html`<p>${html`<i>${'&'}</i>`}</p>`)).toBe('<p><i>&amp;</i></p>')
  })

  test('an object may give its own HTML', () => {
    const field = { [HTML]: () => '<input>' }
    expect(isSafe(field)).toBe(true)
    expect(String(html`${field}`)).toBe('<input>')
  })

  test('nothing that came as JSON is HTML', () => {
    for (const value of [{ toString: '<b>' }, JSON.parse('{"Symbol(nuages.html)": "<b>", "@@html": 1}')]) {
      expect(isSafe(value)).toBe(false)
      expect(() => toHtml(value) && undefined).not.toThrow(RangeError)
    }
    expect(isSafe('<b>')).toBe(false)
    expect(isSafe(null)).toBe(false)
  })

  test('an object of its own is escaped as its text', () => {
    expect(toHtml({ toString: () => '<x>' })).toBe('&lt;x&gt;')
  })
})

test('markSafe gives a SafeString once', () => {
  const safe = markSafe('<b>')
  expect(safe).toBeInstanceOf(SafeString)
  expect(markSafe(safe)).toBe(safe)
  expect(`${safe}${safe.length}`).toBe('<b>3')
  expect(JSON.stringify({ safe })).toBe('{"safe":"<b>"}')
})
