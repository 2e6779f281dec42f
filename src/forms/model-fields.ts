/** From a model's field to a form's: chosen by relation, then choices, then storage kind, never by field class. */
import { writeList } from '../db/fields/lists.ts'
import type { ErrorMessages } from '../db/fields/types.ts'
import { isArrayKind, isRangeKind, type Kind, type RangeKind, type ScalarKind } from '../db/kinds.ts'
import { keyId } from '../db/models/keys.ts'
import type { AnyModel, FieldMeta, FileRules, RelationMeta } from '../db/models/meta.ts'
import { t, timeZone } from '../i18n/index.ts'
import { Temporal } from '../std/dates.ts'
import { ValidationError } from '../validators.ts'
import type { FieldOptions, FormField } from './fields.ts'
import { makeField } from './fields.ts'
import { clearableFileInput, fileParts, imageInput } from './files.ts'
import { keyPath, readRelatedKey, relatedKeyText } from './relation-keys.ts'
import type { Choice } from './types.ts'
import type { Widget } from './widgets.ts'
import * as widgets from './widgets.ts'

/** More rows than this are not put into one `<select>`; the key is typed instead. */
export const SELECT_LIMIT = 1000

/** The choices of a relation to more rows than can be listed. Known by identity: no rows at all is another thing. */
export const TOO_MANY: readonly Choice[] = Object.freeze([])

const widgetOfKind: Readonly<Record<ScalarKind, Widget>> = {
  auto: widgets.numberInput,
  char: widgets.textInput,
  text: widgets.textarea,
  integer: widgets.numberInput,
  smallInteger: widgets.numberInput,
  bigInteger: widgets.numberInput,
  float: widgets.decimalInput,
  decimal: widgets.decimalInput,
  boolean: widgets.checkbox,
  date: widgets.dateInput,
  time: widgets.timeInput,
  duration: widgets.textInput,
  dateTime: widgets.dateTimeInput,
  json: widgets.textarea,
  uuid: widgets.textInput,
  binary: widgets.fileInput,
}
/** Arrays and ranges are written as text: `a, b`, `[1,10)`. */
function widgetOf(kind: Kind): Widget {
  return isArrayKind(kind) || isRangeKind(kind) ? widgets.textInput : widgetOfKind[kind]
}
/** What a range may look like, in the controls' own notation. */
const rangeExamples: Readonly<Record<RangeKind, string>> = {
  integerRange: '[1,10)',
  bigIntegerRange: '[1,10)',
  decimalRange: '[0.5,2.5)',
  dateRange: '[2026-01-01,2026-02-01)',
  dateTimeRange: '[2026-01-01 09:00,2026-01-01 17:00)',
}
/** What the field says of itself; else how a text of several values is written. */
function helpOf(meta: FieldMeta): { toString(): string } | undefined {
  if (meta.helpText !== '') return { toString: () => meta.helpText }
  const { kind } = meta
  if (kind === null || meta.choices !== null || meta.form !== null) return undefined
  if (isArrayKind(kind)) return { toString: () => t('Separate values with commas.') }
  if (!isRangeKind(kind)) return undefined
  const example = rangeExamples[kind]
  return { toString: () => t('Such as {example}: a bracket counts that end, a parenthesis does not.', { example }) }
}
/** Builders whose control is better than their kind's. */
const widgetOfBuilder: Readonly<Record<string, Widget>> = { email: widgets.emailInput, url: widgets.urlInput }

/** What a control shows for a stored value. */
export function formatValue(kind: Kind | null, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (kind === 'json') return JSON.stringify(value, null, 2)
  if (Array.isArray(value)) return writeList(value)
  if (value instanceof Date || value instanceof Temporal.Instant) {
    // A browser's datetime-local has no zone: shown and read in the current one.
    const instant = value instanceof Date ? Temporal.Instant.fromEpochMilliseconds(value.getTime()) : value
    return instant.toZonedDateTimeISO(timeZone()).toPlainDateTime().toString({ smallestUnit: 'second' })
  }
  return String(value)
}

/**
 * The form field of a model's field. Its value is what the model's field takes.
 * @param rows   of a relation: the rows that can be chosen; default all of the target
 */
export function formFieldOf(meta: FieldMeta, widget?: Widget, rows?: Rows): FormField {
  return { ...fieldOf(meta, widget, rows), volatile: typeof meta.options.default === 'function', ...wordsOf(meta) }
}

