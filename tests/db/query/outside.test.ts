/** What input from outside may ask for: no secret through a key that holds it, and no work without end. */
import { defineApp } from 'nuages'
import { bigInteger, boolean, char, dateTime, F, float, foreignKey, json, Model, manyToMany, reverse } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { deserialize } from '../../../src/db/serializers/index.ts'
import { freshTables } from './setup.ts'

class Key extends Model<Key>()({
  token: char({ maxLength: 20, unique: true, secret: true }),
  name: char({ maxLength: 20 }),
  badges: () => reverse(Badge, 'key'),
}) {}
class Badge extends Model<Badge>()({
  name: char({ maxLength: 20 }),
  key: () => foreignKey(Key, { toField: 'token', onDelete: 'cascade' }),
  open: () => foreignKey(Key, { toField: 'token', onDelete: 'cascade', secret: false }),
}) {}
class Guest extends Model<Guest>()({
  name: char({ maxLength: 20, default: '' }),
  born: dateTime({ null: true }),
  there: boolean({ default: false }),
  weight: float({ default: 0 }),
  number: bigInteger({ default: 0n }),
  notes: json<unknown>({ null: true }),
  friends: () => manyToMany(Guest),
}) {}
freshTables(defineApp({ name: 'outside', root: import.meta.url, models: { Key, Badge, Guest } }))

const secret = expect.objectContaining({ code: 'db.secret-field', status: 400 })
const unsafe = expect.objectContaining({ code: 'db.unsafe-lookup', status: 400 })

describe('a foreign key to a secret field holds the secret', () => {
  beforeEach(async () => {
    await Key.objects.create({ token: 'hunter2', name: 'a' })
    await Badge.objects.create({ name: 'b', key: 'hunter2', open: 'hunter2' })
  })

  test('and is secret: not in filters and orders from outside, values() or JSON, unless it says so', async () => {
    for (const path of ['key', 'keyId', 'key__token', 'key__badges__key'])
      for (const name of [path, `${path}__in`, `${path}__gt`]) {
        expect(() => Badge.objects.dynamic({ [name]: 'h' })).toThrow(secret)
        expect(() => Badge.objects.dynamicOrderBy(`-${name}`)).toThrow(secret)
        expect(() => Badge.objects.all().dynamicValues(name)).toThrow(secret)
      }
    expect(() => Key.objects.dynamic({ badges__key: 'h' })).toThrow(secret)
    expect(await Badge.objects.values()).toEqual([{ id: expect.anything(), name: 'b', openId: 'hunter2' }])
    expect(JSON.stringify(await Badge.objects.get({ name: 'b' }))).not.toContain('"key"')
  })

  test('what it leads to is as open as before', async () => {
    expect(await Badge.objects.dynamic({ key__name: 'a', key__badges__name: 'b' }).count()).toBe(1)
    expect(await Badge.objects.dynamic({ openId: 'hunter2' }).count()).toBe(1)
    expect((await Badge.objects.get({ key: 'hunter2' })).keyId).toBe('hunter2')
  })

  test('cursors of page() would show the values of secret fields', async () => {
    const unpageable = expect.objectContaining({ code: 'db.unpageable-order' })
    const pages = [
      Key.objects.orderBy('token').page({ size: 1 }),
      Key.objects
        .annotate({ t: F('token') })
        .orderBy('-t')
        .page({ size: 1 }),
      Badge.objects.orderBy('key__token').page({ size: 1 }),
      Badge.objects.orderBy('keyId', 'id').page({ size: 1 }),
    ]
    for (const page of pages) await expect(page).rejects.toEqual(unpageable)
    expect((await Key.objects.orderBy('name').page({ size: 1 })).rows).toHaveLength(1)
  })
})

describe('denial of service', () => {
  test('paths that multiply rows, or are many, are refused before anything is sent', () => {
    const deep = (times: number) => `${'friends__'.repeat(times)}name`
    expect(() => Guest.objects.dynamic({ [deep(4)]: 'x' })).not.toThrow()
    const guests = Guest.objects.all()
    for (const path of [deep(5), deep(14)]) {
      expect(() => guests.dynamic({ [path]: 'x' })).toThrow(unsafe)
      expect(() => guests.dynamicOrderBy(path, `-${path}`)).toThrow(unsafe)
      expect(() => guests.dynamicValues(path)).toThrow(unsafe)
    }
    const long = expect.objectContaining({ code: 'db.unknown-field', status: 400 })
    expect(() => guests.dynamicOrderBy(deep(10_000))).toThrow(long)
    expect(() => guests.dynamicValues(deep(10_000))).toThrow(long)
    const many = Array.from({ length: 5000 }, (_, i) => `notes__k${i}`)
    expect(() => guests.dynamic(Object.fromEntries(many.map((path) => [path, '1'])))).toThrow(unsafe)
    expect(() => guests.dynamicOrderBy(...many)).toThrow(unsafe)
    expect(() => guests.dynamicValues(...many)).toThrow(unsafe)
  })

  test('values at the edge of what is known are errors of the caller', async () => {
    const wrong = { code: 'db.invalid-value', status: 400 }
    for (const day of ['+275760-09-13', '+010000-01-01', '-000001-01-01'])
      await expect((async () => Guest.objects.dynamic({ born__date: day }).count())()).rejects.toMatchObject(wrong)
    for (const where of [{ notes__hasKey: 'a\0b' }, { notes__hasKeys: ['a', '\0'] }, { notes__hasAnyKeys: ['\0'] }]) {
      const count = await (async () => Guest.objects.dynamic(where).count())().catch((error: unknown) => error)
      if (count !== 0) expect(count).toMatchObject(wrong)
    }
  })
})

describe('hostile fixtures', () => {
  const read = async (fields: string): Promise<unknown> => {
    for await (const row of deserialize('json', `[{"model": "outside.Guest", "pk": 1, "fields": ${fields}}]`))
      await row.save()
    return null
  }
  test('words of every object, objects that are no values, and JSON without end are told by line', async () => {
    const bad = [
      '"constructor"',
      '"__proto__"',
      '"toString"',
      '{"toString": 1, "valueOf": 1}',
      '["true"]',
      '{}',
      '[[]]',
    ]
    for (const value of bad)
      for (const field of ['there', 'weight', 'number'])
        await expect(read(`{"${field}": ${value}}`)).rejects.toMatchObject({ code: 'serializers.invalid-value' })
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    await expect(read(`{"notes": ${deep}}`)).rejects.toMatchObject({ code: 'serializers.invalid-value' })
    await read('{"notes": {"__proto__": {"polluted": 1}}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
  test('a number of very many digits does not fill the log', async () => {
    const error = await read(`{"number": ${'9'.repeat(100_000)}}`).catch((reason: unknown) => reason)
    expect(String(error).length).toBeLessThan(500)
  })
})
