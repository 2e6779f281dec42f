/**
 * Django's vectors for resolving and reversing. Of the three sets of patterns, `A` and `C` are written with path(),
 * which is our style. Rows without a meaning here:
 * - set `B` and the re_path() entries of `C`: patterns are path style only, a regular expression is a converter's
 *   business (`registerConverter`);
 * - extra keyword arguments of a pattern (`kw`, `kw2`): a view bound to its route knows its own constants;
 * - names used twice (`multi`): keys of a table are unique, so the second one is called `multi2` here;
 * - includes without a namespace: every include has a key, so `page` is `lang:page`;
 * - a `dotted.view` as name does not exist.
 */
import { readFileSync } from 'node:fs'
import { respond } from 'nuages/http'
import { bindRoutes, createResolver, include, LinkError, type RouteResolver, routes } from 'nuages/urls'
import { expect, test } from 'vitest'
import { reverseName } from '../../src/urls/internal.ts'
import { mismatches, type Row, rows } from '../conformance/rows.ts'

interface Entry {
  kind: string
  route: string
  name?: string
  kwargs?: object
  include?: Entry[]
  namespace?: string
}
const sets = JSON.parse(readFileSync(new URL('../conformance/urls-patterns.json', import.meta.url), 'utf8')) as Record<
  string,
  Entry[]
>

type Views = [object, object][]
function tableOf(entries: readonly Entry[], views: Views): object {
  const table: Record<string, unknown> = {}
  for (const entry of entries) {
    if (entry.kind !== 'path') continue
    if (entry.include) table[entry.namespace ?? 'lang'] = include(entry.route, tableOf(entry.include, views))
    else table[entry.name! in table ? `${entry.name}2` : entry.name!] = entry.route
  }
  const urls = routes(table as Record<string, string>) as Record<string, { view?: (view: unknown) => unknown }>
  const bound = Object.entries(urls).flatMap(([name, route]) =>
    typeof route === 'function' ? [[name, (route as any).view(() => respond(''))]] : [],
  )
  views.push([urls, Object.fromEntries(bound)])
  return urls
}
const roots: Record<string, { root: object; resolver: RouteResolver }> = {}
for (const name of ['A', 'C']) {
  const views: Views = []
  const root = tableOf(sets[name]!, views)
  roots[name] = { root, resolver: createResolver(root, views) }
}

const ours = ({ input }: Row) =>
  input.patterns in roots && !/^kw/.test(input.name ?? '') && !/^\/(kw|re)\//.test(input.path ?? '')

test("resolves paths as Django's path() does", () => {
  const list = rows('urls', 'resolve').filter(ours)
  const wrong = mismatches(list, ({ input, expect: expected }) => {
    const match = roots[input.patterns]!.resolver.match(input.path)
    if (match === null) return null
    const name = match.name.replace(/multi2$/, 'multi').replace(/^lang:/, '')
    const namespaces = match.namespaces.filter((part) => part !== 'lang')
    return { ...expected, name: name.split(':').at(-1), view_name: name, namespaces, kwargs: match.params }
  })
  expect(wrong).toEqual([])
  expect(list.length).toBeGreaterThan(25)
})

test("writes links as Django's reverse() does", () => {
  const list = rows('urls', 'reverse').filter((row) => ours(row) && row.input.name !== 'inner')
  const wrong = mismatches(list, ({ input }) => {
    bindRoutes(roots[input.patterns]!.root)
    const given = input.args.length ? input.args : input.kwargs
    const several = input.name === 'multi' && Object.keys(given).length === 2
    const name = several ? 'multi2' : input.name === 'page' ? 'lang:page' : input.name
    try {
      return { path: reverseName(name, given) }
    } catch (error) {
      if (error instanceof LinkError) return { error: 'NoReverseMatch' }
      throw error
    }
  })
  expect(wrong).toEqual([])
  expect(list.length).toBeGreaterThan(30)
})
