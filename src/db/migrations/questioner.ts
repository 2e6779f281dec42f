/**
 * What the autodetector cannot know: whether something was renamed, and what rows get in a new column. Answered by
 * flags and by hints in the models, else by a person at a terminal, else not at all: then one error lists every question
 * with the flags that answer. Never guessed.
 */

import { t } from '../../i18n/index.ts'
import { readValue } from './answers.ts'
import type { Dropped } from './detect/dropped.ts'
import { UnansweredError } from './errors.ts'
import {
  circles,
  type Default,
  type Drop,
  newLabel,
  oldLabel,
  parseDefault,
  parseDrop,
  parseRename,
  type Rename,
} from './flags.ts'
import {
  doneOrNot,
  isItRenamed,
  keepOrDrop,
  modelsInCircle,
  nearestFirst,
  type OpenQuestion,
  unanswered,
} from './questions.ts'
import type { FieldState } from './state.ts'

/** A field for which the rows that exist need a value. */
export interface FillQuestion {
  /** `library.Book` */
  readonly label: string
  readonly name: string
  readonly field: FieldState
  /** A new column, or one that may no longer be null. */
  readonly reason: 'added' | 'not-null'
}

/** Who decides what models alone do not say: a person, flags, or nobody. */
export interface Questioner {
  /**
   * Which of the removed models the new one was; null: none. `similar`: those whose fields resemble it. Of `kept` it may
   * be one whose name another one takes.
   */
  renamedModel(
    added: string,
    removed: readonly string[],
    similar: readonly string[],
    kept?: readonly string[],
  ): Promise<string | null>
  /** Which of the model's fields the new one was; null: none. `similar`: those that are gone and of the same type. */
  renamedField(
    label: string,
    added: string,
    fields: readonly string[],
    similar: readonly string[],
  ): Promise<string | null>
  /**
   * Of what is there before and after, those that pass their names round: each list in order, the last gets the first
   * one's name. @param label   of the model whose fields `names` are; null: `names` are labels of models
   * @throws UnansweredError for models
   */
  circles?(label: string | null, names: readonly string[]): readonly (readonly string[])[]
  /** The value for rows that exist. */
  fill(question: FillQuestion): Promise<unknown>
  /**
   * Told at the end what goes with all it holds.
   * @throws UnansweredError for what was asked and not answered
   */
  settle?(dropped: readonly Dropped[]): void
}

/** Answers that were given beforehand, as flags or in models. */
export interface Answers {
  /** `library.Book.title:name` for a field, `library.Book:Novel` for a model, `library.Book:shop.Book` for one that moved. */
  readonly rename?: readonly string[]
  /** The same from `renamedFrom` in models. They may stay when they have done their work. */
  readonly hints?: readonly string[]
  /** Whatever `rename` does not name was not renamed: the old goes, with its data, and the new is created. */
  readonly noRenames?: boolean
  /** `library.Book.pages=0` */
  readonly default?: readonly string[]
  /** What may go with all it holds: `library.Book.title`, `library.Book`, `all`. Left out: whatever is gone, without a word. */
  readonly drop?: readonly string[]
}

/** Asks a person; loaded only when there is a question. */
export interface Prompts {
  /** Shows `choices` and gives the value chosen. */
  select<T>(message: string, choices: readonly { readonly value: T; readonly label: string }[]): Promise<T>
  text(message: string, validate: (written: string) => string | undefined): Promise<string>
}

/** Answers given by flags first, then by hints; then by `prompts`, or by nobody where that is null. */
export class FlagQuestioner implements Questioner {
  readonly #renames: readonly Rename[]
  readonly #hints: readonly Rename[]
  readonly #defaults: readonly Default[]
  readonly #drops: readonly Drop[] | null
  readonly #noRenames: boolean
  readonly #prompts: (() => Promise<Prompts>) | null
  readonly #open: OpenQuestion[] = []
  /** Names that an open question is about: what follows from its answer is not asked, too. */
  readonly #unsettled = new Set<string>()

  /** @throws ConfigurationError migrations.bad-flag */
  constructor(answers: Answers = {}, prompts: (() => Promise<Prompts>) | null = null) {
    this.#renames = (answers.rename ?? []).map(parseRename)
    this.#hints = (answers.hints ?? []).map(parseRename)
    this.#defaults = (answers.default ?? []).map(parseDefault)
    this.#drops = answers.drop?.map(parseDrop) ?? null
    this.#noRenames = answers.noRenames ?? false
    this.#prompts = prompts
  }

