import {
  addCatalog,
  clearCatalogs,
  configureI18n,
  I18nError,
  language,
  setLanguage,
  setTimeZone,
  t,
  timeZone,
  tLazy,
  tn,
  withLanguage,
  withTimeZone,
} from 'nuages/i18n'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

beforeEach(() => {
  addCatalog('fr', { 'Hello {name}': 'Bonjour {name}', Yes: 'Oui', '{n} book': ['{n} livre', '{n} livres'], Empty: '' })
  addCatalog('fr-CA', { Weekend: 'Fin de semaine' })
})
afterEach(() => {
  clearCatalogs()
  configureI18n({ language: 'en', timeZone: 'UTC' })
})

describe('t', () => {
  test('gives the message itself where there is no translation', () => {
    expect(t('Hello {name}', { name: 'Django' })).toBe('Hello Django')
    expect(withLanguage('de', () => t('Yes'))).toBe('Yes')
    expect(withLanguage('fr', () => t('Empty'))).toBe('Empty')
  })

  test('looks in the region, then the language, then the source', () => {
    const all = () => [t('Weekend'), t('Yes'), t('No')]
    expect(withLanguage('fr-CA', all)).toEqual(['Fin de semaine', 'Oui', 'No'])
    expect(withLanguage('fr', all)).toEqual(['Weekend', 'Oui', 'No'])
    expect(withLanguage('fr-CA-x-foo', () => t('Yes'))).toBe('Oui')
  })

  test('fills placeholders, and leaves those it has no value for', () => {
    expect(t('{a} {b} {a}', { a: 1 })).toBe('1 {b} 1')
    expect(t('{a}', { a: '{b}', b: 'x' })).toBe('{b}')
    expect(t('{constructor} {toString} { a } {}', {})).toBe('{constructor} {toString} { a } {}')
    expect(t('{a}')).toBe('{a}')
  })

  test('a context tells equal messages apart', () => {
    addCatalog('fr', { 'month\u0004May': 'mai', May: 'pouvoir' })
    expect(withLanguage('fr', () => [t('month\u0004May'), t('May')])).toEqual(['mai', 'pouvoir'])
    expect(t('month\u0004May')).toBe('May')
  })

  test('later catalogs win', () => {
    addCatalog('fr', { Yes: 'Ouais' })
    expect(withLanguage('fr', () => t('Yes'))).toBe('Ouais')
  })

  test('finds a catalog added after the first lookup', () => {
    expect(withLanguage('it', () => t('Yes'))).toBe('Yes')
    addCatalog('it', { Yes: 'Sì' })
    expect(withLanguage('it-CH', () => t('Yes'))).toBe('Sì')
  })
})

describe('tn', () => {
  test('English has two forms', () => {
    expect([0, 1, 2].map((n) => tn('{n} book', '{n} books', n))).toEqual(['0 books', '1 book', '2 books'])
  })

  test('other languages have the forms they have', () => {
    expect(withLanguage('fr', () => [0, 1, 2, 1_000_000].map((n) => tn('{n} book', '{n} books', n)))).toEqual([
      '0 livre',
      '1 livre',
      '2 livres',
      '1000000 livres',
    ])
    addCatalog('ru', { '{n} book': ['{n} книга', '{n} книги', '{n} книг'] })
    expect(withLanguage('ru', () => [1, 2, 5, 21, 22].map((n) => tn('{n} book', '{n} books', n)))).toEqual([
      '1 книга',
      '2 книги',
      '5 книг',
      '21 книга',
      '22 книги',
    ])
  })

  test('a catalog may bring its own rule, and other values', () => {
    addCatalog('xx', { '{n} book': ['few', 'many by {who}'] }, { plural: (n) => (n > 3 ? 1 : 0) })
    expect(withLanguage('xx', () => [3, 4].map((n) => tn('{n} book', '{n} books', n, { who: 'X' })))).toEqual([
      'few',
      'many by X',
    ])
  })
})

test('in the pseudo-language every message stands in brackets, unless a catalog has it', () => {
  addCatalog('en-XA', { Known: 'known' })
  withLanguage('en-xa', () => {
    expect(t('Hello {name}', { name: 'Ada' })).toBe('⟦Hello Ada⟧')
    expect(t('month\u0004May')).toBe('⟦May⟧')
    expect([tn('{n} book', '{n} books', 1), tn('{n} book', '{n} books', 2)]).toEqual(['⟦1 book⟧', '⟦2 books⟧'])
    expect(String(tLazy('Hello'))).toBe('⟦Hello⟧')
    expect(t('Known')).toBe('known')
  })
})

test('tLazy is translated when printed, each time', () => {
  const label = tLazy('Hello {name}', { name: 'X' })
  expect(`${label}`).toBe('Hello X')
  expect(withLanguage('fr', () => String(label))).toBe('Bonjour X')
  expect(JSON.stringify({ label })).toBe('{"label":"Hello X"}')
})

describe('the language and time zone of the moment', () => {
  test("are the project's, unless bound", async () => {
    configureI18n({ language: 'fr', timeZone: 'Europe/Paris' })
    expect([language(), timeZone()]).toEqual(['fr', 'Europe/Paris'])
    await withLanguage('de', async () => {
      await Promise.resolve()
      expect(language()).toBe('de')
      expect(withTimeZone('Asia/Tokyo', () => [language(), timeZone()])).toEqual(['de', 'Asia/Tokyo'])
    })
    expect(language()).toBe('fr')
  })

  test('do not leak between flows that run at once', async () => {
    const flow = (tag: string) =>
      withLanguage(tag, async () => {
        await new Promise((resolve) => setTimeout(resolve, 2))
        return language()
      })
    expect(await Promise.all([flow('de'), flow('fr'), flow('it')])).toEqual(['de', 'fr', 'it'])
  })

  test('may be changed within their binding, and only there', () => {
    withLanguage('de', () => {
      expect(setLanguage('fr')).toBe(true)
      expect(language()).toBe('fr')
    })
    expect(setLanguage('fr')).toBe(false)
    expect(setTimeZone('Asia/Tokyo')).toBe(false)
    expect([language(), timeZone()]).toEqual(['en', 'UTC'])
  })

  test('a language is spelled as usual', () => {
    expect(withLanguage('ZH_hant_tw', language)).toBe('zh-Hant-TW')
    expect(withLanguage('fr_ca', language)).toBe('fr-CA')
  })

  test.each(['', 'a', '*', 'fr;q=1', '.*.*', '../etc', 'fr\n', 'x'.repeat(100_000), 'fr-'.repeat(10_000), null, 5])(
    '%j is no language',
    (tag) => {
      expect(() => withLanguage(tag as string, language)).toThrow(I18nError)
    },
  )

  test.each(['', 'Europe/Pari', 'x'.repeat(100_000), '../etc', null])('%j is no time zone', (zone) => {
    expect(() => withTimeZone(zone as string, timeZone)).toThrow(I18nError)
  })

  test('a wrong configuration changes nothing', () => {
    expect(() => configureI18n({ language: 'fr', timeZone: 'nowhere' })).toThrow(I18nError)
    expect(language()).toBe('en')
  })

  test('100,000 languages asked for by headers leave little behind', () => {
    for (let i = 0; i < 100_000; i++) withLanguage(`fr-x${i.toString(36)}`, () => t('Yes'))
    expect(withLanguage('fr', () => t('Yes'))).toBe('Oui')
  })
})
