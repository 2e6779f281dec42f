/** Histories as they were recorded, gone through revision by revision with rows in the tables, and back to zero. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callCommand, captureOutput } from '../../../src/cli/index.ts'
import makemigrations from '../../../src/db/commands/makemigrations.ts'
import { database } from '../../../src/db/internal.ts'
import {
  findDrift,
  MigrationExecutor,
  MigrationLoader,
  migrationDatabase,
} from '../../../src/db/migrations/internal.ts'
import type { Project } from '../../../src/project/index.ts'
import { engine } from '../../db/backends/fresh.ts'
import { loadRows } from '../../db/conformance/schema.ts'
import { closeDatabase, isSqlite, openDatabase, rows, run, schema } from '../history.ts'
import { recordedProject } from './projects.ts'

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

async function executorOf(name: 'shop' | 'atlas') {
  const project = await recordedProject(name)
  const loader = await MigrationLoader.load({ apps: project.apps.apps, user: project.user })
  return { project, loader, executor: new MigrationExecutor(loader, migrationDatabase('default')) }
}

const order = engine.name === 'MariaDB' ? '`order`' : '"order"'

/** What comes in with each revision, and stays. */
const ROWS = {
  shop: {
    'shop.0001': [
      "insert into shop_company (id, name, active) values (901, 'Early', true)",
      "insert into shop_person (id, company_id, first_name, last_name, email, phone, joined) values (901, 901, 'Ada', 'L', 'ada@early', '555', '2026-01-02 03:04:05')",
    ],
    'shop.0002': [
      "insert into shop_scheme (id, code, name, company_id, starts) values (901, 'E1', 'First', 901, '2026-01-02')",
    ],
    'shop.0003': [
      "insert into shop_issue (id, project_id, number, title, reporter_id, created) values (901, 901, 1, 'It breaks', 901, '2026-01-02 03:04:05')",
      "insert into shop_label (id, name) values (901, 'early')",
    ],
    'shop.0005': ['insert into shop_ticket_labels (id, ticket_id, label_id) values (901, 901, 901)'],
    'shop.0007': [
      "insert into shop_comment (id, ticket_id, author_id, body, created) values (901, 901, 901, 'Seen', '2026-01-02 03:04:05')",
    ],
    'shop.0009': [
      "insert into shop_timeentry (id, ticket_id, person_id, day, minutes) values (901, 901, 901, '2026-01-02', 90)",
    ],
  },
  atlas: {
    'geo.0001': [
      "insert into geo_continent (id, name) values (901, 'Europe'), (902, 'Africa')",
      "insert into geo_country (id, name, code, continent_id, region) values (901, 'Kenya', 'KE', 902, 'East'), (902, 'Ghana', 'GH', 902, 'West')",
    ],
    'geo.0003': [
      "insert into geo_language (id, code, name) values (901, 'swa', 'Swahili')",
      'insert into geo_country_languages (id, country_id, language_id) values (901, 901, 901)',
    ],
    'geo.0004': [
      "insert into geo_place (id, name, country_id, inhabitants, latitude, longitude, geonames_id) values (901, 'Nairobi', 901, 4000000, -1.3, 36.8, 184745)",
    ],
    'trips.0001': [
      "insert into accounts_user (email, date_joined, is_superuser, is_staff, is_active, password, display_name) values ('ada@early', '2026-01-02 03:04:05', false, false, true, '!', '')",
      "insert into trips_trip (id, title, slug, starts_on, ends_on, owner_id) values (901, 'Lakes', 'lakes', '2026-01-02', '2026-01-09', 1)",
    ],
    'trips.0002': [
      `insert into trips_stage (id, trip_id, ${order}, from_city_id, to_city_id) values (901, 901, 3, 901, 901)`,
    ],
    'trips.0003': [
      "insert into trips_tag (id, name) values (901, 'water')",
      'insert into trips_trip_labels (id, trip_id, tag_id) values (901, 901, 901)',
    ],
    'trips.0004': ["insert into trips_booking (id, leg_id, provider, price) values (901, 901, 'Rail', '12.50')"],
  },
} as const

/** What is to be seen of those rows at the end. */
const KEPT = {
  shop: [
    ['select name, active from shop_company where id = 901', [['Early', true]]],
    ['select first_name, email, company_id from shop_person where id = 901', [['Ada', 'ada@early', 901]]],
    ['select code, title, status from shop_project where id = 901', [['E1', 'First', 'draft']]],
    ['select number, title, kind, reporter_id from shop_ticket where id = 901', [[1, 'It breaks', 'bug', 901]]],
    ['select ticket_id, label_id from shop_ticket_labels', [[901, 901]]],
    ['select body, likes from shop_comment where id = 901', [['Seen', 0]]],
  ],
  atlas: [
    [
      'select name, slug from geo_continent order by id',
      [
        ['Europe', 'europe'],
        ['Africa', 'africa'],
      ],
    ],
    [
      'select name, code, code3, subregion, official_name from geo_country order by id',
      [
        ['Kenya', 'KE', 'KEX', 'East', 'Kenya, officially'],
        ['Ghana', 'GH', 'GHX', 'West', 'Ghana, officially'],
      ],
    ],
    ['select country_id, language_id from geo_country_languages', [[901, 901]]],
    ['select name, population, geonames_id, kind from geo_city', [['Nairobi', 4000000, 184745, 'town']]],
    ['select name, status, notes, owner_id from trips_trip', [['Lakes', 'draft', '', 1]]],
    [`select trip_id, ${order}, from_city_id, kind from trips_leg`, [[901, 3, 901, 'train']]],
    ['select trip_id, tag_id from trips_trip_tags', [[901, 901]]],
    ["select leg_id, provider, paid from trips_booking where price = '12.50'", [[901, 'Rail', false]]],
  ],
} as const

