import {
  argon2Hasher,
  authenticate,
  checkPassword,
  configureHashers,
  loginFailed,
  pbkdf2Hasher,
  userLoggedIn,
  userLoggedOut,
  userModel,
} from 'nuages/auth'
import { captureQueries } from 'nuages/testing'
import { describe, expect, test } from 'vitest'
import { Session } from '../../src/sessions/models.ts'
import { authSite, logIn, makeUser, PASSWORD, whoIs } from './site.ts'

const site = authSite()

describe('the login page', () => {
  test('is a form with a token, which nobody keeps', async () => {
    const page = await site.client.get('/accounts/login/?next=/members/')
    expect(page.status).toBe(200)
    expect(page.body).toMatch(/name="csrfmiddlewaretoken" value="\w{64}"/)
    expect(page.body).toMatch(/<input[^>]*name="next"[^>]*value="\/members\/"/)
    expect(page.body).toMatch(/type="email"/)
    expect(page.body).toMatch(/autocomplete="current-password"/)
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  test('signs in, and leads where the visitor wanted to go', async () => {
    await makeUser()
    const refused = await site.client.get('/members/?page=2')
    expect(refused.location).toBe('/accounts/login/?next=%2Fmembers%2F%3Fpage%3D2')
    const response = await logIn(site.client, { next: '/members/?page=2' })
    expect([response.status, response.location]).toEqual([302, '/members/?page=2'])
    expect(await whoIs(site.client)).toBe('ada@example.org')
  })

  test('leads to the setting loginRedirectUrl otherwise; a path or the name of a route', async () => {
    await makeUser()
    expect((await logIn(site.client)).location).toBe('/')
    await site.withSettings({ auth: { loginRedirectUrl: 'pages:members' } }, async (client) => {
      expect((await logIn(client)).location).toBe('/members/')
    })
  })

  test('says the same whatever is wrong', async () => {
    await makeUser()
    await makeUser({ email: 'closed@example.org', isActive: false })
    await makeUser({ email: 'never@example.org', password: null })
    const attempts: Record<string, string>[] = [
      { password: 'wrong' },
      { email: 'nobody@example.org' },
      { email: 'closed@example.org' },
      { email: 'closed@example.org', password: 'wrong' },
      { email: 'never@example.org' },
      { email: 'never@example.org', password: '!' },
    ]
    const bodies = new Set<string>()
    for (const attempt of attempts) {
      const client = site.visitor()
      const response = await logIn(client, attempt)
      expect(response.status).toBe(422)
      expect(await whoIs(client)).toBe('AnonymousUser')
      bodies.add(response.body.replace(/value="[^"]*"/g, ''))
    }
    expect(bodies.size).toBe(1)
    expect([...bodies][0]).toContain('do not belong together')
    expect([...bodies][0]).not.toContain('wrong')
  })

  test('wants the token', async () => {
    await makeUser()
    const strict = site.visitor({ checkCsrf: true })
    expect((await logIn(strict)).status).toBe(403)
    const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec((await strict.get('/accounts/login/')).body)![1]!
    expect((await logIn(strict, { csrfmiddlewaretoken: token })).status).toBe(302)
  })

  test('takes no more than one form: oversized and missing values are refused politely', async () => {
    await makeUser()
    const forms: Record<string, string>[] = [
      { password: 'x'.repeat(5000) },
      { email: `${'a'.repeat(400)}@example.org` },
      { email: '' },
      { password: '' },
      { email: 'not an address' },
      { email: 'ada@example.org\0' },
    ]
    for (const values of forms) expect([values, (await logIn(site.visitor(), values)).status]).toEqual([values, 422])
    expect((await site.client.post('/accounts/login/')).status).toBe(422)
  })
})

describe('where a login leads', () => {
  const evil = [
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '///evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\nSet-Cookie: a=b',
    '\n//evil.example',
    ' //evil.example',
    'https://evil.example/',
    'https:evil.example',
    'http:///evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '@evil.example',
    '/\u2028/evil.example',
    '/\u0000/evil.example',
    `/${'a'.repeat(3000)}`,
    '',
  ]
  test.each(evil)('not %j', async (next) => {
    await makeUser()
    const page = await site.client.get(`/accounts/login/?next=${encodeURIComponent(next)}`)
    expect(page.body).toMatch(/<input[^>]*name="next"[^>]*value=""/)
    const response = await logIn(site.client, { next })
    expect([response.status, response.location]).toEqual([302, '/'])
  })

  test.each(['/members/', '/search/?q=//evil.example', '/caf%C3%A9/#part', '/café/'])('to %j', async (next) => {
    await makeUser()
    expect((await logIn(site.client, { next })).location).toBe(encodeURI(decodeURI(next)))
  })
})

describe('the session', () => {
  test('has another key after the login: one that was planted is worth nothing', async () => {
    await makeUser()
    await site.client.get('/keep/basket/')
    const planted = site.client.cookies.get('sessionid')!
    await logIn(site.client)
    const key = site.client.cookies.get('sessionid')!
    expect(key).not.toBe(planted)
    const attacker = site.visitor()
    attacker.cookies.set('sessionid', planted)
    expect(await whoIs(attacker)).toBe('AnonymousUser')
    expect(await Session.objects.filter({ sessionKey: planted }).exists()).toBe(false)
  })

  test('keeps what the visitor had put into it', async () => {
    await makeUser()
    await site.client.get('/keep/basket/')
    await logIn(site.client)
    expect((await site.client.get('/told/')).json()).toMatchObject({ kept: 'basket' })
  })

  test('keeps nothing of another user who was signed in before', async () => {
    await makeUser()
    await makeUser({ email: 'bob@example.org' })
    await logIn(site.client)
    await site.client.get('/keep/secret/')
    await logIn(site.client, { email: 'bob@example.org' })
    expect(await whoIs(site.client)).toBe('bob@example.org')
    expect((await site.client.get('/told/')).json()).toMatchObject({ kept: null })
  })

  test('the token against forged requests is another one, too', async () => {
    await makeUser()
    await site.client.get('/')
    const before = site.client.cookies.get('csrftoken')
    await logIn(site.client)
    expect(site.client.cookies.get('csrftoken')).not.toBe(before)
  })

  test('of a login that ran twice at once ends with two good sessions, not none', async () => {
    await makeUser()
    await site.client.get('/keep/basket/')
    const key = site.client.cookies.get('sessionid')!
    const twins = [site.visitor(), site.visitor()]
    for (const twin of twins) twin.cookies.set('sessionid', key)
    await Promise.all(twins.map((twin) => logIn(twin)))
    for (const twin of twins) expect(await whoIs(twin)).toBe('ada@example.org')
  })
})

describe('signing out', () => {
  test('ends the session for whoever has its cookie', async () => {
    await makeUser()
    await logIn(site.client)
    const thief = site.visitor()
    thief.cookies.set('sessionid', site.client.cookies.get('sessionid')!)
    expect(await whoIs(thief)).toBe('ada@example.org')
    const response = await site.client.post('/accounts/logout/')
    expect([response.status, response.location]).toEqual([302, '/'])
    expect(site.client.cookies.has('sessionid')).toBe(false)
    expect(await whoIs(thief)).toBe('AnonymousUser')
    expect(await Session.objects.count()).toBe(0)
  })

  test('takes a POST: a link or an image signs nobody out', async () => {
    await makeUser()
    await logIn(site.client)
    const response = await site.client.get('/accounts/logout/')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await whoIs(site.client)).toBe('ada@example.org')
  })

  test('wants the token', async () => {
    const strict = site.visitor({ checkCsrf: true })
    await site.login(await makeUser(), strict)
    expect((await strict.post('/accounts/logout/')).status).toBe(403)
    expect(await whoIs(strict)).toBe('ada@example.org')
  })

  test('by nobody is no error', async () => {
    expect((await site.client.post('/accounts/logout/')).status).toBe(302)
  })
})

describe('a session is good for nothing', () => {
  test('when its user is closed', async () => {
    const user = await makeUser()
    await site.login(user)
    user.isActive = false
    await user.save()
    expect(await whoIs(site.client)).toBe('AnonymousUser')
    expect(site.client.cookies.has('sessionid')).toBe(false)
  })

  test('when its user is gone', async () => {
    const user = await makeUser()
    await site.login(user)
    await user.delete()
    expect(await whoIs(site.client)).toBe('AnonymousUser')
  })

  test('when the password was changed elsewhere', async () => {
    const user = await makeUser()
    await site.login(user)
    await user.setPassword('another one entirely')
    await user.save()
    expect(await whoIs(site.client)).toBe('AnonymousUser')
  })

  test('when the row was altered: values are signed', async () => {
    await site.login(await makeUser())
    const row = await Session.objects.get()
    row.sessionData = `${row.sessionData.slice(0, -1)}${row.sessionData.endsWith('A') ? 'B' : 'A'}`
    await row.save()
    expect(await whoIs(site.client)).toBe('AnonymousUser')
  })

  test('when it has expired', async () => {
    await site.login(await makeUser())
    await Session.objects.update({ expireDate: new Date(Date.now() - 1000) })
    expect(await whoIs(site.client)).toBe('AnonymousUser')
  })

  test('when its cookie is another text', async () => {
    await site.login(await makeUser())
    const key = site.client.cookies.get('sessionid')!
    for (const other of [key.toUpperCase(), `${key}%20`, `${key}a`, key.slice(1), `${key.slice(0, -1)}%2a`]) {
      const client = site.visitor()
      client.cookies.set('sessionid', other)
      expect([other, await whoIs(client)]).toEqual([other, 'AnonymousUser'])
    }
  })
})

describe('a secret key that was replaced', () => {
  test('signs nobody out while the old one is a fallback; afterwards the session is signed with the new one', async () => {
    const old = 'tests-only-tests-only-tests-only-tests-only-tests-only'
    const fresh = 'fresh-only-fresh-only-fresh-only-fresh-only-fresh-only'
    await site.login(await makeUser())
    const key = site.client.cookies.get('sessionid')!
    await site.withSettings({ secretKey: fresh, secretKeyFallbacks: [old] }, async (client) => {
      client.cookies.set('sessionid', key)
      expect(await whoIs(client)).toBe('ada@example.org')
    })
    await site.withSettings({ secretKey: fresh }, async (client) => {
      client.cookies.set('sessionid', key)
      expect(await whoIs(client)).toBe('ada@example.org')
    })
    expect(await whoIs(site.client)).toBe('AnonymousUser')
  })
})

describe('authenticate()', () => {
  const asked = (email: string, password = PASSWORD) => authenticate({ email, password })

  test('knows an address in any case, with spaces around it', async () => {
    await makeUser({ email: ' Ada@Example.ORG ' })
    for (const email of ['ada@example.org', 'ADA@EXAMPLE.ORG', ' ada@example.org\n'])
      expect([email, (await asked(email))?.email]).toEqual([email, 'ada@example.org'])
  })

  test('finds rows that came with capitals from elsewhere by what was typed', async () => {
    const user = await makeUser()
    await userModel().objects.filter({ id: user.id }).dynamicUpdate({ email: 'ada@example.org' })
    user.email = 'Ada@example.org'
    await user.save()
    expect((await asked('Ada@example.org'))?.id).toBe(user.id)
  })

  test('never takes an address for one that merely looks like it (CVE-2019-19844)', async () => {
    await makeUser({ email: 'mike@example.org' })
    for (const email of [
      'mıke@example.org',
      'mi\u212ae@example.org',
      'ｍike@example.org',
      'miKe\u0307@example.org',
      'mike@example.org\u0000',
    ])
      expect([email, await asked(email)]).toEqual([email, null])
    if (site.project.settings.databases.default!.engine === 'mysql') return // its collation takes both for one address
    const other = await makeUser({ email: 'mıke@example.org' })
    expect((await asked('mıke@example.org'))?.id).toBe(other.id)
    expect((await asked('mike@example.org'))?.id).not.toBe(other.id)
  })

  test('hashes an old password anew, once', async () => {
    const user = await makeUser()
    user.password = await pbkdf2Hasher('sha256', 10).encode(PASSWORD)
    await user.save()
    expect((await asked(user.email, 'wrong'))?.id).toBeUndefined()
    await user.refresh()
    expect(user.password).toMatch(/^pbkdf2/)
    const found = (await asked(user.email))!
    expect(found.password).toMatch(/^argon2\$/)
    await user.refresh()
    expect(user.password).toBe(found.password)
    expect(await checkPassword(PASSWORD, user.password)).toEqual({ correct: true, upgrade: false })
  })

  test('writes nothing but the password when it does', async () => {
    const user = await makeUser()
    user.password = await pbkdf2Hasher('sha256', 10).encode(PASSWORD)
    await user.save()
    expect((await asked(user.email))!.lastLogin).toBeNull()
  })

  test('asks the database and hashes as often for an unknown address as for a known one', async () => {
    await makeUser()
    await makeUser({ email: 'closed@example.org', isActive: false })
    await makeUser({ email: 'never@example.org', password: null })
    const hasher = argon2Hasher({ memory: 8, passes: 1 })
    let hashes = 0
    const counted = <A extends unknown[], R>(fn: (...args: A) => R) => {
      return (...args: A): R => {
        hashes++
        return fn(...args)
      }
    }
    configureHashers([{ ...hasher, encode: counted(hasher.encode), verify: counted(hasher.verify) }])
    const costs: unknown[] = []
    for (const email of ['ada@example.org', 'closed@example.org', 'never@example.org', 'nobody@example.org']) {
      hashes = 0
      const queries = await captureQueries(() => asked(email, 'wrong'))
      costs.push([queries.length, hashes])
    }
    expect(costs).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ])
  })
})

