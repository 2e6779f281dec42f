/** A project in which a team has made twenty mistakes: `nuages check` tells all of them at once, each with its code. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Ended } from '../cli/nuages.ts'
import { copySite, type Site } from './site.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

interface Told {
  readonly id: string
  readonly level: string
  readonly message: string
  readonly hint?: string
  readonly object?: string
  readonly place?: string
}

/** What is wrong, and the words that must be in its finding. */
const FAULTS: readonly (readonly [id: string, object: string, place: RegExp | null, says: string])[] = [
  // settings
  ['conf.E001', 'settings.timeZone', /^settings\.ts:\d+$/, 'timeZone = "Mars": must be a time zone'],
  ['apps.E001', 'apps.duplicate-name', null, 'The app "accounts" is listed twice'],
  ['security.W005', 'settings.allowedHosts', /^settings\.ts:\d+$/, 'Every host is allowed'],
  ['security.W006', 'settings.security.httpsRedirect', null, 'not sent to HTTPS'],
  ['settings.W001', 'settings.staticDirs', /^settings\.ts:\d+$/, 'staticDirs names "assets", which is no folder'],
  ['middleware.E001', 'settings.middleware', /^settings\.ts:\d+$/, 'sessionsMiddleware stands after authMiddleware'],
  ['boundaries.E001', 'library', /^library\/views\.ts:\d+$/, 'library imports shop'],
  // models
  ['db.E001', 'library.Author', /^library\/models\.ts:\d+$/, '"nmae" is not a field'],
  ['db.E006', 'library.Book', /^library\/models\.ts:\d+$/, 'pagse'],
  ['db.E007', 'library.Book.author', /^library\/models\.ts:\d+$/, 'set to null on delete, but cannot be null'],
  ['db.E008', 'shop.Order.status', /^shop\/models\.ts:\d+$/, 'is not one of its choices'],
  ['apps.W002', 'shop', /^shop\/models\.ts:7$/, 'The model Refund is listed by no app'],
  // admin
  ['admin.E001', 'library.Author', /^library\/admin\.ts:\d+$/, 'names "surname"'],
  ['admin.E003', 'library.Book', /^library\/admin\.ts:\d+$/, 'names "titel"'],
  // urls
  ['urls.E003', 'library:shelf', /^library\/urls\.ts:\d+$/, 'has no view'],
  // templates
  ['templates.E001', 'library/broken.html:2', /^library\/templates\/library\/broken\.html:2$/, 'shelff'],
  ['templates.E002', 'library/child.html:1', /^library\/templates\/library\/child\.html:1$/, 'library/bsae.html'],
  ['templates.E003', 'library/child.html:3', /^library\/templates\/library\/child\.html:3$/, 'library:hmoe'],
  // migrations
  ['migrations.E001', 'library', null, 'end in several branches'],
  ['migrations.W002', '', null, 'shop: '],
]

