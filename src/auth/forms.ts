import { emailField, form, passwordField } from '../forms/index.ts'
import type { HttpRequest } from '../http/index.ts'
import { t, tLazy } from '../i18n/index.ts'
import { ValidationError } from '../validators.ts'
import { authenticate } from './login.ts'
import type { AbstractUser } from './models.ts'
import { passwordHelp, validatePassword } from './password-validation.ts'

/** E-mail and password. After `isValid()`, `user` is who they belong to. */
export function loginForm(request: HttpRequest) {
  const state: { user: Awaited<ReturnType<typeof authenticate>> } = { user: null }
  const definition = form(
    {
      email: emailField({ label: tLazy('email address'), attributes: { autocomplete: 'username', autofocus: true } }),
      password: passwordField({ label: tLazy('password'), attributes: { autocomplete: 'current-password' } }),
    },
    {
      async clean(values) {
        state.user = await authenticate(values, request)
        if (!state.user)
          throw new ValidationError(
            t('This e-mail address and password do not belong together. Mind capital letters in the password.'),
          )
      },
    },
  )
  return { definition, state }
}

/** The old password and a new one, twice. */
export function passwordChangeForm(user: AbstractUser) {
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
          validatePassword(newPassword, user as unknown as Record<string, unknown>) // attributes are read by name
        } catch (error) {
          if (error instanceof ValidationError) throw new ValidationError({ newPassword: error.messages })
          throw error
        }
      },
    },
  )
}
