/** Attacks on the debug page: a message is what a visitor wrote, and no place in a source. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHandler, type View } from 'nuages/http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { always, requestOf } from './support.ts'

const secret = ['hun', 'ter2'].join('')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nuages-debug-'))
  for (const name of ['.env', 'secret.ts']) writeFileSync(join(folder, name), `KEY=${secret}\n`)
})
afterAll(() => rm(folder, { recursive: true }))

async function pageOf(view: View, path = '/x/', headers: Record<string, string> = {}): Promise<string> {
  const handler = createHandler({ resolver: always(view), debug: true, onError: () => {} })
  return (await handler(requestOf(path, { headers }))).text()
}

describe('attack: a message that looks like a stack reads no file', () => {
  for (const name of ['.env', 'secret.ts'])
    test(name, async () => {
      const sent = `x\n    at ${join(folder, name)}:1:1\n    at f (${join(folder, name)}:1:1)`
      const page = await pageOf(() => {
        throw new Error(`No such title: ${sent}`)
      })
      expect(page).not.toContain(secret)
      expect(page).toContain('throw new Error(') // the place it was thrown at is shown all the same
    })

  test('nor one that was put in front later, nor a cause, nor an error of several lines of its own', async () => {
    const sent = `x\n    at ${join(folder, '.env')}:1:1`
    const later = await pageOf(() => {
      const error = new Error(sent)
      error.message = 'Something else.'
      throw error
    })
    const cause = await pageOf(() => {
      throw new Error('outer', { cause: new TypeError(sent) })
    })
    expect(later + cause).not.toContain(secret)
  })
})

const fails: View = () => {
  throw new Error('no')
}
test('attack: an address of question marks takes no long', async () => {
  const began = performance.now()
  await pageOf(fails, `/x/${'?'.repeat(60_000)}`)
  expect(performance.now() - began).toBeLessThan(400)
})

test('the address of the page before is shown without its secrets', async () => {
  const page = await pageOf(fails, '/x/', { referer: `http://localhost/reset/?token=${secret}&page=2` })
  expect(page).toContain('?token=••••••&amp;page=2')
  expect(page).not.toContain(secret)
})