function addFaults(site: Site): void {
  site.edit('settings.ts', "['127.0.0.1', 'localhost']", "['*']")
  site.edit('settings.ts', 'accounts, library]', 'accounts, library, shop, accounts]')
  site.edit(
    'settings.ts',
    "import { library } from './library/app.ts'",
    `import { authMiddleware } from 'nuages/auth'
import { csrfMiddleware, securityHeaders } from 'nuages/middleware'
import { sessionsMiddleware } from 'nuages/sessions'
import { library } from './library/app.ts'
import { shop } from './shop/app.ts'`,
  )
  site.edit(
    'settings.ts',
    '  urls:',
    `  timeZone: 'Mars',
  staticDirs: ['assets'],
  middleware: [securityHeaders(), csrfMiddleware(), authMiddleware(), sessionsMiddleware()],
  boundaries: { library: ['accounts'] },
  urls:`,
  )
  site.edit('library/models.ts', "ordering: ['name']", "ordering: ['nmae']")
  site.edit('library/models.ts', "index(['author', '-pages'])", "index(['author', '-pagse'])")
  site.edit('library/models.ts', "onDelete: 'cascade'", "onDelete: 'setNull'")
  site.edit('library/admin.ts', "list: ['name']", "list: ['name', 'surname']")
  site.edit('library/admin.ts', "search: ['title',", "search: ['titel',")
  site.edit('library/urls.ts', "home: '',", "home: '',\n  shelf: 'shelves/<int:id>/',")
  site.edit(
    'library/views.ts',
    "import { urls } from './urls.ts'",
    "import { Order } from '../shop/models.ts'\nimport { urls } from './urls.ts'\n\nexport const orders = Order",
  )
  const templates = 'library/templates/library'
  for (const name of ['inside', 'self', 'own', 'unknown', 'outside', 'author', 'form'])
    site.write(`${templates}/${name}.html`, 'fine\n')
  site.write(`${templates}/broken.html`, '<ul>\n{% shelff %}\n</ul>\n')
  site.write(`${templates}/base.html`, '<main>{% block main %}{% endblock %}</main>\n')
  site.write(
    `${templates}/child.html`,
    "{% extends 'library/bsae.html' %}\n{% block main %}\n<a href=\"{% url 'library:hmoe' %}\">home</a>\n{% endblock %}\n",
  )
  const branch = (field: string) => `import { addField, fields, migration } from 'nuages/db/migrations'
export default migration({ dependencies: [['library', '0001_initial']], operations: [addField('Author', '${field}', fields.integer({ null: true }))] })
`
  site.write('library/migrations/0002_born.ts', branch('born'))
  site.write('library/migrations/0002_died.ts', branch('died'))
  site.write(
    'shop/models.ts',
    `import { char, Model } from 'nuages/db'

export class Order extends Model<Order>()({
  status: char({ maxLength: 10, choices: [['open', 'Open'], ['paid', 'Paid']], default: 'new' as 'open' }),
}) {}

export class Refund extends Model<Refund>()({ reason: char({ maxLength: 10 }) }) {}
`,
  )
  site.write(
    'shop/app.ts',
    `import { defineApp } from 'nuages'
import { Order } from './models.ts'

export const shop = defineApp({ name: 'shop', root: import.meta.url, models: { Order } })
`,
  )
}

let site: Site
let text: Ended
let findings: readonly Told[]

beforeAll(async () => {
  site = copySite()
  addFaults(site)
  text = await site.run(['check', '--deploy'])
  const ended = await site.run(['check', '--deploy', '--json'])
  expect([ended.code, ended.err]).toEqual([1, ''])
  findings = JSON.parse(ended.out)
})
afterAll(() => site.remove())

test.for(FAULTS)('%s of %s is found, with its place', ([id, object, place, says]) => {
  const found = findings.find((each) => each.id === id && each.message.includes(says))
  expect(found, `${id} is not among ${JSON.stringify(findings, null, 1)}`).toBeDefined()
  if (object !== '') expect(found!.object).toBe(object)
  if (place !== null) expect(found!.place).toMatch(place)
  expect(found!.hint ?? '').not.toBe('')
})

test('the text tells the same findings as the JSON, and fails', () => {
  expect(text.code).toBe(1)
  for (const { id, message } of findings) {
    expect(text.out).toContain(id)
    expect(text.out).toContain(message.split('\n')[0])
  }
  expect(text.out).toMatch(/\d+ findings: \d+ errors, \d+ warnings\.\n$/)
  expect(text.out + text.err).not.toMatch(/^ +at /m)
})

test('nothing is told that is not wrong, and nothing twice', () => {
  const known = new Set(FAULTS.map(([id]) => id))
  const others = findings.filter(({ id }) => !known.has(id) && !id.startsWith('security.'))
  expect(others).toEqual([])
  expect(new Set(findings.map((each) => JSON.stringify(each))).size).toBe(findings.length)
})
