import { keepSignedIn, safeNext, login as signIn, logout as signOut } from '../../auth/index.ts'
import { loginForm, passwordChangeForm } from '../../auth/internal.ts'
import { MethodNotAllowed, redirect } from '../../http/index.ts'
import { language, t } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { render } from '../../shortcuts.ts'
import { adminView, PRIVATE, page } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { siteTitle, siteUrl } from '../site.ts'
import { adminUrls } from '../urls.ts'

export const login = adminUrls.login.view(async (request) => {
  const { definition, state } = loginForm(request)
  const posted = request.method === 'POST' ? await request.form() : null
  const next = safeNext(posted ? posted.get('next') : request.query.get('next')) ?? adminUrls.index()
  const form = posted ? definition.bind(posted) : definition.empty()
  if (await form.isValid()) {
    if (state.user!.isStaff) {
      await signIn(request, state.user!)
      return redirect(next)
    }
    // Whoever gets here has proved who they are: there is nothing left to conceal from them.
    form.addError(null, t('This account may not use the admin.'))
  } else if (!posted && request.user.isAuthenticated && request.user.isStaff) return redirect(next)
  const context = {
    title: t('Log in'),
    siteTitle: siteTitle(),
    siteUrl: siteUrl(),
    language: language(),
    form,
    next,
    denied: request.user.isAuthenticated && !posted,
    user: request.user,
  }
  return render(request, 'admin/login.html', context, { status: posted ? 422 : 200, headers: PRIVATE })
})

/** By POST only: a link or an image of another site must not sign anybody out. */
export const logout = adminUrls.logout.view(async (request) => {
  if (request.method !== 'POST') throw new MethodNotAllowed(['POST'])
  await signOut(request)
  return redirect(adminUrls.login())
})

export const passwordChange = adminUrls.passwordChange.view(
  staffOnly,
  adminView(async (request) => {
    const definition = passwordChangeForm(request.user)
    const form = request.method === 'POST' ? definition.bind(await request.form()) : definition.empty()
    if (await form.isValid()) {
      await request.user.setPassword(form.values.newPassword)
      await request.user.save({ fields: ['password'] })
      keepSignedIn(request, request.user)
      addMessage(request, 'success', t('Your password was changed. Other sessions were signed out.'))
      return redirect(adminUrls.index())
    }
    const title = t('Change password')
    return page(
      request,
      'admin/password.html',
      { title, form, button: title, backUrl: adminUrls.index(), trail: [{ label: title }] },
      { status: form.isBound ? 422 : 200 },
    )
  }),
)
