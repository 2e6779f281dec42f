/** Log in, log out, change the password: the views of {@link authUrls}. */
import { type HttpRequest, type HttpResponse, MethodNotAllowed, redirect } from '../http/index.ts'
import { language, t } from '../i18n/index.ts'
import { addMessage } from '../messages/index.ts'
import { render } from '../shortcuts.ts'
import { loginForm, passwordChangeForm } from './forms.ts'
import { loginRequired } from './guards.ts'
import { keepSignedIn, login as signIn, logout as signOut } from './login.ts'
import { authOptions, resolveUrl } from './options.ts'
import { safeNext } from './redirects.ts'
import { authUrls } from './urls.ts'

/** Pages with passwords and tokens are kept by nobody: no proxy, no history of a shared browser. */
function page(
  request: HttpRequest,
  template: string,
  context: Record<string, unknown>,
  status: number,
): Promise<HttpResponse> {
  const headers = { 'cache-control': 'no-store' }
  return render(request, template, { language: language(), ...context }, { status, headers })
}

export const login = authUrls.login.view(async (request) => {
  const { definition, state } = loginForm(request)
  const title = t('Log in')
  if (request.method !== 'POST')
    return page(
      request,
      'auth/login.html',
      { title, form: definition.empty(), next: safeNext(request.query.get('next')) ?? '' },
      200,
    )
  const input = await request.form()
  const next = safeNext(input.get('next'))
  const form = definition.bind(input)
  if (!(await form.isValid())) return page(request, 'auth/login.html', { title, form, next: next ?? '' }, 422)
  await signIn(request, state.user!) // a valid form has found its user
  return redirect(next ?? resolveUrl(authOptions().loginRedirectUrl))
})

/** By POST only: a link or an image of another site must not sign anybody out. */
export const logout = authUrls.logout.view(async (request) => {
  if (request.method !== 'POST') throw new MethodNotAllowed(['POST'])
  await signOut(request)
  return redirect(resolveUrl(authOptions().logoutRedirectUrl))
})

export const passwordChange = authUrls.passwordChange.view(loginRequired, async (request) => {
  const { user } = request
  const definition = passwordChangeForm(user)
  const form = request.method === 'POST' ? definition.bind(await request.form()) : definition.empty()
  if (!(await form.isValid()))
    return page(request, 'auth/password.html', { title: t('Change password'), form }, form.isBound ? 422 : 200)
  await user.setPassword(form.values.newPassword)
  await user.save({ fields: ['password'] })
  keepSignedIn(request, user)
  addMessage(request, 'success', t('Your password was changed. Other sessions were signed out.'))
  return redirect(resolveUrl(authOptions().loginRedirectUrl))
})
