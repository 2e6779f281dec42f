import { ContentType, createUser, Permission } from 'nuages/auth'
import type { CurrentUser } from 'nuages/http'
import { captureQueries, type TestClient, type TestSite } from 'nuages/testing'
import { expect } from 'vitest'

/** A superuser. */
export function root(values: Record<string, unknown> = {}): Promise<CurrentUser> {
  return createUser({ email: 'root@example.org', password: 'long enough', isStaff: true, isSuperuser: true, ...values })
}

/** A member of staff with these permissions: `library.change_book`. */
export async function staff(permissions: readonly string[], values: Record<string, unknown> = {}) {
  const user = await createUser({ email: 'staff@example.org', password: 'long enough', isStaff: true, ...values })
  await user.userPermissions.set(await Promise.all(permissions.map(permission)))
  return user
}

export async function permission(name: string): Promise<Permission> {
  const [app, codename] = name.split('.')
  const model = codename!.split('_')[1]!
  const type = await ContentType.objects.get({ appLabel: app!, model })
  return Permission.objects.get({ contentType: type, codename: codename! })
}

/** Signs in and gives the visitor. */
export function as(site: TestSite, user: CurrentUser): Promise<TestClient> {
  return site.login(user, site.visitor())
}

/** The texts of a list's cells, row by row, without the box that selects the row. */
export function cells(html: string): string[][] {
  const body = /<tbody[^>]*>([\s\S]*?)<\/tbody>/.exec(html)?.[1] ?? ''
  return [...body.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<td(?![^>]*class="tick")[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell]) => textOf(cell!)),
  )
}

export function firstColumn(html: string): string[] {
  return cells(html).map((row) => row[0]!)
}

/** What a reader sees of a piece of HTML. */
export function textOf(html: string): string {
  return html
    .replace(/<[^>]*aria-label="([^"]*)"[^>]*>[^<]*/g, '$1')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .trim()
}

/** Messages by field id, and those of the form as a whole under ''. */
export function errorsIn(html: string): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const [, id, list] of html.matchAll(/<ul class="errors" id="id_(\w+)_errors">([\s\S]*?)<\/ul>/g))
    errors[id!] = textOf(list!)
  const general = /<div class="form-errors"[^>]*>([\s\S]*?)<\/div>/.exec(html)?.[1]
  if (general) errors[''] = textOf(general)
  return errors
}

/** The value a control shows. */
export function shownIn(html: string, name: string): string | null {
  const input = new RegExp(`<input[^>]* name="${name}"[^>]*>`).exec(html)?.[0]
  if (input) return textOf(/ value="([^"]*)"/.exec(input)?.[1] ?? '')
  const area = new RegExp(`<textarea[^>]* name="${name}"[^>]*>\\n?([\\s\\S]*?)</textarea>`).exec(html)?.[1]
  if (area !== undefined) return textOf(area)
  const select = new RegExp(`<select[^>]* name="${name}"[^>]*>([\\s\\S]*?)</select>`).exec(html)?.[1]
  return select === undefined ? null : (/<option value="([^"]*)" selected/.exec(select)?.[1] ?? '')
}

/** How many queries a page makes. */
export async function queriesFor(run: () => Promise<{ status: number }>): Promise<number> {
  const events = await captureQueries(async () => expect((await run()).status).toBe(200))
  return events.length
}
