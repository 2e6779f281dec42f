import { respond } from 'nuages/http'
import { language } from 'nuages/i18n'
import { localeMiddleware } from 'nuages/middleware'
import { expect, test } from 'vitest'
import { readAcceptLanguage } from '../../src/middleware/locale.ts'
import { site } from './site.ts'

const ask = site([localeMiddleware(['en', 'fr', 'pt-BR', 'zh-Hant'])], async () => {
  await null
  return respond(language())
})
const cases: [what: string, headers: Record<string, string>, tag: string][] = [
  ['nothing said: the default', {}, 'en'],
  ['the header', { 'accept-language': 'fr' }, 'fr'],
  ['a narrower tag finds the wider language', { 'accept-language': 'fr-CA' }, 'fr'],
  ['a wider tag finds the narrower language', { 'accept-language': 'pt' }, 'pt-BR'],
  ['another region of the same language', { 'accept-language': 'pt-PT' }, 'pt-BR'],
  ['quality decides', { 'accept-language': 'de;q=0.9, fr;q=0.5, en;q=0.1' }, 'fr'],
  ['quality 0 is a refusal', { 'accept-language': 'fr;q=0, pt-BR;q=0.1' }, 'pt-BR'],
  ['a star takes the default', { 'accept-language': '*, fr;q=0.5' }, 'en'],
  ['nonsense is skipped', { 'accept-language': ';;;q=x, fr' }, 'fr'],
  ['the cookie wins', { 'accept-language': 'fr', cookie: 'django_language=zh-hant' }, 'zh-Hant'],
  ['a cookie of a language not offered is ignored', { 'accept-language': 'fr', cookie: 'django_language=xx' }, 'fr'],
  ['a cookie that is no tag is ignored', { cookie: 'django_language=../../etc' }, 'en'],
]
test.each(cases)('%s', async (_, headers, tag) => {
  const response = await ask('/', { headers })
  expect(await response.text()).toBe(tag)
  expect(response.headers.get('content-language')).toBe(tag)
  expect(response.headers.get('vary')).toBe('Accept-Language, Cookie')
})

test('requests at the same time keep their own languages', async () => {
  const tags = ['fr', 'pt-BR', 'en', 'fr', 'zh-Hant']
  const answers = tags.map(async (tag) => (await ask('/', { headers: { 'accept-language': tag } })).text())
  expect(await Promise.all(answers)).toEqual(tags)
})

test('a long header is cut', () => {
  expect(readAcceptLanguage('fr,'.repeat(100_000)).length).toBeLessThan(200)
})
