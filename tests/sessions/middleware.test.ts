import { type HttpRequest, HttpResponse, type Middleware, respond, type View } from 'nuages/http'
import { type SessionOptions, sessionsMiddleware } from 'nuages/sessions'
import { beforeEach, describe, expect, test } from 'vitest'
import { site } from '../middleware/site.ts'
import { memoryStore } from './memory-store.ts'

let store = memoryStore()
beforeEach(() => {
  store = memoryStore()
})

type Ask = ReturnType<typeof site>
function ask(view: View, options: Partial<SessionOptions> = {}): Ask {
  return site([sessionsMiddleware({ store, ...options })], view)
}
const nothing = () => respond('nothing')
const read = (request: HttpRequest) => respond(JSON.stringify(request.session.get('n') ?? null))
const write = (request: HttpRequest) => {
  request.session.set('n', (request.session.get<number>('n') ?? 0) + 1)
  return respond('written')
}
const end = (request: HttpRequest) => {
  request.session.flush()
  return respond('ended')
}

function cookieOf(response: Response): string {
  const [first, ...more] = response.headers.getSetCookie()
  expect(more).toEqual([])
  return first ?? ''
}
const keyOf = (response: Response): string => /^sessionid=(\w+)/.exec(cookieOf(response))![1]!
const sending = (key: string): RequestInit => ({ headers: { cookie: `sessionid=${key}` } })

/** A session in the store, with `n` as its only value. */
async function started(n = 1): Promise<string> {
  const key = keyOf(await ask(write)('/'))
  if (n !== 1) store.rows.get(key)!.data = JSON.stringify({ n })
  store.calls.length = 0
  return key
}

describe('without a cookie', () => {
  test('the store is not asked, and nothing is sent', async () => {
    const response = await ask(nothing)('/')
    expect(store.calls).toEqual([])
    expect(response.headers.getSetCookie()).toEqual([])
    expect(response.headers.get('vary')).toBeNull()
  })

  test('reading finds nothing, writes nothing, and makes the response vary', async () => {
    const response = await ask(read)('/')
    expect(await response.text()).toBe('null')
    expect(store.calls).toEqual([])
    expect(response.headers.getSetCookie()).toEqual([])
    expect(response.headers.get('vary')).toBe('Cookie')
  })

  test('the chain answers at once: nothing is waited for', async () => {
    const chain = sessionsMiddleware({ store })
    const answers: unknown[] = []
    const spy: Middleware = (request, next) => {
      const answer = chain(request, next)
      answers.push(answer)
      return answer
    }
    await site([spy], read)('/')
    expect(answers).toEqual([expect.any(HttpResponse)])
  })

  test('ending a session that never was sends nothing', async () => {
    expect(cookieOf(await ask(end)('/'))).toBe('')
    expect(store.calls).toEqual([])
  })
})

describe('with a cookie', () => {
  test('the session is read before the view', async () => {
    const key = await started(7)
    const response = await ask(read)('/', sending(key))
    expect(await response.text()).toBe('7')
    expect(store.calls).toEqual([`load ${key}`])
    expect(response.headers.getSetCookie()).toEqual([])
  })

  test('a page that does not look at it does not vary', async () => {
    expect((await ask(nothing)('/', sending(await started()))).headers.get('vary')).toBeNull()
  })

  test('a change is written under the same key, and the cookie is sent anew', async () => {
    const key = await started()
    const response = await ask(write)('/', sending(key))
    expect(keyOf(response)).toBe(key)
    expect(JSON.parse(store.rows.get(key)!.data)).toEqual({ n: 2 })
  })

  test('changing the inside of a value is written when the session is told', async () => {
    const key = keyOf(
      await ask((request) => {
        request.session.set('list', [1])
        return respond('')
      })('/'),
    )
    const push = (tell: boolean) => (request: HttpRequest) => {
      request.session.get<number[]>('list')!.push(2)
      if (tell) request.session.modified = true
      return respond('')
    }
    await ask(push(false))('/', sending(key))
    expect(JSON.parse(store.rows.get(key)!.data)).toEqual({ list: [1] })
    await ask(push(true))('/', sending(key))
    expect(JSON.parse(store.rows.get(key)!.data)).toEqual({ list: [1, 2] })
  })

  test('deleting the last value ends the session', async () => {
    const key = await started()
    const response = await ask((request) => respond(String(request.session.delete('n'))))('/', sending(key))
    expect(await response.text()).toBe('true')
    expect(store.rows.size).toBe(0)
    expect(cookieOf(response)).toMatch(/^sessionid=; Max-Age=0;/)
  })

  test('flush() ends it, and the browser is told to forget the cookie', async () => {
    const key = await started()
    const response = await ask(end)('/', sending(key))
    expect(store.rows.size).toBe(0)
    expect(cookieOf(response)).toMatch(/^sessionid=; Max-Age=0; Path=\/;/)
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(await (await ask(read)('/', sending(key))).text()).toBe('null')
  })

  test('cycleKey() keeps the values under another key; the old one leads nowhere', async () => {
    const key = await started(5)
    const response = await ask((request) => {
      request.session.cycleKey()
      return respond('')
    })('/', sending(key))
    const fresh = keyOf(response)
    expect(fresh).not.toBe(key)
    expect(await (await ask(read)('/', sending(fresh))).text()).toBe('5')
    expect(await (await ask(read)('/', sending(key))).text()).toBe('null')
  })

  test('undefined cannot be kept', async () => {
    const seen: unknown[] = []
    await ask((request) => {
      try {
        request.session.set('n', undefined)
      } catch (error) {
        seen.push((error as { code: string }).code)
      }
      return respond('')
    })('/')
    expect(seen).toEqual(['sessions.undefined-value'])
  })

  test('names such as __proto__ are names', async () => {
    const view = (request: HttpRequest) => {
      request.session.set('__proto__', { polluted: true })
      request.session.set('constructor', 1)
      return respond('')
    }
    const key = keyOf(await ask(view)('/'))
    const response = await ask((request) => respond(JSON.stringify(request.session.get('__proto__'))))(
      '/',
      sending(key),
    )
    expect(await response.text()).toBe('{"polluted":true}')
    expect('polluted' in {}).toBe(false)
  })
})