/** The field's own words. An empty control is what its model calls blank or null; a row not offered is one that is not there. */
function wordsOf({ options, relation }: FieldMeta): Pick<FormField, 'errorMessages'> {
  const own = options.errorMessages as ErrorMessages | undefined // typed by the builder
  if (own === undefined) return {}
  const required = own.required ?? own.blank ?? own.null
  const choice = own.invalid_choice ?? (relation === null ? undefined : own.invalid)
  return { errorMessages: { ...own, ...(required && { required }), ...(choice && { invalid_choice: choice }) } }
}

function fieldOf(meta: FieldMeta, widget?: Widget, rows?: Rows): FormField {
  const options: Base = {
    // Read when they are drawn: a form is declared once, and drawn in many languages.
    label: { toString: () => meta.verboseName },
    helpText: helpOf(meta),
    required: !meta.blank && meta.kind !== 'boolean',
    initial: () => (meta.hasDefault ? meta.getDefault() : null),
    ...(widget ? { widget } : {}),
  }
  if (meta.relation) {
    const { target, type } = meta.relation
    const from = rows ?? (() => target.objects.all())
    if (type === 'manyToMany') return manyField(meta, options, from)
    const field = relationField(meta, options, from)
    return rows === undefined ? field : { ...field, validators: [...field.validators, oneOf(meta.relation, from)] }
  }
  if (meta.choices) return choiceField(meta, options)
  const kind = meta.kind ?? 'char'
  if (kind === 'boolean' && meta.null) return threeWayField(meta, options)
  if (meta.files !== null) return uploadField(meta, options, meta.files)
  if (meta.form?.choices !== undefined) return offeredField(meta, options, meta.form.choices)
  if (meta.form !== null) return customField(meta, options, kind)
  const textual = kind === 'char' || kind === 'text'
  const { min, max, maxLength } = meta.options as { min?: number; max?: number; maxLength?: number }
  return makeField(options, {
    widget: widgetOfBuilder[meta.builder] ?? widgetOf(kind),
    empty: kind === 'boolean' ? false : meta.null ? null : textual ? '' : isArrayKind(kind) ? [] : null,
    attributes: textual ? { maxlength: maxLength } : { min, max },
    format: (value) => formatValue(kind, value),
    parse: parserOf(meta, kind),
    coarse: kind === 'dateTime',
  })
}

/** A field whose values are of a class of the project's: shown as it says, else as what is stored. */
function customField(meta: FieldMeta, options: Base, kind: Kind): FormField {
  const { widget, format, attributes } = meta.form!
  const stored = (value: unknown) => formatValue(kind, meta.type!.conversion!.toDb(value))
  return makeField(options, {
    widget: widget ?? widgetOf(kind),
    attributes: { maxlength: meta.type?.maxLength, ...attributes },
    format: (value) => (value === null || value === undefined ? null : (format ?? stored)(value)),
    parse: (raw) => meta.clean(raw),
  })
}

/** From what a control sends to what the model's field cleans. */
function parserOf(meta: FieldMeta, kind: Kind): (raw: unknown) => unknown {
  switch (kind) {
    case 'boolean':
      return (raw) => raw === true || raw === 'true' || raw === 'on'
    case 'json':
      return (raw) => meta.clean(typeof raw === 'string' ? readJson(raw) : raw)
    case 'char':
    case 'text':
      return (raw) => meta.clean(typeof raw === 'string' ? plainText(raw, kind === 'char' && !meta.secret) : raw)
    default:
      return (raw) => meta.clean(raw)
  }
}

/** Browsers send line ends as CR LF; one kind is stored. */
function plainText(raw: string, trim: boolean): string {
  const text = raw.replaceAll('\r\n', '\n')
  return trim ? text.trim() : text
}

function readJson(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    throw new ValidationError(t('Enter a valid JSON value.'))
  }
}

const NOTHING: Choice = { value: '', label: '---------' }

function choiceField(meta: FieldMeta, options: Base): FormField {
  const blank = meta.blank || !meta.hasDefault ? [NOTHING] : []
  return makeField(options, {
    widget: widgets.select,
    empty: meta.null ? null : '',
    choices: () => [...blank, ...meta.choices!.map((choice) => ({ ...choice, value: String(choice.value) }))],
    parse: (raw) => meta.clean(raw),
  })
}

/** A file of a row. Whether it is an image is the model's fullClean() to say, which sees it too. */
function uploadField(meta: FieldMeta, options: Base, rules: FileRules): FormField {
  const { extensions, maxSize, image } = rules
  const parts = fileParts({ extensions, maxSize, required: options.required ?? true }, (file) => meta.clean(file))
  return makeField(options, { ...parts, widget: image ? imageInput : clearableFileInput })
}

