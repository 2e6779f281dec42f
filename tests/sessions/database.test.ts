import { inspect } from 'node:util'
import { databaseStore, StoredSession } from 'nuages/sessions'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { describe, expect, test } from 'vitest'
import { Session } from '../../src/sessions/models.ts'
import settings from '../auth/project/settings.ts'

const site = testSite(settings, runner)
const key = 'k'.repeat(32)
const later = () => new Date(Date.now() + 60_000)
const past = () => new Date(Date.now() - 1)

describe('the table django_session', () => {
  test('keeps values signed, under Django’s names', async () => {
    await databaseStore.create(key, { n: 1, text: 'été' }, later())
    expect(Session.meta.table).toBe('django_session')
    expect(Session.meta.columns.map(({ column }) => column)).toEqual(['session_key', 'session_data', 'expire_date'])
    expect(await databaseStore.load(key)).toEqual({ n: 1, text: 'été' })
    const row = await Session.objects.get()
    expect(row.sessionData).toMatch(/^[\w-]+:[\w-]+:[\w-]+$/)
    expect(JSON.stringify(row)).toBe(JSON.stringify({ expireDate: row.expireDate }))
    // Whoever has the key is signed in: it stands in no log either.
    expect(`${row} ${inspect(row)}`).not.toContain(key)
  })

  test('does not take a key twice', async () => {
    expect(await databaseStore.create(key, { n: 1 }, later())).toBe(true)
    expect(await databaseStore.create(key, { n: 2 }, later())).toBe(false)
    expect(await databaseStore.load(key)).toEqual({ n: 1 })
  })

  test('changes what is there, and makes nothing', async () => {
    expect(await databaseStore.update(key, { n: 1 }, later())).toBe(false)
    await databaseStore.create(key, { n: 1 }, later())
    expect(await databaseStore.update(key, { n: 2 }, later())).toBe(true)
    expect(await databaseStore.load(key)).toEqual({ n: 2 })
    expect(await databaseStore.delete(key)).toBe(true)
    expect(await databaseStore.delete(key)).toBe(false)
    expect(await databaseStore.load(key)).toBeNull()
  })

  test('gives nothing that has expired, and clears it', async () => {
    await databaseStore.create(key, { n: 1 }, past())
    await databaseStore.create('l'.repeat(32), { n: 2 }, later())
    expect(await databaseStore.load(key)).toBeNull()
    expect(await databaseStore.clearExpired(new Date())).toBe(1)
    expect(await Session.objects.count()).toBe(1)
  })

  test('gives nothing that was forged or broken', async () => {
    const { dumps } = await import('../../src/signing/index.ts')
    const forged = [
      '',
      'nonsense',
      'eyJuIjoxfQ:1abc:forged',
      dumps({ n: 1 }, { salt: 'another.use' }),
      dumps({ n: 1 }, { salt: 'nuages.sessions', key: 'another key, of somebody else entirely' }),
      dumps('text', { salt: 'nuages.sessions' }),
      dumps(null, { salt: 'nuages.sessions' }),
      dumps([1], { salt: 'nuages.sessions' }),
    ]
    for (const sessionData of forged) {
      await Session.objects.all().delete()
      await Session.objects.create({ sessionKey: key, sessionData, expireDate: later() })
      expect([sessionData, await databaseStore.load(key)]).toEqual([sessionData, null])
    }
  })
})

describe('two requests of one session', () => {
  test('one signs out while the other runs: what it saves does not come back', async () => {
    await databaseStore.create(key, { n: 1 }, later())
    const [slow, out] = [await StoredSession.load(databaseStore, key), await StoredSession.load(databaseStore, key)]
    slow.set('n', 2)
    out.flush()
    expect(await out.save(60)).toBeNull()
    expect(await slow.save(60)).toBeNull()
    expect([slow.interrupted, out.interrupted]).toEqual([true, false])
    expect(await Session.objects.count()).toBe(0)
  })

  test('one signs in while the other runs: the other ends without a trace', async () => {
    await databaseStore.create(key, { n: 1 }, later())
    const [slow, login] = [await StoredSession.load(databaseStore, key), await StoredSession.load(databaseStore, key)]
    slow.set('n', 2)
    login.renew()
    login.set('user', '1')
    const fresh = (await login.save(60))!
    expect(await slow.save(60)).toBeNull()
    expect(await databaseStore.load(fresh)).toEqual({ n: 1, user: '1' })
    expect(await Session.objects.count()).toBe(1)
  })
})

test('a whole visit writes one row', async () => {
  await site.client.get('/keep/one/')
  await site.client.get('/keep/two/')
  expect((await site.client.get('/told/')).json()).toEqual({
    kept: 'two',
    messages: [
      { level: 'info', text: 'kept one' },
      { level: 'info', text: 'kept two' },
    ],
  })
  expect(await Session.objects.count()).toBe(1)
})

test('a page that fails writes nothing', async () => {
  await site.client.get('/keep/one/')
  await expect(site.client.get('/fail/')).rejects.toThrow('broken')
  expect((await site.client.get('/told/')).json()).toMatchObject({ kept: 'one' })
})