/** What is to be seen of them under their earlier names, once the revision is undone. */
const BACK: Readonly<Record<string, readonly [sql: string, wanted: readonly (readonly unknown[])[]]>> = {
  'shop.0007': ['select number, title, reporter_id from shop_ticket where id = 901', [[1, 'It breaks', 901]]],
  'shop.0004': ['select number, title, reporter_id from shop_issue where id = 901', [[1, 'It breaks', 901]]],
  'shop.0002': ['select first_name, email from shop_person where id = 901', [['Ada', 'ada@early']]],
  'trips.0004': ['select trip_id, tag_id from trips_trip_labels', [[901, 901]]],
  'trips.0003': [`select trip_id, ${order}, from_city_id from trips_stage`, [[901, 3, 901]]],
  'trips.0002': ['select title, slug, owner_id from trips_trip', [['Lakes', 'lakes', 1]]],
  'geo.0007': ['select name, code, region from geo_country where id = 901', [['Kenya', 'KE', 'East']]],
  'geo.0005': ['select name, inhabitants, geonames_id from geo_place', [['Nairobi', 4000000, 184745]]],
  'geo.0002': ['select name from geo_continent order by id', [['Europe'], ['Africa']]],
}

/** The tables of the recorded apps, whatever the order in which their columns came. */
async function tables() {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  const own = (await schema()).filter(({ name }) => /^(shop|geo|trips)_/.test(name))
  return own.sort(byName).map((table) => ({
    ...table,
    columns: [...table.columns].sort(byName),
    indexes: [...table.indexes].sort(byName),
    uniques: [...table.uniques].sort(byName),
    checks: [...table.checks].sort(byName),
  }))
}

/** Drivers give numbers and truth in several shapes. */
const plain = (found: unknown[][]) =>
  found.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)))
const truths = (wanted: readonly (readonly unknown[])[]) =>
  wanted.map((row) =>
    row.map((value) => (typeof value === 'boolean' ? expect.toSatisfy((own) => Boolean(own) === value) : value)),
  )

test.each(['shop', 'atlas'] as const)(
  'MIG-07: %s goes through its revisions with rows, and back to zero',
  async (name) => {
    const { project, loader, executor } = await executorOf(name)
    const own = loader.graph.all().filter(({ file }) => file?.includes('revisions'))
    expect(own.length).toBeGreaterThanOrEqual(10)
    const puts: Readonly<Record<string, readonly string[]>> = ROWS[name]
    const schemas: unknown[] = []
    for (const migration of own) {
      schemas.push(await tables())
      await executor.migrate(await executor.plan({ app: migration.app, name: migration.name }))
      for (const sql of puts[`${migration.app}.${migration.name.slice(0, 4)}`] ?? []) await run(sql)
    }
    await executor.migrate(await executor.plan())
    for (const [sql, wanted] of KEPT[name]) expect(plain(await rows(sql)), sql).toEqual(truths(wanted))

    const out = captureOutput()
    await callCommand(makemigrations, { options: { check: true, noInput: true }, out, project: project as Project })
    expect(out.text).toContain('No changes')

    if (name === 'shop')
      await loadRows(project.apps.apps[0]!.models, new URL('../../conformance/orm', import.meta.url).pathname)
    const before = await schema()
    for (const { app, name } of [...own].reverse()) {
      const earlier = own.filter((each) => each.app === app && each.name < name).at(-1)
      await executor.migrate(await executor.plan({ app, name: earlier?.name ?? 'zero' }))
      if (isSqlite) expect(await rows('pragma foreign_key_check')).toEqual([])
      // Each step back gives the tables that its step forward began with.
      const step = own.findIndex((each) => each.app === app && each.name === name)
      expect(await tables(), `${app}.${name} undone`).toEqual(schemas[step])
      const [sql, wanted] = BACK[`${app}.${name.slice(0, 4)}`] ?? ['']
      if (wanted !== undefined) expect(plain(await rows(sql)), sql).toEqual(wanted)
    }
    expect(await tables()).toEqual([])
    await executor.migrate(await executor.plan())
    expect(await schema()).toEqual(before)
    // What was renamed, altered and made anew on the way is as the migrations say.
    expect((await findDrift(loader, migrationDatabase('default'))).differences).toEqual([])
    expect(database().alias).toBe('default')
  },
  300_000,
)
