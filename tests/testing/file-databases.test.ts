import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { atomic } from 'nuages/db'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { describe, expect, test } from 'vitest'
import settings from './project/settings.ts'
import { Book } from './project/shop/models.ts'

let folder = ''
describe('databases in files', () => {
  const site = testSite(settings, runner, {
    databases: 'file',
    data: async () => void (await Book.objects.create({ title: 'Base' })),
  })
  const path = () => site.project.settings.databases.default!.url.replace('sqlite:', '')
  const titles = () => Book.objects.orderBy('title').valuesList('title', { flat: true })
  const titlesFromOutside = () => {
    const other = new DatabaseSync(path())
    const rows = other.prepare('SELECT title FROM shop_book ORDER BY title').all()
    other.close()
    return rows.map(({ title }) => title)
  }

  for (const round of [1, 2, 3])
    test(`each test finds the file as it was (${round})`, async () => {
      folder = dirname(path())
      expect(await titles()).toEqual(['Base'])
      await Book.objects.create({ title: `Round ${round}` })
      expect(titlesFromOutside()).toEqual(['Base', `Round ${round}`])
      expect(await Book.objects.using('archive').count()).toBe(0)
      await Book.objects.using('archive').create({ title: 'Other file' })
    })

  test('transactions are real: others see them once they are committed', async () => {
    await atomic(async () => {
      await Book.objects.create({ title: 'Within' })
      expect(titlesFromOutside()).toEqual(['Base'])
    })
    expect(titlesFromOutside()).toEqual(['Base', 'Within'])
  })

  test('what another connection writes is seen, and undone (1)', async () => {
    const other = new DatabaseSync(path())
    other.exec("INSERT INTO shop_book (title, stock) VALUES ('Outside', 1)")
    other.close()
    expect(await titles()).toEqual(['Base', 'Outside'])
  })
  test('what another connection writes is seen, and undone (2)', async () => {
    expect(await titles()).toEqual(['Base'])
  })

  test('settings change with the files staying', async () => {
    await Book.objects.create({ title: 'Kept' })
    await site.withSettings({ language: 'fr' }, async () => expect(await titles()).toEqual(['Base', 'Kept']))
    expect(readdirSync(folder).length).toBeGreaterThan(0)
  })
})

test('nothing is left of them', () => {
  expect(folder).not.toBe('')
  expect(existsSync(folder)).toBe(false)
})
