import { defineApp } from 'nuages'
import { expect, test } from 'vitest'
import { AppRegistry } from '../../src/apps/index.ts'

const root = import.meta.url
const base = defineApp({ name: 'base', root })
const middle = defineApp({ name: 'middle', root, requires: [base] })
const top = defineApp({ name: 'top', root, requires: [middle, base] })
const names = (...apps: (typeof base)[]) => new AppRegistry(apps).apps.map((app) => app.name)

test('required apps come before the app that needs them, once', () => {
  expect(names(top)).toEqual(['base', 'middle', 'top'])
})

test('an app the settings list stays where they put it', () => {
  expect(names(base, top)).toEqual(['base', 'middle', 'top'])
  expect(names(top, base)).toEqual(['middle', 'top', 'base'])
})