describe('a cookie that leads nowhere', () => {
  const keys = ['', 'x', 'A'.repeat(32), '../../etc/passwd', 'a'.repeat(33), "' or 1=1 --", `${'a'.repeat(31)}%00`]
  test.each(keys)('%j is not looked up, nor adopted, and is forgotten', async (key) => {
    const response = await ask(read)('/', sending(encodeURIComponent(key)))
    expect(store.calls).toEqual([])
    expect(cookieOf(response)).toMatch(/^sessionid=; Max-Age=0;/)
    const written = await ask(write)('/', sending(encodeURIComponent(key)))
    expect(keyOf(written)).toMatch(/^[a-z0-9]{32}$/)
    expect(keyOf(written)).not.toBe(key)
  })

  test('a key that is well formed but unknown is not adopted: nobody can plant one', async () => {
    const planted = 'a'.repeat(32)
    const fresh = keyOf(await ask(write)('/', sending(planted)))
    expect(fresh).not.toBe(planted)
    expect([...store.rows.keys()]).toEqual([fresh])
  })

  test('an expired session is not read', async () => {
    const key = await started()
    store.rows.get(key)!.expires = new Date(Date.now() - 1)
    expect(await (await ask(read)('/', sending(key))).text()).toBe('null')
  })
})

describe('another request meanwhile', () => {
  /** Asks `view` with a session that ends while it runs. */
  async function interrupted(view: (request: HttpRequest) => void): Promise<Response> {
    const key = await started()
    return ask(async (request) => {
      request.session.get('n')
      await ask(end)('/', sending(key))
      view(request)
      return respond('')
    })('/', sending(key))
  }

  test('a session that it ended is not brought back by a change', async () => {
    const response = await interrupted((request) => request.session.set('n', 2))
    expect(store.rows.size).toBe(0)
    // The other response may have set another cookie since: it stays.
    expect(cookieOf(response)).toBe('')
  })

  test('nor by another key', async () => {
    const response = await interrupted((request) => {
      request.session.set('n', 2)
      request.session.cycleKey()
    })
    expect(store.rows.size).toBe(0)
    expect(cookieOf(response)).toBe('')
  })

  test('a new session begun after flush() is another one', async () => {
    const response = await interrupted((request) => {
      request.session.flush()
      request.session.set('n', 9)
    })
    expect(JSON.parse(store.rows.get(keyOf(response))!.data)).toEqual({ n: 9 })
  })
})

describe('a view that fails', () => {
  test('leaves the session as it was, and sends no cookie', async () => {
    const key = await started(3)
    const failing = (request: HttpRequest) => {
      request.session.set('n', 99)
      throw new Error('broken')
    }
    const chain = site([sessionsMiddleware({ store })], failing, { onError: () => undefined })
    const response = await chain('/', sending(key))
    expect(response.status).toBe(500)
    expect(JSON.parse(store.rows.get(key)!.data)).toEqual({ n: 3 })
    expect(response.headers.getSetCookie()).toEqual([])
  })

  test('with a 4xx it is written: a refused form may have counted attempts', async () => {
    const response = await ask((request) => {
      request.session.set('attempts', 1)
      return respond('no', { status: 403 })
    })('/')
    expect(store.rows.size).toBe(1)
    expect(cookieOf(response)).toMatch(/^sessionid=/)
  })
})