/** One of the values that the field offers at the moment. */
function offeredField(meta: FieldMeta, options: Base, offered: () => Promise<readonly Choice[]>): FormField {
  const missing = () => new ValidationError(t('Choose one of the values offered.'), { kind: 'invalid_choice' })
  return makeField(options, {
    widget: widgets.select,
    empty: meta.null ? null : '',
    choices: async () => [...(meta.blank || !meta.hasDefault ? [NOTHING] : []), ...(await offered())],
    parse: (raw) => meta.clean(raw),
    validators: [
      async (value: unknown) => {
        if (!(await offered()).some((choice) => choice.value === value)) throw missing()
      },
    ],
  })
}

/** A boolean that may be null: a box could not say so, and would make it false. */
function threeWayField(meta: FieldMeta, options: Base): FormField {
  return makeField(options, {
    widget: widgets.select,
    choices: () => [
      { value: '', label: t('Unknown') },
      { value: 'true', label: t('Yes') },
      { value: 'false', label: t('No') },
    ],
    parse: (raw) => meta.clean(raw),
  })
}

/** The rows of a relation that can be chosen, as a query set of a model not known here. */
export type Rows = () => AnyModel['objects']
type Base = Pick<FieldOptions<any>, 'label' | 'helpText' | 'required' | 'initial' | 'widget'> // of any field

async function rowChoices({ targets }: RelationMeta, from: Rows): Promise<readonly Choice[]> {
  const rows: object[] = await from().slice(0, SELECT_LIMIT + 1)
  if (rows.length > SELECT_LIMIT) return TOO_MANY
  return rows.map((row) => ({ value: relatedKeyText(row, targets), label: String(row) }))
}

/** `<select>` for a small table; a box for the key where the table is large. */
const relationWidget: Widget = {
  ...widgets.select,
  render: (context) =>
    context.choices === TOO_MANY ? widgets.textInput.render(context) : widgets.select.render(context),
}

/** The box for keys has a name of its own, so that what comes back says which of the two it is. */
const KEYS = '__keys'
/**
 * `<select multiple>` for a small table; a box for keys, with commas between, where the table is large.
 * @param several   keys have several columns, and commas in them: spaces stand between
 */
export function manyWidget(small: Widget = widgets.selectMultiple, several = false): Widget {
  return {
    ...small,
    render: (context) =>
      context.choices === TOO_MANY
        ? widgets.textInput.render({ ...context, name: context.name + KEYS })
        : small.render(context),
    read: (input, name) =>
      input.has(name + KEYS)
        ? String(input.get(name + KEYS))
            .split(several ? /\s+/ : /[\s,]+/)
            .filter((key) => key !== '')
        : small.read(input, name),
  }
}

function relationField(meta: FieldMeta, options: Base, from: Rows): FormField {
  const relation = meta.relation!
  return makeField(options, {
    widget: relationWidget,
    choices: async () => {
      const rows = await rowChoices(relation, from)
      return rows === TOO_MANY ? rows : [NOTHING, ...rows]
    },
    format: (value) => (value === null || value === undefined ? null : relatedKeyText(value, relation.targets)),
    parse: (raw) => readRelatedKey(raw, relation.targets), // whether there is such a row is the model's fullClean() to say
  })
}

/** Refuses rows that are there, but not among those that can be chosen. */
function oneOf({ target, targets }: RelationMeta, from: Rows): (value: unknown) => Promise<void> {
  return async (value) => {
    if (
      !(await from()
        .dynamic({ [keyPath(targets)]: value })
        .exists())
    )
      throw new ValidationError(
        t('There is no such {model}. Choose one of those offered.', { model: target.meta.verboseName }),
        { kind: 'invalid_choice' },
      )
  }
}

function manyField(meta: FieldMeta, options: Base, from: Rows): FormField {
  const relation = meta.relation!
  return makeField(options, {
    // The target is asked when it is drawn: a form is declared while models may still be loading.
    widget: {
      ...manyWidget(),
      read: (input, name) => manyWidget(undefined, relation.targets.length > 1).read(input, name),
    },
    empty: [],
    choices: () => rowChoices(relation, from),
    format: (value) => ((value as unknown[] | null) ?? []).map((item) => relatedKeyText(item, relation.targets)),
    parse: (raw) => {
      const keys = (raw as unknown[]).map((item) => readRelatedKey(item, relation.targets))
      return [...new Map(keys.map((key) => [keyId(key), key])).values()]
    },
    validators: [
      async (keys: unknown[]) => {
        const found: number = await from()
          .dynamic({ [`${keyPath(relation.targets)}__in`]: keys })
          .count()
        if (found !== keys.length)
          throw new ValidationError(t('Some of the values chosen do not exist any more.'), { kind: 'invalid_choice' })
      },
    ],
  })
}
