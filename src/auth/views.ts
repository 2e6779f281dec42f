import { methodNotAllowed, redirect } from '../http/index.ts'
import { t } from '../i18n/index.ts'
import { addMessage } from '../messages/index.ts'
import { render } from '../shortcuts.ts'
import { loginForm, passwordChangeForm } from './forms.ts'
import { loginRequired, loginUrl } from './guards.ts'
import { keepSignedIn, login as signIn, logout as signOut } from './login.ts'
import { authOptions } from './options.ts'
import { safeNext } from './redirects.ts'
import { authUrls } from './urls.ts'

export const login = authUrls.login.view(async (request) => {
  const { definition, state } = loginForm(request)
  if (request.method === 'POST') {
    const input = await request.form()
    const next = safeNext(input.get('next')) ?? authOptions().loginRedirectUrl
    const sent = definition.bind(input)
    if (await sent.isValid()) {
      await signIn(request, state.user!)
      return redirect(next)
    }
    return render(request, 'auth/login.html', { title: t('Log in'), form: sent, next }, { status: 422 })
  }
  const next = safeNext(request.query.get('next')) ?? ''
  return render(request, 'auth/login.html', { title: t('Log in'), form: definition.empty(), next })
})

/** By POST only: a link or an image of another site must not sign anybody out. */
export const logout = authUrls.logout.view(async (request) => {
  if (request.method !== 'POST') return methodNotAllowed(['POST'])
  await signOut(request)
  return redirect(authOptions().logoutRedirectUrl ?? loginUrl())
})

export const passwordChange = authUrls.passwordChange.view(loginRequired, async (request) => {
  const definition = passwordChangeForm(request.user)
  const form = request.method === 'POST' ? definition.bind(await request.form()) : definition.empty()
  if (await form.isValid()) {
    await request.user.setPassword(form.values.newPassword)
    await request.user.save()
    keepSignedIn(request, request.user)
    addMessage(request, 'success', t('Your password was changed. Other sessions were signed out.'))
    return redirect(authOptions().loginRedirectUrl)
  }
  return render(
    request,
    'auth/password.html',
    { title: t('Change password'), form },
    { status: form.isBound ? 422 : 200 },
  )
})
