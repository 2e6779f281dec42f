import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProject, defineApp, t, tn } from 'nuages'
import { addCatalog, clearCatalogs, configureI18n, withLanguage } from 'nuages/i18n'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { folderWith } from './files.ts'

afterEach(() => {
  clearCatalogs()
  configureI18n({ language: 'en', timeZone: 'UTC' })
})

/** A project with the apps `first` and `second`, and these files. */
async function projectWith(files: Record<string, string>) {
  const folder = folderWith(files)
  const apps = ['first', 'second'].map((name) => defineApp({ name, root: `file://${folder}/${name}/app.ts` }))
  const settings = { root: folder, secretKey: 'a key for tests that is long enough to be accepted', apps }
  const project = await createProject(settings, { mode: 'test', env: {} })
  onTestFinished(() => project.close())
  return { folder, project }
}
const french = (message: string) => withLanguage('fr', () => t(message))

test("the project's own translations win over its apps', and earlier apps win over later ones", async () => {
  await projectWith({
    'locale/fr.json': '{ "a": "projet" }',
    'first/locale/fr.json': '{ "a": "premier", "b": "premier" }',
    'second/locale/fr.json': '{ "a": "second", "b": "second", "c": "second" }',
  })
  expect(['a', 'b', 'c', 'd'].map(french)).toEqual(['projet', 'premier', 'second', 'd'])
  addCatalog('fr', { a: 'code' })
  expect(french('a')).toBe('code')
})

test('a region falls back to its language; plural forms are in the order of the language', async () => {
  await projectWith({
    'first/locale/fr.json': '{ "Weekend": "Week-end", "{n} day": ["{n} jour", "{n} jours"] }',
    'second/locale/fr_CA.json': '{ "Weekend": "Fin de semaine" }',
  })
  const words = (tag: string) => withLanguage(tag, () => [t('Weekend'), tn('{n} day', '{n} days', 2)])
  expect(words('fr-CA')).toEqual(['Fin de semaine', '2 jours'])
  expect(words('fr')).toEqual(['Week-end', '2 jours'])
  expect(words('en')).toEqual(['Weekend', '2 days'])
})

test('a file is read once its language is asked for, and then no more', async () => {
  const { folder } = await projectWith({ 'first/locale/it.json': '{}' })
  const path = join(folder, 'first/locale/it.json')
  writeFileSync(path, '{ "Yes": "Sì" }')
  const italian = () => withLanguage('it', () => t('Yes'))
  expect(italian()).toBe('Sì')
  rmSync(path)
  expect(italian()).toBe('Sì')
})

test('i18n.E001 names the file and what is wrong with it; what is right in it counts', async () => {
  const { project } = await projectWith({
    'first/locale/fr.json': '{ "a": "un", "b": 2, "c": [] }',
    'second/locale/de.json': '{ "a": ',
    'second/locale/french language.json': '{}',
    'locale/es.json': '[]',
  })
  const findings = (await project.checks()).filter(({ id }) => id === 'i18n.E001')
  expect(findings.map(({ message }) => message.replace(/\S*nuages-project-\w+\//, ''))).toEqual([
    'The translations in second/locale/de.json cannot be used: Unexpected end of JSON input',
    'The translations in second/locale/french language.json cannot be used: "french language" is not a language tag.',
    'The translations in first/locale/fr.json cannot be used: the translation of "b" is neither text nor a list of plural forms.',
    'The translations in first/locale/fr.json cannot be used: the translation of "c" is neither text nor a list of plural forms.',
    'The translations in locale/es.json cannot be used: it holds no object of messages.',
  ])
  expect(findings.every(({ hint }) => hint?.includes('fr.json'))).toBe(true)
  expect(['a', 'b'].map(french)).toEqual(['un', 'b'])
  expect(withLanguage('de', () => t('a'))).toBe('a')
})

test("the next project's translations replace those of the one before", async () => {
  await projectWith({ 'locale/fr.json': '{ "a": "un" }' })
  expect(french('a')).toBe('un')
  await projectWith({})
  expect(french('a')).toBe('a')
})
