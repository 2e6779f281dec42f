import { CommandError, defineCommand } from '../../cli/index.ts'
import { randomString } from '../../std/crypto.ts'
import { ValidationError, validateEmail } from '../../validators.ts'
import { normalizeEmail } from '../login.ts'
import { validatePassword } from '../password-validation.ts'
import { userModel } from '../user-model.ts'
import { createSuperuser } from '../users.ts'

export default defineCommand({
  help: 'Create a user with every permission. E-mail and password come from the options, from ADMIN_EMAIL and ADMIN_PASSWORD, or are asked for.',
  needs: 'database',
  options: {
    email: { type: 'string', help: 'e-mail address (default: ADMIN_EMAIL)' },
    ifNone: { type: 'boolean', help: 'do nothing when there is a superuser already' },
    input: {
      type: 'boolean',
      default: true,
      help: 'ask for what is missing; without a terminal a password is made and printed once',
    },
  },
  async run({ options, out }) {
    const users = userModel().objects
    if (options.ifNone && (await users.dynamic({ isSuperuser: true }).exists())) return
    const ask = options.input && !options.ifNone && process.stdin.isTTY === true
    const email = checkedEmail(
      options.email ?? process.env.ADMIN_EMAIL ?? (ask ? await askEmail() : 'admin@example.org'),
    )
    if (await users.dynamic({ email }).exists())
      throw new CommandError(`There is a user with the address ${email} already.`, {
        code: 'auth.email-taken',
        hint: 'Give another one with --email, or change that user in the admin.',
      })
    const given = process.env.ADMIN_PASSWORD
    const password = given ?? (ask ? await askPassword(email) : randomString(16))
    await createSuperuser({ email, password })
    out.line(`Created the superuser ${email}.`)
    if (given === undefined && !ask) out.line(`Password (shown this once): ${password}`)
  },
})

function checkedEmail(text: string): string {
  const email = normalizeEmail(text)
  try {
    validateEmail(email)
  } catch {
    throw new CommandError(`"${text}" is not an e-mail address.`, {
      code: 'auth.bad-email',
      hint: 'Give one with --email or ADMIN_EMAIL.',
    })
  }
  return email
}

async function askEmail(): Promise<string> {
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({ message: 'E-mail address' })
  if (isCancel(answer)) throw new CommandError('Cancelled.', { code: 'auth.cancelled' })
  return String(answer)
}

async function askPassword(email: string): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({
    message: 'Password',
    validate(value) {
      try {
        validatePassword(value ?? '', { email })
        return undefined
      } catch (error) {
        return error instanceof ValidationError ? error.messages.join(' ') : String(error)
      }
    },
  })
  if (isCancel(answer)) throw new CommandError('Cancelled.', { code: 'auth.cancelled' })
  return String(answer)
}
