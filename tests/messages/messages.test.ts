import { type HttpRequest, respond } from 'nuages/http'
import { addMessage, takeMessages } from 'nuages/messages'
import { sessionsMiddleware } from 'nuages/sessions'
import { expect, test } from 'vitest'
import { site } from '../middleware/site.ts'
import { memoryStore } from '../sessions/memory-store.ts'

/** One visitor of a site whose view is given per request. */
function visitor() {
  const store = memoryStore()
  let cookie = ''
  return {
    store,
    async ask(view: (request: HttpRequest) => unknown): Promise<unknown> {
      const page = site([sessionsMiddleware({ store })], (request) => respond(JSON.stringify(view(request) ?? null)))
      const response = await page('/', cookie === '' ? {} : { headers: { cookie } })
      for (const set of response.headers.getSetCookie()) cookie = set.split(';')[0]!
      return JSON.parse(await response.text())
    },
  }
}

test('a message is shown on the next page, once, the oldest first', async () => {
  const { ask } = visitor()
  await ask((request) => {
    addMessage(request, 'success', 'Saved.')
    addMessage(request, 'warning', { toString: () => 'But late.' })
  })
  expect(await ask(takeMessages)).toEqual([
    { level: 'success', text: 'Saved.' },
    { level: 'warning', text: 'But late.' },
  ])
  expect(await ask(takeMessages)).toEqual([])
})

test('a message added and shown on one page leaves no session behind', async () => {
  const { ask, store } = visitor()
  expect(
    await ask((request) => {
      addMessage(request, 'info', 'Here.')
      return takeMessages(request)
    }),
  ).toEqual([{ level: 'info', text: 'Here.' }])
  expect(store.rows.size).toBe(0)
})

test('looking for messages where there are none keeps nothing', async () => {
  const { ask, store } = visitor()
  expect(await ask(takeMessages)).toEqual([])
  expect(store.calls).toEqual([])
})

test('a loop that adds messages for ever fills nothing', async () => {
  const { ask } = visitor()
  await ask((request) => {
    for (let i = 0; i < 200; i++) addMessage(request, 'error', `${i} ${'x'.repeat(5000)}`)
  })
  const messages = (await ask(takeMessages)) as { text: string }[]
  expect(messages).toHaveLength(50)
  expect(messages[49]!.text.startsWith('199 ')).toBe(true)
  expect(messages[49]!.text.length).toBe(2000)
})
