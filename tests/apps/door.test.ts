import { defineApp, defineSettings, env, t } from 'nuages'
import { expect, test } from 'vitest'
import { boot } from '../../src/conf/index.ts'

test('the front door notes its copy of the package, and one copy boots', () => {
  const copies = (globalThis as any)[Symbol.for('nuages.copies')] as Set<string>
  expect([...copies]).toEqual([new URL('../../', import.meta.url).pathname])
  const shop = defineApp({ name: 'shop', root: import.meta.url })
  const settings = defineSettings({ secretKey: env.secret('SECRET_KEY'), apps: [shop] })
  expect(boot(settings, { env: { SECRET_KEY: 'k'.repeat(32) } }).apps).toEqual([shop])
  expect(t('Hello')).toBe('Hello')
})

test('a second copy keeps the project from starting', () => {
  const copies = (globalThis as any)[Symbol.for('nuages.copies')] as Set<string>
  copies.add('/elsewhere/node_modules/nuages/')
  try {
    expect(() => boot({ secretKey: 'k'.repeat(32) })).toThrow('Nuages is installed 2 times')
  } finally {
    copies.delete('/elsewhere/node_modules/nuages/')
  }
})
