import { isPasswordUsable, keepSignedIn, passwordHelp, validatePassword } from '../../auth/index.ts'
import { atomic } from '../../db/index.ts'
import { form, passwordField } from '../../forms/index.ts'
import { type CurrentUser, redirect } from '../../http/index.ts'
import { t, tLazy } from '../../i18n/index.ts'
import { addMessage } from '../../messages/index.ts'
import { ValidationError } from '../../validators.ts'
import { accessOf, demand, denied, findAdmin, findRow } from '../access.ts'
import { namesOf } from '../addresses.ts'
import { adminView, page, trailTo } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import { keyOf, missingPage, nameOf } from '../keys.ts'
import { logChange } from '../log.ts'
import { adminUrls } from '../urls.ts'

/** A new password for somebody, twice. */
function setPasswordForm(user: CurrentUser) {
  return form(
    {
      newPassword: passwordField({
        label: tLazy('new password'),
        helpText: passwordHelp().join(' '),
        attributes: { autocomplete: 'new-password', autofocus: true },
      }),
      again: passwordField({ label: tLazy('new password, again'), attributes: { autocomplete: 'new-password' } }),
    },
    {
      async clean({ newPassword, again }) {
        if (newPassword !== again) throw new ValidationError({ again: [t('The two passwords differ.')] })
        try {
          await validatePassword(newPassword, user)
        } catch (error) {
          if (error instanceof ValidationError) throw new ValidationError({ newPassword: error.messages })
          throw error
        }
      },
    },
  )
}

/** Gives a user a password; nobody ever sees one, nor its hash. */
export const setPassword = adminUrls.setPassword.view(
  staffOnly,
  adminView(async (request, { app, model, key }) => {
    const admin = findAdmin(app, model)
    const access = await accessOf(request)
    if (!admin.isUser) throw missingPage()
    demand(access, 'change', admin.model)
    const row = await findRow(admin, key, request)
    if (!row) throw missingPage()
    if (!(await access.mayTouch(row))) throw denied()
    const user = row as CurrentUser // the model that signs in
    const definition = setPasswordForm(user)
    const bound = request.method === 'POST' ? definition.bind(await request.form()) : definition.empty()
    const back = adminUrls.change({ ...namesOf(admin), key: keyOf(row) })
    if (await bound.isValid()) {
      await user.setPassword(bound.values.newPassword)
      await atomic(async () => {
        await user.save({ fields: ['password'] })
        await logChange(request, user, { password: null })
      })
      if (user.id === request.user.id) keepSignedIn(request, user)
      addMessage(
        request,
        'success',
        t('The password of “{user}” was set. Its sessions were signed out.', { user: nameOf(user) }),
      )
      return redirect(back)
    }
    const title = t('Set password')
    const context = {
      title,
      intro: isPasswordUsable(user.password)
        ? t('A new password for {user}. The old one stops working at once.', { user: nameOf(user) })
        : t('A first password for {user}, who could not sign in with one so far.', { user: nameOf(user) }),
      form: bound,
      button: title,
      backUrl: back,
      trail: [...trailTo(admin, access), { label: nameOf(user), url: back }, { label: title }],
    }
    return page(request, 'admin/password.html', context, { access, admin, status: bound.isBound ? 422 : 200 })
  }),
)
