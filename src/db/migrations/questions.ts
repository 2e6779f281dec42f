/** Questions that nobody answered, gathered so that one error lists all of them with the flags that would answer. */
import { UnansweredError } from './errors.ts'
import { newLabel, oldLabel, type Rename } from './flags.ts'

/** A question that no flag answered, where nobody can be asked. */
export interface OpenQuestion {
  readonly about: 'rename' | 'default' | 'drop'
  /** The question as a sentence. */
  readonly what: string
  /** What to pass, and what each would mean. */
  readonly flags: string
}

/** How many of the names that one thing may have had are listed: of a table with hundreds of columns nobody reads all. */
const LISTED = 5

/** Of more than are listed those that begin most alike first. */
export function nearestFirst(names: readonly string[], added: string): readonly string[] {
  if (names.length <= LISTED) return names
  const alike = (name: string) => [...name].findIndex((letter, i) => letter !== added[i])
  const shared = (name: string) => (alike(name) < 0 ? name.length : alike(name))
  return names.toSorted((a, b) => shared(b) - shared(a))
}

/** The question as an error lists it. */
export function isItRenamed(added: string, names: readonly string[]): string {
  const gone = nearestFirst(names, added)
  if (gone.length > LISTED) {
    const rest = gone.length - LISTED
    return `${added} is new and ${gone.slice(0, LISTED).join(', ')} and ${rest} more are gone: a rename of one of them, or not?`
  }
  const [first, ...more] = gone
  return more.length === 0
    ? `${added} is new and ${first} is gone: a rename, or not?`
    : `${added} is new and ${gone.join(' and ')} are gone: a rename of one of them, or not?`
}

/** The flags that answer it. */
export function keepOrDrop(renames: readonly string[], names: readonly string[]): string {
  if (names.length > LISTED) {
    const drops = names.slice(0, LISTED).map((name) => `--drop ${name}`)
    return `${renames.slice(0, LISTED).join(' or ')} or the like to keep the data, or ${drops.join(' ')} … to drop the old and create the new`
  }
  return `${renames.join(' or ')} to keep the data, or ${names.map((name) => `--drop ${name}`).join(' ')} to drop the old and create the new`
}

/** Hints by which fields pass their names round: a state has all of these names before that and after it. */
export function doneOrNot(circle: readonly Rename[]): OpenQuestion {
  const names = circle.map(newLabel).sort().join(' and ')
  const flags = circle.map((each) => `--rename ${oldLabel(each)}:${each.to}`).join(' ')
  return {
    about: 'rename',
    what: `By renamedFrom ${names} have one another’s names, and the models look the same before that and after it.`,
    flags: `${flags} to do it now, and remove renamedFrom from them once it is done`,
  }
}

/** Tables would follow, but the names of what belongs to them would meet. */
export function modelsInCircle(labels: readonly string[]): UnansweredError {
  const names = labels.toSorted().join(' and ')
  return new UnansweredError(`${names} would get one another’s names, which one migration cannot do.`, {
    code: 'migrations.rename-unanswered',
    hint: 'Give one of them a name that no model has and make a migration, then give it the name it shall have and make another. Where that is done, remove renamedFrom from them.',
  })
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
