import { text as readAll } from 'node:stream/consumers'
import { CommandError, defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { normalizeEmail } from '../email.ts'
import { validatePassword } from '../password-validation.ts'
import { userModel } from '../user-model.ts'
import { askPassword } from './_ask.ts'

export default defineCommand({
  help: "Change a user's password. Every session of that user ends.",
  needs: 'database',
  arguments: [{ name: 'email', help: "the user's e-mail address" }],
  options: { stdin: { type: 'boolean', help: 'read the password from standard input, up to the end of the line' } },
  examples: ['changepassword ada@example.org', 'changepassword ada@example.org --stdin < password.txt'],
  async run({ args, options, out }) {
    const user = await userModel()
      .objects.filter({ email: normalizeEmail(args.email) })
      .first()
    if (user === null)
      throw new CommandError(`There is no user with the address ${args.email}.`, { code: 'auth.unknown-user' })
    if (!options.stdin && process.stdin.isTTY !== true)
      throw new CommandError('There is no terminal to ask for the password.', {
        code: 'auth.no-terminal',
        hint: 'Give it on standard input with --stdin.',
      })
    const password = options.stdin ? await readPassword() : await askPassword(user, out)
    if (options.stdin) await validatePassword(password, user)
    await user.setPassword(password)
    await user.save({ fields: ['password'] })
    out.success(t('Changed the password of {email}.', { email: user.email }))
  },
})

async function readPassword(): Promise<string> {
  const [line = ''] = (await readAll(process.stdin)).split(/\r?\n/, 1)
  return line
}