  async renamedModel(
    added: string,
    removed: readonly string[],
    similar: readonly string[],
    kept: readonly string[] = [],
  ): Promise<string | null> {
    const [app, name] = added.split('.') as [string, string] // a label
    const told = this.#told(
      (r) =>
        r.field === null &&
        r.to === (r.label.startsWith(`${app}.`) ? name : added) &&
        (removed.includes(r.label) || this.#makesWay(r.label, removed, kept)),
    )
    if (told) return told.label
    const open = similar.filter((label) => !this.#isSpokenFor(label, null))
    if (this.#noRenames || open.length === 0) return null
    const flag = (label: string) => `--rename ${label}:${label.startsWith(`${app}.`) ? name : added}`
    return this.#choose(
      open,
      t('Is {added} a new model, or one renamed?', { added }),
      (label) => t('{label} was renamed to {name}; rows are kept', { label, name }),
      t('{added} is new; {removed} will be deleted with all rows', { added, removed: open.join(', ') }),
      {
        about: 'rename',
        what: isItRenamed(added, open),
        flags: keepOrDrop(nearestFirst(open, added).map(flag), nearestFirst(open, added)),
      },
      [added, ...open],
    )
  }

  async renamedField(
    label: string,
    added: string,
    fields: readonly string[],
    similar: readonly string[],
  ): Promise<string | null> {
    const told = this.#told((r) => r.label === label && r.to === added && r.field !== null && fields.includes(r.field))
    if (told) return told.field
    const open = similar.filter((name) => !this.#isSpokenFor(label, name))
    if (this.#noRenames || open.length === 0) return null
    const names = nearestFirst(open, added).map((name) => `${label}.${name}`)
    return this.#choose(
      open,
      t('Is {field} a new field, or one renamed?', { field: `${label}.${added}` }),
      (name) => t('{label} was renamed to {name}; what it holds is kept', { label: `${label}.${name}`, name: added }),
      t('{name} is new; {removed} will be removed with all it holds', { name: added, removed: open.join(', ') }),
      {
        about: 'rename',
        what: isItRenamed(`${label}.${added}`, names),
        flags: keepOrDrop(
          names.map((name) => `--rename ${name}:${added}`),
          names,
        ),
      },
      [`${label}.${added}`, ...names],
    )
  }

  circles(label: string | null, names: readonly string[]): readonly (readonly string[])[] {
    const isHere = (circle: readonly Rename[]) =>
      circle.every((r) =>
        label === null
          ? r.field === null && names.includes(r.label)
          : r.label === label && r.field !== null && names.includes(r.field),
      )
    const flags = circles(this.#renames).filter(isHere)
    for (const each of flags.flat()) each.used = true
    const isTold = (hint: Rename) => this.#renames.some((flag) => oldLabel(flag) === oldLabel(hint))
    const hints = this.#noRenames ? [] : circles(this.#hints).filter((each) => isHere(each) && !each.some(isTold))
    if (label === null) {
      const [first] = [...flags, ...hints]
      if (first !== undefined) throw modelsInCircle(first.map(oldLabel))
    }
    for (const circle of hints) this.#open.push(doneOrNot(circle))
    return flags.map((circle) => circle.map((each) => each.field!)) // of a model's fields
  }

  /** Whether another model is said to take the name of one that is kept: one that goes, or that makes way itself. */
  #makesWay(label: string, removed: readonly string[], kept: readonly string[]): boolean {
    if (!kept.includes(label)) return false
    const rest = kept.filter((each) => each !== label)
    return [...this.#renames, ...this.#hints].some(
      (r) =>
        r.field === null &&
        newLabel(r) === label &&
        (removed.includes(r.label) || this.#makesWay(r.label, removed, rest)),
    )
  }

  /** The flag, else the hint, that says so. */
  #told(says: (rename: Rename) => boolean): Rename | undefined {
    const told = this.#renames.find(says) ?? this.#hints.find(says)
    if (told) told.used = true
    return told
  }

  /** Whether a flag or hint says what became of it. */
  #isSpokenFor(label: string, field: string | null): boolean {
    const name = field === null ? label : `${label}.${field}`
    const dropped = this.#drops?.find((drop) => drop.name === name || drop.name === 'all')
    return (
      dropped !== undefined || [...this.#renames, ...this.#hints].some((r) => r.label === label && r.field === field)
    )
  }

  async #choose(
    options: readonly string[],
    question: string,
    renamed: (option: string) => string,
    fresh: string,
    open: OpenQuestion,
    names: readonly string[],
  ): Promise<string | null> {
    if (this.#prompts === null) {
      this.#open.push(open)
      for (const name of names) this.#unsettled.add(name)
      return null
    }
    const prompts = await this.#prompts()
    return prompts.select<string | null>(question, [
      ...options.map((value) => ({ value, label: renamed(value) })),
      { value: null, label: fresh },
    ])
  }

  async fill({ label, name, field, reason }: FillQuestion): Promise<unknown> {
    const where = `${label}.${name}`
    const told = this.#defaults.find((d) => d.label === label && d.name === name)
    if (told) {
      told.used = true
      return readValue(told.value, field, where)
    }
    if (this.#prompts === null) {
      if (this.#unsettled.has(where)) return undefined // a rename, perhaps: then there is nothing to fill
      this.#open.push({
        about: 'default',
        what:
          reason === 'added'
            ? `The new field ${where} may not be null and has no default, so rows that exist have no value for it.`
            : `${where} may no longer be null, so rows that hold null need a value.`,
        flags: `--default ${where}=VALUE, or give the field a default, or null: true`,
      })
      return undefined
    }
    const what =
      reason === 'added'
        ? t('The new field {where} may not be null and has no default. What do rows that exist get?', { where })
        : t('{where} may no longer be null. What do rows that hold null get?', { where })
    const prompts = await this.#prompts()
    const written = await prompts.text(what, (text) => {
      try {
        readValue(text, field, where)
        return undefined
      } catch (error) {
        return (error as Error).message // readValue throws errors of ours
      }
    })
    return readValue(written, field, where)
  }