describe('signals', () => {
  test('tell of logins, failures and log-outs, never with the password', async () => {
    const told: string[] = []
    const disconnect = [
      userLoggedIn.connect(({ user }) => void told.push(`in ${user}`)),
      userLoggedOut.connect(({ user }) => void told.push(`out ${user}`)),
      loginFailed.connect((event) => void told.push(`failed ${event.email} ${Object.keys(event)}`)),
    ]
    await makeUser()
    await logIn(site.client, { password: 'secret guess' })
    await logIn(site.client)
    await site.client.post('/accounts/logout/')
    await site.client.post('/accounts/logout/')
    for (const end of disconnect) end()
    expect(told).toEqual([
      'failed ada@example.org request,email',
      'in ada@example.org',
      'out ada@example.org',
      'out null',
    ])
  })

  test('a login writes when it was', async () => {
    const user = await makeUser()
    expect(user.lastLogin).toBeNull()
    await logIn(site.client)
    await user.refresh()
    expect(user.lastLogin).toBeInstanceOf(Date)
  })
})

describe('changing the password', () => {
  const change = (values: Record<string, string>) =>
    site.client.post('/accounts/password/', {
      oldPassword: PASSWORD,
      newPassword: 'a much better one',
      again: 'a much better one',
      ...values,
    })

  test('is for those who are signed in', async () => {
    expect((await site.client.get('/accounts/password/')).location).toBe(
      '/accounts/login/?next=%2Faccounts%2Fpassword%2F',
    )
  })

  test('keeps this session under another key, and ends all others', async () => {
    const user = await makeUser()
    const other = site.visitor()
    await site.login(user)
    await site.login(user, other)
    const before = site.client.cookies.get('sessionid')
    const page = await site.client.get('/accounts/password/')
    expect(page.body).toMatch(/At least 8 characters/)
    expect((await change({})).status).toBe(302)
    expect(site.client.cookies.get('sessionid')).not.toBe(before)
    expect(await whoIs(site.client)).toBe('ada@example.org')
    expect(await whoIs(other)).toBe('AnonymousUser')
    expect((await site.client.get('/told/')).json()).toMatchObject({ messages: [{ level: 'success' }] })
    await user.refresh()
    expect(await user.checkPassword('a much better one')).toBe(true)
  })

  test('asks for the present one, twice the same, and by the rules', async () => {
    const user = await makeUser()
    await site.login(user)
    const cases: [Record<string, string>, string][] = [
      [{ oldPassword: 'wrong' }, 'This is not your current password.'],
      [{ again: 'another' }, 'The two new passwords differ.'],
      [{ newPassword: '12345', again: '12345' }, 'This password is too short.'],
      [{ newPassword: 'ada@example', again: 'ada@example' }, 'too similar to the email address'],
      [{ newPassword: '' }, 'This field is required.'],
    ]
    for (const [values, message] of cases) {
      const page = await change(values)
      expect([values, page.status, page.body.includes(message)]).toEqual([values, 422, true])
      expect(page.body).not.toContain('a much better one')
    }
    await user.refresh()
    expect(await user.checkPassword(PASSWORD)).toBe(true)
  })
})
