/** What every admin page shows around its content. */
import type { AuthenticatedRequest } from '../auth/index.ts'
import { language } from '../i18n/index.ts'
import { render } from '../shortcuts.ts'
import { type Access, accessOf } from './access.ts'
import type { ModelAdmin } from './options.ts'
import { projectApps, shownModels, siteTitle } from './site.ts'
import { adminUrls } from './urls.ts'

export interface Step {
  readonly label: string
  readonly url?: string
}

export interface FrameContext extends Record<string, unknown> {
  readonly title: string
  /** After the admin's own step; the last one is the page itself. */
  readonly trail?: readonly Step[]
}

/** `{ app, model }` as addresses name them. */
export function namesOf(admin: ModelAdmin): { app: string; model: string } {
  return { app: admin.model.meta.app, model: admin.model.meta.name.toLowerCase() }
}

export function navigation(access: Access, current: ModelAdmin | null) {
  return shownModels(projectApps())
    .map(({ app, admins }) => ({
      label: app.verboseName,
      models: admins
        .filter((admin) => access.may('view', admin.model) || access.may('add', admin.model))
        .map((admin) => ({
          label: admin.model.meta.verboseNamePlural,
          name: admin.model.meta.verboseName,
          url: adminUrls.list(namesOf(admin)),
          addUrl: access.may('add', admin.model) ? adminUrls.add(namesOf(admin)) : null,
          current: admin === current,
        })),
    }))
    .filter((group) => group.models.length > 0)
}

/** Steps from the admin's index to a model's list. */
export function trailTo(admin: ModelAdmin): Step[] {
  return [{ label: admin.model.meta.verboseNamePlural, url: adminUrls.list(namesOf(admin)) }]
}

export async function page(
  request: AuthenticatedRequest,
  template: string,
  context: FrameContext,
  options: { access?: Access; admin?: ModelAdmin; status?: number } = {},
) {
  const access = options.access ?? (await accessOf(request))
  return render(
    request,
    template,
    {
      siteTitle: siteTitle(),
      siteUrl: '/',
      language: language(),
      nav: navigation(access, options.admin ?? null),
      ...context,
      trail: [{ label: siteTitle(), url: adminUrls.index() }, ...(context.trail ?? [])],
    },
    { status: options.status ?? 200 },
  )
}
