/**
 * What the autodetector cannot know: whether something was renamed, and what rows get in a new column. Answered by
 * flags, else by a person at a terminal, else not at all: then an error says which flag to pass. Never guessed.
 */

import { t } from '../../i18n/index.ts'
import { ConfigurationError } from '../../std/errors.ts'
import { readValue } from './answers.ts'
import { UnansweredError } from './errors.ts'
import type { FieldState } from './state.ts'

export interface FillQuestion {
  /** `library.Book` */
  readonly label: string
  readonly name: string
  readonly field: FieldState
  /** A new column, or one that may no longer be null. */
  readonly reason: 'added' | 'not-null'
}

export interface Questioner {
  /** Which of the removed models the new one was; null: none. `similar`: those whose fields resemble it. */
  renamedModel(added: string, removed: readonly string[], similar: readonly string[]): Promise<string | null>
  /** Which of the removed fields the new one was; null: none. `similar`: those of the same type. */
  renamedField(
    label: string,
    added: string,
    removed: readonly string[],
    similar: readonly string[],
  ): Promise<string | null>
  /** The value for rows that exist. */
  fill(question: FillQuestion): Promise<unknown>
}

export interface Answers {
  /** `library.Book.title:name` for a field, `library.Book:Novel` for a model. */
  readonly rename?: readonly string[]
  /** Whatever `rename` does not name was not renamed: the old goes, with its data, and the new is created. */
  readonly noRenames?: boolean
  /** `library.Book.pages=0` */
  readonly default?: readonly string[]
}

/** Asks a person; loaded only when there is a question. */
export interface Prompts {
  /** Shows `choices` and gives the value chosen. */
  select<T>(message: string, choices: readonly { readonly value: T; readonly label: string }[]): Promise<T>
  text(message: string, validate: (written: string) => string | undefined): Promise<string>
}

interface Rename {
  readonly label: string
  readonly field: string | null
  readonly to: string
  used: boolean
}
interface Default {
  readonly label: string
  readonly name: string
  readonly value: string
  used: boolean
}

/** Answers given by flags first; then by `prompts`, or by nobody where that is null. */
export class FlagQuestioner implements Questioner {
  readonly #renames: readonly Rename[]
  readonly #defaults: readonly Default[]
  readonly #noRenames: boolean
  readonly #prompts: (() => Promise<Prompts>) | null

  /** @throws ConfigurationError migrations.bad-flag */
  constructor(answers: Answers = {}, prompts: (() => Promise<Prompts>) | null = null) {
    this.#renames = (answers.rename ?? []).map(parseRename)
    this.#defaults = (answers.default ?? []).map(parseDefault)
    this.#noRenames = answers.noRenames ?? false
    this.#prompts = prompts
  }

  async renamedModel(added: string, removed: readonly string[], similar: readonly string[]): Promise<string | null> {
    const name = added.split('.')[1]
    const told = this.#renames.find((r) => r.field === null && r.to === name && removed.includes(r.label))
    if (told) {
      told.used = true
      return told.label
    }
    const open = similar.filter((label) => !this.#renames.some((r) => r.field === null && r.label === label))
    if (this.#noRenames || open.length === 0) return null
    return this.#choose(
      open,
      t('Is {added} a new model, or one renamed?', { added }),
      (label) => t('{label} was renamed to {name}; rows are kept', { label, name: name! }),
      t('{added} is new; {removed} will be deleted with all rows', { added, removed: open.join(', ') }),
      {
        what: `${added} is new and ${open.join(', ')} is gone: a rename, or not?`,
        flags: open.map((label) => `--rename ${label}:${name}`),
      },
    )
  }

  async renamedField(
    label: string,
    added: string,
    removed: readonly string[],
    similar: readonly string[],
  ): Promise<string | null> {
    const told = this.#renames.find(
      (r) => r.label === label && r.to === added && r.field !== null && removed.includes(r.field),
    )
    if (told) {
      told.used = true
      return told.field
    }
    const open = similar.filter((name) => !this.#renames.some((r) => r.label === label && r.field === name))
    if (this.#noRenames || open.length === 0) return null
    return this.#choose(
      open,
      t('Is {field} a new field, or one renamed?', { field: `${label}.${added}` }),
      (name) => t('{label} was renamed to {name}; what it holds is kept', { label: `${label}.${name}`, name: added }),
      t('{name} is new; {removed} will be removed with all it holds', { name: added, removed: open.join(', ') }),
      {
        what: `${label}.${added} is new and ${open.map((name) => `${label}.${name}`).join(', ')} is gone: a rename, or not?`,
        flags: open.map((name) => `--rename ${label}.${name}:${added}`),
      },
    )
  }

  async #choose(
    options: readonly string[],
    question: string,
    renamed: (option: string) => string,
    fresh: string,
    refusal: { what: string; flags: readonly string[] },
  ): Promise<string | null> {
    if (this.#prompts === null) {
      throw new UnansweredError(refusal.what, {
        code: 'migrations.rename-unanswered',
        hint: `Pass ${refusal.flags.join(' or ')} to keep the data, or --no-renames to drop the old and create the new.`,
      })
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
    const what =
      reason === 'added'
        ? t('The new field {where} may not be null and has no default. What do rows that exist get?', { where })
        : t('{where} may no longer be null. What do rows that hold null get?', { where })
    if (this.#prompts === null) {
      throw new UnansweredError(
        reason === 'added'
          ? `The new field ${where} may not be null and has no default, so rows that exist have no value for it.`
          : `${where} may no longer be null, so rows that hold null need a value.`,
        {
          code: 'migrations.default-unanswered',
          hint: `Pass --default ${where}=VALUE, or give the field a default, or null: true.`,
        },
      )
    }
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

  /** Flags that answered nothing, as written: a misspelt one must not pass silently. */
  unused(): string[] {
    return [
      ...this.#renames.filter((r) => !r.used).map((r) => `--rename ${r.label}${r.field ? `.${r.field}` : ''}:${r.to}`),
      ...this.#defaults.filter((d) => !d.used).map((d) => `--default ${d.label}.${d.name}=${d.value}`),
    ]
  }
}

function parseRename(flag: string): Rename {
  const match = /^([a-z]\w*\.\w+)(?:\.(\w+))?:(\w+)$/.exec(flag)
  if (match) return { label: match[1]!, field: match[2] ?? null, to: match[3]!, used: false }
  throw new ConfigurationError(`--rename ${flag} is not understood.`, {
    code: 'migrations.bad-flag',
    hint: 'Write app.Model.oldField:newField for a field, app.OldModel:NewModel for a model.',
  })
}

function parseDefault(flag: string): Default {
  const match = /^([a-z]\w*\.\w+)\.(\w+)=(.*)$/s.exec(flag)
  if (match) return { label: match[1]!, name: match[2]!, value: match[3]!, used: false }
  throw new ConfigurationError(`--default ${flag} is not understood.`, {
    code: 'migrations.bad-flag',
    hint: 'Write app.Model.field=value.',
  })
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
