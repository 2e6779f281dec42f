import { CommandError, defineCommand, type Output } from '../../cli/index.ts'
import type { FieldMeta } from '../../db/index.ts'
import { IntegrityError } from '../../db/index.ts'
import { t } from '../../i18n/index.ts'
import { randomString } from '../../std/crypto.ts'
import { ValidationError, validateEmail } from '../../validators.ts'
import { normalizeEmail } from '../email.ts'
import { passwordProblems } from '../password-validation.ts'
import { type UserModel, userModel } from '../user-model.ts'
import { createSuperuser } from '../users.ts'
import { askPassword, askText } from './_ask.ts'

const DEFAULT_EMAIL = 'admin@example.org'
const PASSWORD_LENGTH = 16

export default defineCommand({
  help: 'Create a user with every permission. E-mail and password come from the options, from ADMIN_EMAIL and ADMIN_PASSWORD, or are asked for.',
  needs: 'database',
  options: {
    email: {
      type: 'string',
      help: `e-mail address; default: ADMIN_EMAIL, else ${DEFAULT_EMAIL} where nobody is asked`,
    },
    set: { type: 'list', help: 'another field of the user, as name=value', placeholder: 'name=value' },
    ifNone: { type: 'boolean', help: 'do nothing when there is a superuser already; ask nothing' },
    input: {
      type: 'boolean',
      default: true,
      help: 'do not ask for what is missing: a password is made and printed once, as without a terminal',
    },
  },
  examples: ['createsuperuser --email ada@example.org', 'createsuperuser --if-none --set displayName=Ada'],
  async run({ options, out }) {
    const User = userModel()
    if (options.ifNone && (await User.objects.filter({ isSuperuser: true }).exists())) return
    const ask = options.input && !options.ifNone && process.stdin.isTTY === true
    const { ADMIN_EMAIL, ADMIN_PASSWORD } = process.env
    const email = checkedEmail(
      options.email ?? (ADMIN_EMAIL || (ask ? await askText('E-mail address') : DEFAULT_EMAIL)),
    )
    if (await User.objects.filter({ email }).exists()) throw emailTaken(email)
    const values = readValues(options.set, User)
    for (const field of missingFields(User, values)) {
      if (!ask) throw missingValue(field)
      values[field.name] = cleanValue(field, await askText(field.verboseName))
    }
    const given = ADMIN_PASSWORD || undefined
    const password = given ?? (ask ? await askPassword({ email, ...values }, out) : randomString(PASSWORD_LENGTH))
    if (given !== undefined) await warnOfWeakness(given, { email, ...values }, out)
    try {
      await createSuperuser({ ...values, email, password })
    } catch (error) {
      // Two starts of the same site at once: the other one made it.
      if (error instanceof IntegrityError && (await User.objects.filter({ email }).exists())) {
        if (options.ifNone) return
        throw emailTaken(email)
      }
      throw error
    }
    out.success(t('Created the superuser {email}.', { email }))
    if (given === undefined && !ask) out.line(t('Password (shown this once): {password}', { password }))
  },
})

function checkedEmail(text: string): string {
  const email = normalizeEmail(text)
  try {
    validateEmail(email)
  } catch {
    throw new CommandError(`${JSON.stringify(text)} is not an e-mail address.`, {
      code: 'auth.bad-email',
      hint: 'Give one with --email or ADMIN_EMAIL.',
    })
  }
  return email
}

function emailTaken(email: string): CommandError {
  return new CommandError(`There is a user with the address ${email} already.`, {
    code: 'auth.email-taken',
    hint: 'Give another one with --email, or change that user in the admin.',
  })
}

/** Values of `--set name=value`, each cleaned by its field. */
function readValues(list: readonly string[], { meta }: UserModel): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const text of list) {
    const at = text.indexOf('=')
    const field = at > 0 ? meta.fields.get(text.slice(0, at)) : undefined
    if (field?.column == null)
      throw new CommandError(`--set ${text} does not name a field of ${meta.label}.`, {
        code: 'auth.bad-value',
        hint: `Write name=value; fields: ${meta.columns.map(({ name }) => name).join(', ')}.`,
      })
    values[field.name] = cleanValue(field, text.slice(at + 1))
  }
  return values
}

function cleanValue(field: FieldMeta, text: string): unknown {
  try {
    return field.clean(text)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    throw new CommandError(`${JSON.stringify(text)} cannot be ${field.name}: ${error.messages.join(' ')}`, {
      code: 'auth.bad-value',
    })
  }
}

/** What the project's user needs besides e-mail and password. */
function missingFields({ meta }: UserModel, values: Readonly<Record<string, unknown>>): FieldMeta[] {
  return meta.columns.filter(
    (field) =>
      !(field.name === 'email' || field.name in values) &&
      !(field.hasDefault || field.null || field.blank || field.generated || field.primaryKey || field.preSave),
  )
}

function missingValue(field: FieldMeta): CommandError {
  return new CommandError(`A user needs a ${field.verboseName}.`, {
    code: 'auth.missing-value',
    hint: `Give it with --set ${field.name}=…`,
  })
}

/** Whoever starts the site chose it: said, not refused. */
async function warnOfWeakness(password: string, user: object, out: Output): Promise<void> {
  for (const problem of await passwordProblems(password, user))
    out.warn(`ADMIN_PASSWORD: ${problem.messages.join(' ')}`)
}
