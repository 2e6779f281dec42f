/** What every admin page shows around its content. */
import { type AuthenticatedRequest, isPasswordUsable } from '../auth/index.ts'
import { HttpError, type HttpResponse, MethodNotAllowed } from '../http/index.ts'
import { language, t } from '../i18n/index.ts'
import { render } from '../shortcuts.ts'
import { capitalize } from '../std/text.ts'
import { type Access, accessOf } from './access.ts'
import { listUrl, namesOf } from './addresses.ts'
import { keyOf } from './keys.ts'
import type { ModelAdmin } from './model-admin.ts'
import { projectApps, shownModels, siteTitle, siteUrl } from './site.ts'
import { adminUrls } from './urls.ts'

/** A step of the breadcrumb; the page itself has no address. */
export interface Step {
  readonly label: string
  readonly url?: string | null
}

/** What a page tells its template. */
export interface FrameContext extends Record<string, unknown> {
  readonly title: string
  /** After the admin's own step; the last one is the page itself. */
  readonly trail?: readonly Step[]
}

/** Nothing of the admin stays in a shared browser or a proxy after the log-out. */
export const PRIVATE = { 'cache-control': 'no-store, private' }

/** The models this user may do anything with, app by app. */
export function navigation(access: Access, current: ModelAdmin | null) {
  return shownModels(projectApps())
    .map(({ app, admins }) => ({
      label: app.verboseName,
      models: admins
        .filter((admin) => access.may('view', admin.model) || access.may('add', admin.model))
        .map((admin) => ({
          label: admin.model.meta.verboseNamePlural,
          name: admin.model.meta.verboseName,
          url: access.may('view', admin.model) ? listUrl(admin) : null,
          addUrl: access.may('add', admin.model) ? adminUrls.add(namesOf(admin)) : null,
          current: admin === current,
        })),
    }))
    .filter((group) => group.models.length > 0)
}

/** Steps from the admin's index to a model's list. */
export function trailTo(admin: ModelAdmin, access: Access): Step[] {
  return [
    {
      label: capitalize(admin.model.meta.verboseNamePlural),
      url: access.may('view', admin.model) ? listUrl(admin) : null,
    },
  ]
}

/** Where a filter of the navigation helps. */
const MANY_MODELS = 12

/** A page of the admin, for whoever is signed in. */
export async function page(
  request: AuthenticatedRequest,
  template: string,
  context: FrameContext,
  options: { access?: Access; admin?: ModelAdmin; status?: number } = {},
): Promise<HttpResponse> {
  const access = options.access ?? (await accessOf(request))
  const nav = navigation(access, options.admin ?? null)
  return render(
    request,
    template,
    {
      siteTitle: siteTitle(),
      siteUrl: siteUrl(),
      language: language(),
      nav,
      navFilter: nav.reduce((sum, group) => sum + group.models.length, 0) > MANY_MODELS,
      account: keyOf(request.user),
      hasPassword: isPasswordUsable(request.user.password),
      ...context,
      trail: [{ label: siteTitle(), url: adminUrls.index() }, ...(context.trail ?? [])],
    },
    { status: options.status ?? 200, headers: PRIVATE },
  )
}

/** The same words for what is not there and what is not shown to this user. */
function titleOf(status: number): string {
  if (status === 403) return t('Not allowed')
  if (status === 404) return t('Not found')
  return t('This did not work')
}

/**
 * A view of the admin: answers GET and POST, and tells its refusals (not found, not allowed) within the frame, so that
 * whoever meets one can go on.
 */
export function adminView<P>(
  view: (request: AuthenticatedRequest, params: P) => Promise<Response>,
  methods: readonly string[] = ['GET', 'HEAD', 'POST'],
): (request: AuthenticatedRequest, params: P) => Promise<Response> {
  return async (request, params) => {
    if (!methods.includes(request.method)) throw new MethodNotAllowed(methods)
    try {
      return await view(request, params)
    } catch (error) {
      if (!isRefusal(error)) throw error
      return refusalPage(request, error)
    }
  }
}

function isRefusal(error: unknown): error is HttpError {
  return error instanceof HttpError && (error.status === 403 || error.status === 404)
}

function refusalPage(request: AuthenticatedRequest, error: HttpError): Promise<HttpResponse> {
  const title = titleOf(error.status)
  return page(
    request,
    'admin/message.html',
    { title, text: error.message, trail: [{ label: title }] },
    { status: error.status },
  )
}
