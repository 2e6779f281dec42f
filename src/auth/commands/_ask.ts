/** Questions of the commands of this room, at a terminal. Not a command itself: it has no default export. */
import { CommandError, type Output } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import { passwordProblems } from '../password-validation.ts'

function cancelled(): CommandError {
  return new CommandError('Cancelled; nothing was changed.', { code: 'auth.cancelled' })
}

/** A line of text. @throws CommandError auth.cancelled */
export async function askText(message: string): Promise<string> {
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({ message })
  if (isCancel(answer)) throw cancelled()
  return answer ?? ''
}

/** A password that the rules accept, typed twice. @throws CommandError auth.cancelled */
export async function askPassword(user: object, out: Output): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts')
  for (;;) {
    const first = await password({ message: 'Password' })
    if (isCancel(first)) throw cancelled()
    const problems = await passwordProblems(first ?? '', user)
    for (const problem of problems) out.warn(problem.messages.join(' '))
    if (problems.length > 0) continue
    const again = await password({ message: 'Password, again' })
    if (isCancel(again)) throw cancelled()
    if (again === first) return first
    out.warn(t('The two passwords differ.'))
  }
}
