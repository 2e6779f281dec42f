/** What was sent: `FormData`, `URLSearchParams`, and a request's `form()` all fit. */
export interface FormInput {
  get(name: string): unknown
  getAll(name: string): readonly unknown[]
  has(name: string): boolean
  /** Files, where they are apart from text: a request's form() has them there. */
  readonly files?: { get(name: string): unknown }
}

/** Text shown to a user: a string, or one translated when it is shown (`tLazy`). */
export type Label = string | { toString(): string }

/** HTML attributes; `true` writes the bare name, false, null and undefined leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface Choice {
  readonly value: string
  readonly label: Label
  /** Choices under one heading. */
  readonly group?: Label
}

/** What a widget needs to draw one control. */
export interface WidgetContext {
  readonly name: string
  readonly id: string
  /** What the control shows: text, or a list of texts where several may be chosen. */
  readonly value: string | readonly string[] | null
  readonly choices: readonly Choice[]
  /** Attributes of the control: `required`, `maxlength`, `aria-describedby` … */
  readonly attributes: Attributes
  /** The value that the field has now, as it is: of files the file. */
  readonly initial?: unknown
  /** What was sent, as the widget read it; undefined when nothing was. */
  readonly raw?: unknown
}
