/** The field that names a file of this machine (MOD-04). */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filePath } from 'nuages/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formFieldOf } from '../../../src/forms/model-fields.ts'
import { bound } from './place.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nuages-paths-'))
  await mkdir(join(folder, 'dark'))
  for (const name of ['b.json', 'a.json', 'readme.txt', 'dark/c.json']) await writeFile(join(folder, name), '')
})
afterAll(() => rm(folder, { recursive: true }))

const labels = async (options: object) => {
  const choices = await formFieldOf(bound(filePath({ path: folder, ...options }))).choices()
  return choices.slice(1).map(({ label }) => label)
}

test('MOD-04 forms offer what the folder has: by name, below, folders', async () => {
  expect(await labels({})).toEqual(['a.json', 'b.json', 'readme.txt'])
  expect(await labels({ match: /\.json$/g })).toEqual(['a.json', 'b.json'])
  expect(await labels({ match: /\.json$/, recursive: true })).toEqual(['a.json', 'b.json', 'dark/c.json'])
  expect(await labels({ allowFiles: false, allowFolders: true })).toEqual(['dark/'])
  expect(await labels({ path: () => join(folder, 'dark') })).toEqual(['c.json'])
})

test('MOD-04 SEC-11 the whole path is stored, and none that leads elsewhere', async () => {
  const field = bound(filePath({ path: folder, match: /\.json$/ }))
  const control = formFieldOf(field)
  const path = join(folder, 'a.json')
  expect([field.clean(path), control.parse(path)]).toEqual([path, path])
  await control.validators[0]!(path)
  await expect(async () => control.validators[0]!(join(folder, 'readme.txt'))).rejects.toThrow('values offered')
  for (const bad of [
    '/etc/passwd',
    `${folder}/../x.json`,
    `${folder}-evil/a.json`,
    'a.json',
    `${path}\0`,
    folder,
    `${folder}/`,
  ])
    expect(() => field.clean(bad)).toThrow('Choose one of the files offered.')
  expect(field.deconstruct()).toEqual({ builder: 'char', args: [{ maxLength: 100 }] })
})
