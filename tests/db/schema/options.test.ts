import { defineApp } from 'nuages'
import { char, date, decimal, integer, ipAddress, Model, smallInteger, Temporal } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { tableName } from '../../../src/db/models/names.ts'
import { freshTablesOf } from './tables.ts'

class Host extends Model<Host>()(
  {
    name: char({ maxLength: 20, comment: "The host's name" }),
    address: ipAddress({ null: true }),
    inner: ipAddress({ null: true, protocol: 'ipv4' }),
    cores: integer({ positive: true, default: 1 }),
    small: smallInteger({ positive: true, default: 0 }),
    price: decimal({ maxDigits: 6, decimalPlaces: 2, positive: true, default: 0 }),
    since: date({ null: true }),
  },
  { comment: 'Machines', getLatestBy: ['since'] },
) {}
defineApp({ name: 'net', root: import.meta.url, models: { Host } })
freshTablesOf(Host)

describe('options of fields and models', () => {
  test('MOD-05: positive numbers are cleaned, and checked by the database', async () => {
    const host = new Host({ name: 'a', cores: -1, price: '-0.01' })
    await expect(host.fullClean()).rejects.toMatchObject({
      fields: { cores: [expect.any(String)], price: [expect.any(String)] },
    })
    for (const values of [{ cores: -1 }, { small: -1 }, { price: '-0.01' }])
      await expect((async () => Host.objects.create({ name: 'a', ...values }))()).rejects.toMatchObject({
        constraint: 'check',
      })
    await Host.objects.create({ name: 'a', cores: 0 })
  })

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    [' ::1 ', '::1'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('MOD-07: the address %s is kept as %s', async (given, kept) => {
    const host = new Host({ name: 'a', address: given })
    await host.fullClean()
    await host.save()
    expect((await Host.objects.get({ address: kept })).address).toBe(kept)
  })

  test.each(['127.0.0.01', '1.2.3', 'fe80::1%eth0', 'localhost', '::1::2', '[::1]'])(
    'MOD-07: %s is no address',
    async (given) => {
      await expect(new Host({ name: 'a', address: given }).fullClean()).rejects.toMatchObject({
        fields: { address: ['Enter a valid IPv4 or IPv6 address.'] },
      })
      await expect(new Host({ name: 'a', inner: '::1' }).fullClean()).rejects.toMatchObject({
        fields: { inner: ['Enter a valid IPv4 address.'] },
      })
    },
  )

  test('MOD-15: comments go to the database where it keeps them', async () => {
    const { backend } = database()
    const found = (await backend.introspector.table(database(), 'net_host'))!
    const kept = backend.features.comments
    expect([found.comment, found.columns[1]!.comment]).toEqual(
      kept ? ['Machines', "The host's name"] : [undefined, undefined],
    )
    expect(tableSpec(backend, Host.meta).comment).toBe('Machines')
  })

  test('MOD-17: names longer than 63 letters are cut, with a hash at the end', () => {
    const long = tableName('library', 'A'.repeat(80))
    expect(long).toHaveLength(63)
    expect(long).toMatch(/^library_a{51}[0-9a-f]{4}$/)
    expect(tableName('library', 'A'.repeat(81))).not.toBe(long)
    expect(tableName('library', 'Book')).toBe('library_book')
  })

  test('MOD-18: latest() and earliest() go by the option of the model', async () => {
    await Host.objects.bulkCreate(
      ['2024-01-01', '2026-01-01', '2025-01-01'].map((since) => ({
        name: since,
        since: Temporal.PlainDate.from(since),
      })),
    )
    expect((await Host.objects.latest()).name).toBe('2026-01-01')
    expect((await Host.objects.earliest()).name).toBe('2024-01-01')
    expect((await Host.objects.latest('name')).name).toBe('2026-01-01')
  })
})
