/** Questions that nobody answered, gathered so that one error lists all of them with the flags that would answer. */
import { UnansweredError } from './errors.ts'

export interface OpenQuestion {
  readonly about: 'rename' | 'default' | 'drop'
  /** The question as a sentence. */
  readonly what: string
  /** What to pass, and what each would mean. */
  readonly flags: string
}

/** One error for all: the same questions always give the same text. */
export function unanswered(questions: readonly OpenQuestion[]): UnansweredError {
  const [first, ...others] = questions
  if (others.length === 0) {
    const { about, what, flags } = first!
    return ofOneKind(about, what, `Pass ${flags}.`)
  }
  const kinds = new Set(questions.map(({ about }) => about))
  const list = questions.map(({ what, flags }) => `- ${what}\n  ${flags}`).join('\n')
  const message = `${questions.length} questions are open, and there is nobody to answer them:\n${list}`
  const hint = 'Pass one flag for each, or run the command at a terminal, where it asks.'
  return kinds.size === 1
    ? ofOneKind(first!.about, message, hint)
    : new UnansweredError(message, { code: 'migrations.unanswered', hint })
}

function ofOneKind(about: OpenQuestion['about'], message: string, hint: string): UnansweredError {
  switch (about) {
    case 'rename':
      return new UnansweredError(message, { code: 'migrations.rename-unanswered', hint })
    case 'default':
      return new UnansweredError(message, { code: 'migrations.default-unanswered', hint })
    case 'drop':
      return new UnansweredError(message, { code: 'migrations.drop-unanswered', hint })
  }
}
