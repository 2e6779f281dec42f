/** The forms of the sign-in pages; the admin shows them too. */
import { emailField, form, passwordField } from '../forms/index.ts'
import type { CurrentUser, HttpRequest } from '../http/index.ts'
import { t, tLazy } from '../i18n/index.ts'
import { ValidationError } from '../validators.ts'
import { authenticate } from './login.ts'
import { passwordHelp, validatePassword } from './password-validation.ts'

/** E-mail and password. After `isValid()`, `state.user` is who they belong to. */
export function loginForm(request: HttpRequest) {
  const state: { user: CurrentUser | null } = { user: null }
  const definition = form(
    {
      email: emailField({ label: tLazy('email address'), attributes: { autocomplete: 'username', autofocus: true } }),
      password: passwordField({ label: tLazy('password'), attributes: { autocomplete: 'current-password' } }),
    },
    {
      async clean(values) {
        state.user = await authenticate(values, request)
        // The same words whether the address is unknown, the password wrong or the account closed.
        if (state.user === null)
          throw new ValidationError(
            t('This e-mail address and password do not belong together. Mind capital letters in the password.'),
          )
      },
    },
  )
  return { definition, state }
}

/** The old password and a new one, twice. */
export function passwordChangeForm(user: CurrentUser) {
  return form(
    {
      oldPassword: passwordField({
        label: tLazy('current password'),
        attributes: { autocomplete: 'current-password', autofocus: true },
      }),
      newPassword: passwordField({
        label: tLazy('new password'),
        helpText: passwordHelp().join(' '),
        attributes: { autocomplete: 'new-password' },
      }),
      again: passwordField({ label: tLazy('new password, again'), attributes: { autocomplete: 'new-password' } }),
    },
    {
      async clean({ oldPassword, newPassword, again }) {
        if (!(await user.checkPassword(oldPassword)))
          throw new ValidationError({ oldPassword: t('This is not your current password.') })
        if (newPassword !== again) throw new ValidationError({ again: t('The two new passwords differ.') })
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
