/** Attacks by text: whatever a label, a value, an address or a form says, it becomes no markup. */
import { defineApp, defineSettings } from 'nuages'
import { action, admin, inline } from 'nuages/admin'
import { AbstractUser, auth, createUser } from 'nuages/auth'
import { char, choice, date, foreignKey, json, Model, manyToMany, url } from 'nuages/db'
import { charField, form } from 'nuages/forms'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { expect, test } from 'vitest'

const X = `"'><xss a="{{ 1 }}">&`
class Tag extends Model<Tag>()(
  { name: char({ maxLength: 200, verboseName: X }) },
  { verboseName: X, verboseNamePlural: X },
) {
  override toString() {
    return this.name
  }
}
class Team extends Model<Team>()(
  {
    name: char({ maxLength: 200, verboseName: X, helpText: X }),
    kind: choice({ [X]: X, b: `${X}b` }, { verboseName: X }),
    tag: () => foreignKey(Tag, { onDelete: 'cascade', verboseName: X, helpText: X }),
    tags: () => manyToMany(Tag, { verboseName: X, blank: true }),
    data: json({ default: () => ({}) }),
    site: url({ blank: true, default: '' }),
    day: date({ null: true, blank: true }),
  },
  { verboseName: X, verboseNamePlural: X },
) {
  override toString() {
    return this.name
  }
  absoluteUrl() {
    return this.site
  }
}
class Part extends Model<Part>()(
  {
    team: () => foreignKey(Team, { onDelete: 'cascade' }),
    tag: () => foreignKey(Tag, { onDelete: 'protect', null: true, blank: true }),
    name: char({ maxLength: 200, verboseName: X, helpText: X }),
  },
  { verboseName: X, verboseNamePlural: X },
) {
  override toString() {
    return this.name
  }
}
class User extends Model<User>()({}, { extends: AbstractUser }) {}
const app = defineApp({
  name: 'room',
  root: import.meta.url,
  verboseName: X,
  models: { Tag, Team, Part, User },
  admin: async () => {
    const act = action(Team, {
      label: X,
      confirm: `${X}{n}`,
      danger: true,
      form: () => form({ a: charField({ label: X, helpText: X, initial: X }) }),
      run: () => X,
    })
    admin.register(Tag, { list: ['name'], search: ['name'] })
    admin.register(Team, {
      list: ['name', 'kind', 'tag', 'cell', 'site', 'data'],
      editable: ['kind', 'tag'],
      filters: ['kind', 'tag', 'name'],
      search: ['name'],
      dateHierarchy: 'day',
      actions: [act],
      columns: { cell: { label: X, value: () => X, empty: X } },
      saveAsNew: true,
      viewOnSite: (row: Team) => row.site,
      fieldsets: [
        {
          title: X,
          description: X,
          collapsed: true,
          fields: ['name', ['kind', 'tag'], 'tags', 'data', 'site', 'day', 'cell'],
        },
      ],
      inlines: [
        inline(Part, { title: X, fields: ['name', 'tag'] }),
        inline(Part, { title: X, layout: 'stacked', fields: ['name', 'tag'] }),
      ],
    } as never)
  },
})
const site = testSite(
  defineSettings({
    // No page of the admin may ask the same again and again.
    repeatedQueries: { action: 'error', threshold: 4 },
    root: import.meta.url,
    secretKey: 'a key of a project for tests only, which is long enough',
    databases: { default: 'sqlite:./u.sqlite3' },
    apps: [auth, admin, app],
    urls: () => import('./project/urls.ts'),
  }),
  runner,
)
for (const many of [false, true])
  test(`attack: markup in every text, ${many ? 'many' : 'few'} rows to choose from`, async () => {
    const v = await site.login(
      await createUser({ email: `x@example.org`, password: 'long enough', isStaff: true, isSuperuser: true } as never),
      site.visitor(),
    )
    const tag = await Tag.objects.create({ name: X })
    if (many) await Tag.objects.bulkCreate(Array.from({ length: 120 }, (_, i) => ({ name: X + i })))
    const team = await Team.objects.create({
      name: X,
      kind: X as never,
      tag,
      data: { [X]: X } as never,
      site: 'javascript:alert(1)//',
    })
    await team.tags.add(tag)
    const part = await Part.objects.create({ team, name: X, tag })
    const q = encodeURIComponent(X)
    const base = '/admin/room/team/'
    const page = `${base}${team.id}/change/`
    const P = {
      'parts-TOTAL_FORMS': '1',
      'parts-INITIAL_FORMS': '1',
      'parts-0-id': X,
      'parts-0-name': X,
      'part-TOTAL_FORMS': X,
      'part-INITIAL_FORMS': X,
      'part-0-id': String(part.id),
      'part-0-name': X,
      'part-0-tag': X,
      'part-0-_state': X,
    }
    const all: [string, { status: number; body: string }][] = []
    for (const u of [
      '/admin/',
      base,
      `${base}?q=${q}&o=${q}&kind=${q}&tag=${q}&name=${q}&date=${q}&${q}=${q}`,
      `${base}counts/?${q}=${q}&q=${q}`,
      `${base}add/?name=${q}&tag=${q}&tags=${q}&kind=${q}&data=${q}&_popup=${q}&_list=${q}`,
      page,
      `${page}?${q}`,
      `${base}${team.id}/history/`,
      `${base}${team.id}/delete/`,
      `/admin/room/tag/`,
      `/admin/${q}/`,
      `${base}${q}/change/`,
    ])
      all.push([u, await v.get(u)])
    for (const [u, b] of [
      [page, { name: X, kind: X, tag: X, tags: X, data: X, site: X, day: X, _list: X, _state: X, _seen: X, ...P }],
      [
        page,
        {
          name: `${X}2`,
          kind: X,
          tag: String(tag.id),
          data: '{}',
          site: '',
          _list: `${X}&"><xss>`,
          _state: '{"marks":{"name":["a","b"],"tag":["",""]}}',
          [X]: X,
        },
      ],
      [page, { _saveasnew: '1', name: X, kind: X, tag: 'x', _list: X, ...P }],
      [`${base}999/change/`, { name: X, kind: X, _list: X }],
      [
        `${base}add/?_popup=${q}`,
        {
          name: X,
          kind: X,
          tag: String(tag.id),
          data: '{}',
          'part-TOTAL_FORMS': '0',
          'part-INITIAL_FORMS': '0',
          'part-2-TOTAL_FORMS': '0',
          'part-2-INITIAL_FORMS': '0',
        },
      ],
      [base, { _action: X, _selected: String(team.id) }],
      [`${base}?q=${q}`, { _action: X, _across: '1', _confirmed: X, 'parameter-a': X }],
      [base, { _action: X, _selected: [X, String(team.id)], _confirmed: '1', 'parameter-a': X }],
      [
        base,
        {
          _save: '1',
          [`was:${team.id}`]: JSON.stringify({ kind: 'z', tag: 'y' }),
          [`cell:${team.id}:kind`]: X,
          [`cell:${team.id}:tag`]: X,
          [`was:${X}`]: JSON.stringify({ kind: X }),
          [`cell:${X}:kind`]: 'b',
        },
      ],
      [base, { _action: '~delete', _selected: String(team.id) }],
    ] as [string, Record<string, string>][])
      all.push([u, await v.post(u, b)])
    for (const [address, { status, body }] of all) {
      const found = {
        status: status < 500,
        element: body.indexOf('<xss'),
        address: /(?:href|src|action)="\s*javascript/i.test(body),
        // The policy of the admin would stop them; they must not be there.
        inline: /<script(?![^>]*src=)[^>]*>|<[a-z][^<>]* on[a-z]+="|<[a-z][^<>]* style="/.test(body),
      }
      expect(found, address).toEqual({ status: true, element: -1, address: false, inline: false })
    }
    // It was written, escaped: a page without it would prove nothing.
    expect(all.filter(([, { body }]) => body.includes('&lt;xss')).length).toBeGreaterThan(15)
  })
