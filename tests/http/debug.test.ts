/** What developers are told of an error, in each form, and what they are never told. */
import { createHandler, type DebugInfo, NotFound, respond, type View } from 'nuages/http'
import { describe, expect, test } from 'vitest'
import { always, requestOf } from './support.ts'

/** In parts, as the page shows the source it is written in. */
const hidden = ['hun', 'ter2'].join('')

function ask(view: View, init: RequestInit = {}, debugInfo: DebugInfo = {}, path = '/x/') {
  const handler = createHandler({ resolver: always(view), debug: true, debugInfo: () => debugInfo, onError: () => {} })
  return handler(requestOf(path, init))
}
const fails: View = () => {
  throw new Error('outer', { cause: new TypeError('inner') })
}
async function textOf(view: View, init: RequestInit = {}, info: DebugInfo = {}): Promise<string> {
  return (await ask(view, init, info)).text()
}

describe('who accepts anything but names no HTML', () => {
  test('gets plain text: message, source line, cause, request, queries', async () => {
    const response = await ask(
      fails,
      { headers: { accept: '*/*', 'user-agent': 'curl/8' } },
      { queries: [{ sql: 'SELECT 1', duration: 1, params: ['7'], same: 2, alike: 2 }] },
    )
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'text/plain; charset=utf-8'])
    const text = await response.text()
    expect(text).toMatch(/^500 {2}GET \/x\/\n\nError: outer\n/)
    expect(text).toMatch(/debug\.test\.ts:\d+\n[\s\S]*\n> \d+ \| +throw new Error\('outer'/)
    expect(text).toContain('Caused by TypeError: inner')
    expect(text).toContain('1.0 ms  SELECT 1  [7]  (same ×2)')
    expect(text).not.toMatch(/<\/|<html/)
  })

  test('a browser, or who says nothing, gets the page', async () => {
    for (const headers of [{ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, undefined])
      expect(await textOf(fails, headers === undefined ? {} : { headers })).toMatch(/^<!doctype html>/)
  })

  test('who asks for JSON gets JSON with causes and queries', async () => {
    const response = await ask(fails, { headers: { accept: 'application/json' } }, { queries: [{ sql: 'SELECT 1' }] })
    const { error } = JSON.parse(await response.text())
    expect(error).toMatchObject({
      ...{ kind: 'Error', message: 'outer', status: 500, causes: [{ kind: 'TypeError', message: 'inner' }] },
      queries: { queries: 1, list: [{ sql: 'SELECT 1' }] },
    })
    expect(error.place).toMatch(/debug\.test\.ts:\d+$/)
  })
})

describe('a form that was read', () => {
  const sends = (body: string): RequestInit => ({
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  const reads: View = async (request) => {
    await request.form()
    throw new Error('after the form')
  }

  test('is shown, secrets hidden by their names', async () => {
    const text = await textOf(reads, sends(`title=Dune&csrfmiddlewaretoken=${hidden}&card_number=${hidden}`))
    expect(text).toContain('title</th><td class="mono">Dune')
    expect(text).toContain('csrfmiddlewaretoken</th>')
    expect(text).not.toContain(hidden)
  })

  test('shows no value beside a password', async () => {
    const text = await textOf(reads, sends(`email=${hidden}&new_password1=${hidden}&note=${hidden}`))
    expect(text).toContain('new_password1</th><td class="mono">••••••')
    expect(text).not.toContain(hidden)
  })

  test('one nobody has read is not read for the page', async () => {
    expect(await textOf(fails, sends('title=Dune'))).not.toContain('Dune')
  })

  test('one that cannot be read leaves the page as it is', async () => {
    const broken = { method: 'POST', body: 'x', headers: { 'content-type': 'multipart/form-data; boundary=a' } }
    expect((await ask(reads, broken)).status).toBe(400)
  })
})

test('a 404 that a view throws says where, one of an address that no route has shows no stack', async () => {
  const plain = { headers: { accept: '*/*' } }
  const gone: View = () => {
    throw new NotFound('No such book.')
  }
  expect(await textOf(gone, plain)).toMatch(/No such book\.\n\nStack\n {2}at .*debug\.test\.ts:\d+/)
  const handler = createHandler({ resolver: { match: () => null, patterns: () => [] }, debug: true, onError: () => {} })
  const nowhere = await (await handler(requestOf('/x/', plain))).text()
  expect(nowhere).toMatch(/^404/)
  expect(nowhere).not.toContain('Stack')
})

test('queries that repeat are marked, values that are secret are not there', async () => {
  const queries = [
    { sql: 'SELECT a', duration: 1, params: ['1'], same: 1, alike: 3 },
    { sql: 'SELECT b', duration: 2, params: null, same: 2, alike: 2, error: 'no such table' },
  ]
  const text = await textOf(fails, {}, { queries, total: { queries: 300, duration: 12.34 } })
  for (const part of ['Queries: 300 in 12.3 ms — 2 of them repeated', 'alike ×3', 'same ×2', 'values hidden'])
    expect(text).toContain(part)
  expect(text).toContain('no such table')
  expect(text).toContain('… and 298 more')
})

test('without debug nothing of it is told, in any form', async () => {
  for (const accept of ['*/*', 'text/html', 'application/json', 'text/plain']) {
    const handler = createHandler({
      ...{ resolver: always(fails), allowedHosts: ['*'], onError: () => {} },
      debugInfo: () => ({ settings: { shown: 'settings' } }),
    })
    const response = await handler(requestOf('/x/', { headers: { accept } }))
    expect(await response.text()).not.toMatch(/outer|inner|debug\.test|settings/)
  }
})

test('a page that is right stays as it is', async () => {
  expect(await textOf(() => respond('fine'), { headers: { accept: '*/*' } })).toBe('fine')
})
