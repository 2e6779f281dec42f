/** Questions that nobody answered, gathered so that one error lists all of them with the flags that would answer. */
import { UnansweredError } from './errors.ts'

/** A question that no flag answered, where nobody can be asked. */
export interface OpenQuestion {
  readonly about: 'rename' | 'default' | 'drop'
  /** The question as a sentence. */
  readonly what: string
  /** What to pass, and what each would mean. */
  readonly flags: string
}

/** Flags that answered nothing, as written: a misspelt one must not pass silently. */
export function answersNothing(flags: readonly string[]): { readonly message: string; readonly hint: string } {
  return {
    message:
      flags.length === 1
        ? `${flags[0]} answers no question: nothing of that name changed.`
        : `${flags.join(' and ')} answer no question: nothing of those names changed.`,
    hint: 'Check the names: the old one must be gone from the models, and the new one be there.',
  }
}

/**
 * One error for all: the same questions always give the same text.
 * @param misspelt   flags that answer none of them: one of them was perhaps meant to
 */
export function unanswered(questions: readonly OpenQuestion[], misspelt: readonly string[] = []): UnansweredError {
  const more = misspelt.length === 0 ? { message: '', hint: '' } : answersNothing(misspelt)
  const besides = (text: string, between: string, other: string) => (other === '' ? text : text + between + other)
  const [first, ...others] = questions
  if (others.length === 0) {
    const { about, what, flags } = first!
    return ofOneKind(about, besides(what, '\n', more.message), besides(`Pass ${flags}.`, ' ', more.hint))
  }
  const kinds = new Set(questions.map(({ about }) => about))
  const list = questions.map(({ what, flags }) => `- ${what}\n  ${flags}`).join('\n')
  const open = `${questions.length} questions are open, and there is nobody to answer them:\n${list}`
  const message = besides(open, '\n', more.message)
  const hint = besides('Pass one flag for each, or run the command at a terminal, where it asks.', ' ', more.hint)
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