describe('the cookie', () => {
  const cases: [string, Partial<SessionOptions>, RegExp][] = [
    ['by default', {}, /^sessionid=\w{32}; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/i],
    [
      'with a name, path and domain',
      { cookieName: 's', path: '/a', domain: 'example.com' },
      /^s=\w{32}; Max-Age=1209600; Domain=example\.com; Path=\/a; HttpOnly; SameSite=Lax$/i,
    ],
    [
      'until the browser closes',
      { expireAtBrowserClose: true },
      /^sessionid=\w{32}; Path=\/; HttpOnly; SameSite=Lax$/i,
    ],
    [
      'strict and secure',
      { sameSite: 'strict', secure: true },
      /^sessionid=\w{32}; Max-Age=1209600; Path=\/; HttpOnly; Secure; SameSite=Strict$/i,
    ],
    ['for a minute', { maxAge: 60 }, /^sessionid=\w{32}; Max-Age=60; Path/i],
  ]
  test.each(cases)('%s', async (_, options, expected) => {
    expect(cookieOf(await ask(write, options)('/'))).toMatch(expected)
  })

  test('is secure over HTTPS, unless told otherwise', async () => {
    expect(cookieOf(await ask(write)('/', { secure: true }))).toMatch(/; Secure/i)
    expect(cookieOf(await ask(write, { secure: false })('/', { secure: true }))).not.toMatch(/; Secure/i)
  })

  test('is forgotten where it was set', async () => {
    const options = { path: '/a', domain: 'example.com' } as const
    const key = keyOf(await ask(write, options)('/'))
    expect(cookieOf(await ask(end, options)('/', sending(key)))).toMatch(
      /^sessionid=; Max-Age=0; Domain=example\.com; Path=\/a; Expires=Thu, 01 Jan 1970/,
    )
  })
})

describe('when it ends', () => {
  const withExpiry = (expiry: number | Date | null) => (request: HttpRequest) => {
    request.session.set('n', 1)
    request.session.setExpiry(expiry)
    return respond('')
  }
  const lifeOf = (key: string) => Math.round((store.rows.get(key)!.expires.getTime() - Date.now()) / 1000)

  test('seconds: the cookie and the row, and again when it changes later', async () => {
    const response = await ask(withExpiry(300))('/')
    expect(cookieOf(response)).toMatch(/Max-Age=300;/)
    const key = keyOf(response)
    expect(lifeOf(key)).toBe(300)
    expect(cookieOf(await ask(write)('/', sending(key)))).toMatch(/Max-Age=300;/)
    expect(lifeOf(key)).toBe(300)
  })

  test('a date: whatever changes meanwhile', async () => {
    const response = await ask(withExpiry(new Date(Date.now() + 120_500)))('/')
    expect(cookieOf(response)).toMatch(/Max-Age=120;/)
    expect(cookieOf(await ask(write)('/', sending(keyOf(response))))).toMatch(/Max-Age=1(19|20);/)
  })

  test('0: with the browser, while the row lives as long as the setting says', async () => {
    const response = await ask(withExpiry(0), { maxAge: 60 })('/')
    expect(cookieOf(response)).not.toMatch(/Max-Age/)
    expect(lifeOf(keyOf(response))).toBe(60)
  })

  test('null: as the setting says', async () => {
    const key = keyOf(await ask(withExpiry(300))('/'))
    expect(cookieOf(await ask(withExpiry(null))('/', sending(key)))).toMatch(/Max-Age=1209600;/)
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, new Date('nonsense')])('%s is refused', async (expiry) => {
    const chain = site([sessionsMiddleware({ store })], withExpiry(expiry), { onError: () => undefined })
    expect((await chain('/')).status).toBe(500)
    expect(store.rows.size).toBe(0)
  })

  test('saveEveryRequest prolongs it whenever it comes by, and starts none', async () => {
    const key = await started()
    const response = await ask(nothing, { saveEveryRequest: true })('/', sending(key))
    expect(keyOf(response)).toBe(key)
    expect(store.calls).toEqual([`load ${key}`, `update ${key}`])
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(cookieOf(await ask(nothing, { saveEveryRequest: true })('/'))).toBe('')
  })
})

test('two new sessions never share a key, even when the first choice is taken', async () => {
  const { create } = store
  let refused = 0
  store.create = async (key, data, expires) => (refused++ < 2 ? false : create(key, data, expires))
  await ask(write)('/')
  expect(refused).toBe(3)
  expect(store.rows.size).toBe(1)
})
