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

/** What comes in with each revision, and stays. */
const ROWS = {
  shop: {
    '0001': [
      "insert into shop_company (id, name, active) values (901, 'Early', true)",
      "insert into shop_person (id, company_id, first_name, last_name, email, phone, joined) values (901, 901, 'Ada', 'L', 'ada@early', '555', '2026-01-02 03:04:05')",
    ],
    '0002': [
      "insert into shop_scheme (id, code, name, company_id, starts) values (901, 'E1', 'First', 901, '2026-01-02')",
    ],
    '0003': [
      "insert into shop_issue (id, project_id, number, title, reporter_id, created) values (901, 901, 1, 'It breaks', 901, '2026-01-02 03:04:05')",
      "insert into shop_label (id, name) values (901, 'early')",
    ],
    '0005': ['insert into shop_ticket_labels (id, ticket_id, label_id) values (901, 901, 901)'],
    '0007': [
      "insert into shop_comment (id, ticket_id, author_id, body, created) values (901, 901, 901, 'Seen', '2026-01-02 03:04:05')",
    ],
    '0009': [
      "insert into shop_timeentry (id, ticket_id, person_id, day, minutes) values (901, 901, 901, '2026-01-02', 90)",
    ],
  },
  atlas: {
    '0001': [
      "insert into geo_continent (id, name) values (901, 'Europe'), (902, 'Africa')",
      "insert into geo_country (id, name, code, continent_id, region) values (901, 'Kenya', 'KE', 902, 'East'), (902, 'Ghana', 'GH', 902, 'West')",
    ],
    '0003': [
      "insert into geo_language (id, code, name) values (901, 'swa', 'Swahili')",
      'insert into geo_country_languages (id, country_id, language_id) values (901, 901, 901)',
    ],
    '0004': [
      "insert into geo_place (id, name, country_id, inhabitants, latitude, longitude, geonames_id) values (901, 'Nairobi', 901, 4000000, -1.3, 36.8, 184745)",
    ],
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
  ],
} as const

/** Drivers give numbers and truth in several shapes. */
const plain = (found: unknown[][]) =>
  found.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)))
const truths = (wanted: readonly (readonly unknown[])[]) =>
  wanted.map((row) => row.map((value) => (value === true ? expect.toSatisfy(Boolean) : value)))

test.each(['shop', 'atlas'] as const)(
  'MIG-07: %s goes through its revisions with rows, and back to zero',
  async (name) => {
    const { project, loader, executor } = await executorOf(name)
    const own = loader.graph.all().filter(({ file }) => file?.includes('revisions'))
    expect(own.length).toBeGreaterThanOrEqual(10)
    const puts: Readonly<Record<string, readonly string[]>> = ROWS[name]
    for (const migration of own) {
      await executor.migrate(await executor.plan({ app: migration.app, name: migration.name }))
      const key = migration.name.slice(0, 4)
      if (migration.app !== 'trips') for (const sql of puts[key] ?? []) await run(sql)
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
    }
    const prefixes = /^(shop|geo|trips)_/
    expect((await schema()).map((table) => table.name).filter((table) => prefixes.test(table))).toEqual([])
    await executor.migrate(await executor.plan())
    expect(await schema()).toEqual(before)
    // What was renamed, altered and made anew on the way is as the migrations say.
    expect((await findDrift(loader, migrationDatabase('default'))).differences).toEqual([])
    expect(database().alias).toBe('default')
  },
  120_000,
)