  settle(dropped: readonly Dropped[]): void {
    for (const { name, what, isReplaced } of dropped) {
      const told = this.#drops?.find((drop) => drop.name === name) ?? this.#drops?.find((drop) => drop.name === 'all')
      if (told) told.used = true
      else if (this.#drops !== null && this.#prompts === null && !this.#noRenames && !this.#unsettled.has(name)) {
        this.#open.push({
          about: 'drop',
          what: isReplaced
            ? `${name} is made anew: what it holds has no meaning in its new type, and would be dropped with its ${what}.`
            : `${name} is gone: its ${what} would be dropped with all it holds.`,
          flags: `--drop ${name} to let it go, or ${isReplaced ? 'keep the field as it was' : 'bring it back'}`,
        })
      }
    }
    if (this.#open.length > 0) throw unanswered(this.#open, this.unused())
  }

  /** Flags that answered nothing, as written; not those of what an open question is about: they may have their turn yet. */
  unused(): string[] {
    const isLeft = (flag: { readonly used: boolean }, label: string, name = label) =>
      !flag.used && !this.#unsettled.has(label) && !this.#unsettled.has(name)
    const modelOf = (name: string) => name.split('.', 2).join('.')
    return [
      ...this.#renames
        .filter((r) => isLeft(r, r.label))
        .map((r) => `--rename ${r.label}${r.field ? `.${r.field}` : ''}:${r.to}`),
      ...this.#defaults
        .filter((d) => isLeft(d, d.label, `${d.label}.${d.name}`))
        .map((d) => `--default ${d.label}.${d.name}=${d.value}`),
      ...(this.#drops ?? [])
        .filter((d) => d.name !== 'all' && isLeft(d, modelOf(d.name)))
        .map((d) => `--drop ${d.name}`),
    ]
  }
}

/** Prompts at the terminal. */
export async function terminalPrompts(): Promise<Prompts> {
  const { cancel, isCancel, select, text } = await import('@clack/prompts')
  const stop = (answer: unknown): void => {
    if (!isCancel(answer)) return
    cancel(t('Nothing was written.'))
    throw new UnansweredError('The question was left unanswered; nothing was written.', {
      code: 'migrations.cancelled',
    })
  }
  return {
    async select(message, choices) {
      // By position: the prompt's type asks for labels that depend on the type of the value.
      const answer = await select({
        message,
        options: choices.map((choice, value) => ({ value, label: choice.label })),
      })
      stop(answer)
      return choices[answer as number]!.value // not cancelled: stop() threw
    },
    async text(message, validate) {
      const answer = await text({ message, validate: (written) => validate(written ?? '') })
      stop(answer)
      return answer as string // not cancelled
    },
  }
}
