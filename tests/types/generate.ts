/**
 * Writes projects to measure: a cyclic one of N models and their queries, and a table of routes with links.
 *
 *     node tests/types/generate.ts        writes tests/types/.generated/{models,routes}, and what they import alone
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const generated = fileURLToPath(new URL('.generated/', import.meta.url))

/** A random generator that gives the same numbers in every run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below)
  }
}

/** Makes a folder empty, with a tsconfig; gives a function that writes a file in it. */
function project(name: string): { readonly folder: string; write(file: string, text: string): void } {
  const folder = join(generated, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  write('tsconfig.json', JSON.stringify({ extends: '../../../../tsconfig.json', include: ['.'], exclude: [] }))
  return { folder, write }
}

const LOOKUPS = [
  "title__icontains: 'x'",
  "name__startswith: 'y'",
  "slug: 's'",
  'pages__gte: 10',
  'rank__in: [1, 2]',
  'score__lt: 1.5',
  'active: true',
  "status: 'draft'",
  'publishedAt__year: 2026',
  'createdAt__gt: new Date()',
  "body__iexact: 'b'",
  'publishedAt__isnull: true',
]
const PLAIN = ['title', 'name', 'slug', 'pages', 'rank', 'score', 'status', 'publishedAt']
const RELATIONS = ['next', 'other', 'prevs', 'links'] as const
/** A relation of a generated model: two foreign keys, the other end of one, many-to-many. */
export type Relation = (typeof RELATIONS)[number]
const PER_FILE = 20

/** A path: relations, and what it ends with. */
export interface GeneratedPath {
  readonly hops: readonly Relation[]
  readonly end: string
}
/** A chain of filter(), orderBy() and values(). */
export interface GeneratedQuery {
  readonly model: number
  /** `end` is as in LOOKUPS: a lookup with its value. */
  readonly where: readonly GeneratedPath[]
  /** The first is descending. */
  readonly order: readonly GeneratedPath[]
  readonly values: readonly GeneratedPath[]
}

/** What the relations of the i-th of `count` models lead to. */
export function targetsOf(i: number, count: number): Readonly<Record<Relation, number>> {
  return {
    next: (i + 1) % count,
    other: (i * 7 + 3) % count,
    prevs: (i + count - 1) % count,
    links: (i * 5 + 2) % count,
  }
}

/** Queries over `count` models, in files of 20; the same in every run. */
export function generateQueries(count: number, queries: number): GeneratedQuery[][] {
  const random = numbers(7)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  const path = (hops: number, ends: readonly string[]): GeneratedPath => ({
    end: pick(ends),
    hops: Array.from({ length: hops }, () => pick(RELATIONS)),
  })
  return Array.from({ length: queries / PER_FILE }, () =>
    Array.from({ length: PER_FILE }, () => ({
      model: random(count),
      where: [0, 0, 1, 2, 2].map((hops) => path(hops, LOOKUPS)),
      order: [0, 1, 2].map((hops) => path(hops, PLAIN)),
      values: [0, 1, 2].map((hops) => path(hops, PLAIN)),
    })),
  )
}

/** `count` models of 12 scalars and 4 relations, a file each, in a cycle; `queries` chained expressions. */
export function generateModels(count = 100, queries = 500, name = 'models'): string {
  const { folder, write } = project(name)
  for (let i = 0; i < count; i++) write(`m${i}.ts`, modelSource(i, count))
  const written = ({ hops, end }: GeneratedPath) => [...hops, end].join('__')
  generateQueries(count, queries).forEach((list, file) => {
    const lines = list.map(({ model, ...query }, k) => {
      const wheres = new Map(query.where.map((path) => written(path).split(': ') as [string, string]))
      const where = [...wheres].map(([key, value]) => `${key}: ${value}`).join(', ')
      const orders = query.order.map((path, at) => `'${at === 0 ? '-' : ''}${written(path)}'`).join(', ')
      const values = [...new Set(query.values.map((path) => `'${written(path)}'`))].join(', ')
      return `export const q${k} = M${model}.objects.filter({ ${where} }).orderBy(${orders}).values(${values})`
    })
    const imports = [...new Set(list.map(({ model }) => `import { M${model} } from './m${model}.ts'`))]
    write(`q${file}.ts`, [...imports, ...lines, ''].join('\n'))
  })
  return folder
}

function modelSource(i: number, count: number): string {
  const { next, other, prevs, links } = targetsOf(i, count)
  const imports = [...new Set([next, other, prevs, links])].filter((j) => j !== i)
  return `import { boolean, char, choice, dateTime, float, foreignKey, index, integer, json, Model, manyToMany, reverse, text } from 'nuages/db'
${imports.map((j) => `import { M${j} } from './m${j}.ts'`).join('\n')}

export class M${i} extends Model<M${i}>()({
  title: char({ maxLength: 200 }),
  name: char({ maxLength: 100, null: true }),
  slug: char({ maxLength: 50, unique: true }),
  body: text({ default: '' }),
  pages: integer({ min: 1 }),
  rank: integer({ null: true }),
  score: float({ default: 0 }),
  active: boolean({ default: true }),
  status: choice({ draft: 'Draft', published: 'Published', gone: 'Gone' }, { default: 'draft' }),
  createdAt: dateTime({ autoNowAdd: true }),
  publishedAt: dateTime({ null: true }),
  data: json<{ a: number; b: string[] }>({ null: true }),
  next: () => foreignKey(M${next}, { onDelete: 'cascade' }),
  other: () => foreignKey(M${other}, { null: true, onDelete: 'setNull' }),
  prevs: () => reverse(M${prevs}, 'next'),
  links: () => manyToMany(M${links}),
}, { ordering: ['-publishedAt'], indexes: [index(['status', 'rank'])] }) {
  get label() { return \`\${this.title} (\${this.pages})\` }
  touch() { this.publishedAt = new Date(); return this.save() }
}
`
}

/** `count` routes in apps of ten, each with its view; two links per route, one of them by name. */
export function generateRoutes(count = 300): string {
  const { folder, write } = project('routes')
  const perApp = 10
  const apps = Array.from({ length: Math.ceil(count / perApp) }, (_, i) => i)
  const names = Array.from({ length: perApp }, (_, k) => `page${k}`)
  const params = (k: number) => (k % 2 ? '{ year: 2026, slug: slug }' : '{ id: 1 }')
  for (const i of apps) {
    const patterns = names.map((name, k) => `  ${name}: '${name}/${k % 2 ? '<int:year>/<slug:slug>/' : '<int:id>/'}',`)
    write(
      `urls${i}.ts`,
      `import { routes } from 'nuages/urls'\nexport const urls = routes({\n${patterns.join('\n')}\n})\n`,
    )
    const other = (i * 7 + 3) % apps.length
    const views = names.map((name, k) => {
      const taken = k % 2 ? '{ year, slug }' : '{ id }'
      const used = k % 2 ? 'String(year) + slug' : 'String(id)'
      const target = (k + 3) % perApp
      const links = `other.page${target}(${params(target).replace('slug: slug', "slug: 's'")}) + reverse('app${other}:page${target}', ${params(target).replace('slug: slug', "slug: 's'")})`
      return `export const ${name} = urls.${name}.view(async (_request, ${taken}) => new Response(${used} + ${links}))`
    })
    write(
      `views${i}.ts`,
      `import { reverse } from 'nuages/urls'\nimport { urls as other } from './urls${other}.ts'\nimport { urls } from './urls${i}.ts'\n${views.join('\n')}\n`,
    )
    write(
      `app${i}.ts`,
      `import { defineApp } from 'nuages'\nimport { urls } from './urls${i}.ts'\nexport const app = defineApp({ name: 'app${i}', root: import.meta.url, urls, views: () => import('./views${i}.ts') })\n`,
    )
  }
  const imports = apps.map((i) => `import { urls as app${i} } from './urls${i}.ts'`).join('\n')
  const table = apps.map((i) => `  app${i}: include('app${i}/', app${i}),`).join('\n')
  write(
    'urls.ts',
    `import { include, routes } from 'nuages/urls'\n${imports}\nexport const urls = routes({\n${table}\n})\ndeclare module 'nuages' {\n  interface Register {\n    urls: typeof urls\n  }\n}\n`,
  )
  return folder
}

/**
 * A project that imports what another does and says nothing: what it costs to check the framework's own sources, which is
 * not the cost of what users write (they have declarations).
 */
export function generateImports(name: 'models' | 'routes'): string {
  const { folder, write } = project(`${name}-imports`)
  const imports = {
    models: "export { Model } from 'nuages/db'\n",
    routes: "export { defineApp } from 'nuages'\nexport { reverse } from 'nuages/urls'\n",
  }
  write('imports.ts', imports[name])
  return folder
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(generateModels())
  console.log(generateRoutes())
  console.log(generateImports('models'))
  console.log(generateImports('routes'))
}
