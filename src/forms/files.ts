/** Files in forms: the control that shows what there is, takes another, or takes it away. */
import { t } from '../i18n/index.ts'
import { escapeHtml, markSafe } from '../std/html.ts'
import { checkFile, endingsOf, type FileChecks, IMAGE_EXTENSIONS } from '../storage/checks.ts'
import { type FileLike, isFileLike } from '../storage/source.ts'
import { isStoredFile } from '../storage/stored-file.ts'
import { ValidationError } from '../validators.ts'
import { type FieldOptions, type FormField, makeField } from './fields.ts'
import type { FormInput, WidgetContext } from './types.ts'
import { attributesHtml, type Widget } from './widgets.ts'

/** What the control sends besides a file: the box that takes it away was ticked, alone or with a file. */
export const CLEARED: unique symbol = Symbol('cleared')
const BOTH: unique symbol = Symbol('both')

/** Of the file's name: the box that takes it away, under Django's name. */
const clearName = (name: string) => `${name}-clear`

function read(input: FormInput, name: string): unknown {
  const sent = input.files === undefined ? input.get(name) : input.files.get(name)
  // A browser sends a file without name and content where none was chosen.
  const file = isFileLike(sent) && (sent.name || sent.size) ? sent : undefined
  if (!input.has(clearName(name))) return file
  return file === undefined ? CLEARED : BOTH
}

function render(context: WidgetContext, image: boolean): string {
  const { name, id, attributes, initial, raw } = context
  const now = isStoredFile(initial) && initial.isStored ? initial : null
  const described = [now ? `${id}_now` : '', attributes['aria-describedby']].filter(Boolean).join(' ')
  const input = attributesHtml({
    type: 'file',
    name,
    id,
    ...attributes,
    required: attributes.required === true && now === null,
    'aria-describedby': described || undefined,
  })
  // A browser gives a file to one form only: what was sent with a form that is not valid is chosen again.
  const again =
    isFileLike(raw) && attributes['aria-invalid'] !== 'true'
      ? `<p class="file-again">${escapeHtml(t('“{name}” was not saved. Choose it again.', { name: raw.name ?? '' }))}</p>`
      : ''
  const clear =
    now === null || attributes.required === true
      ? ''
      : `<label class="file-clear"><input${attributesHtml({ type: 'checkbox', name: clearName(name), id: `${id}_clear`, value: 'on', checked: raw === CLEARED || raw === BOTH, disabled: attributes.disabled })}> ${escapeHtml(t('Remove this file'))}</label>`
  const shown = now === null ? '' : `<p class="file-now" id="${escapeHtml(id)}_now">${link(now, image)}</p>`
  return `<div class="file">${shown}${again}<input${input}>${clear}</div>`
}

/** The file that is there: a link where browsers find it, with a small picture of an image. */
export function link(file: { readonly url: string; readonly baseName: string }, image: boolean): string {
  const name = escapeHtml(file.baseName)
  let url: string
  try {
    url = file.url
  } catch {
    return name // a storage without addresses, or a name that no storage takes
  }
  const address = escapeHtml(url)
  const picture = image ? `<img src="${address}" alt="" loading="lazy" decoding="async">` : ''
  return `<a href="${address}" target="_blank" rel="noopener">${picture}<span>${name}</span></a>`
}

const widget = (image: boolean): Widget => ({
  type: 'file',
  showsValue: false,
  multipart: true,
  render: (context) => markSafe(render(context, image)),
  read,
})

/** A file: what there is as a link, a box that takes it away where none is needed, and a control for another. */
export const clearableFileInput: Widget = widget(false)
/** The same with a small picture of what there is. */
export const imageInput: Widget = widget(true)

/** Options of {@link fileField}. */
export interface FileFieldOptions extends FieldOptions<FileLike>, FileChecks {}

type Sent<O> = O extends { readonly required: false } ? FileLike | null : FileLike

/**
 * A file that is sent with the form, which has to be multipart: `<form method="post" enctype="{{ form.enctype }}">`. Its
 * value is the upload, which lasts as long as the request: store it, `storage().save(…)`. Null where none was chosen, and
 * where the box took away what `initial` had.
 */
export function fileField<const O extends FileFieldOptions>(options: O = {} as O): FormField<Sent<O>> {
  return makeField<Sent<O>>(options, { ...fileParts(options, (file) => file), widget: clearableFileInput })
}

/** A {@link fileField} that takes images: PNG, JPEG, GIF, WebP, AVIF, HEIC or BMP, by their headers and endings. */
export function imageField<const O extends FileFieldOptions>(options: O = {} as O): FormField<Sent<O>> {
  return makeField<Sent<O>>(options, {
    ...fileParts({ extensions: IMAGE_EXTENSIONS, ...options }, (file) => file),
    widget: imageInput,
    validators: [assertImage],
  })
}

async function assertImage(file: FileLike): Promise<void> {
  const { imageSize } = await import('../storage/image.ts')
  if (isFileLike(file) && (await imageSize(file.stream() as AsyncIterable<Uint8Array>)) === null)
    throw new ValidationError(t('This is no image, or it is damaged.'), { kind: 'invalid_image' })
}

/** What fields of files have in common; `take` makes the value of an upload. */
export function fileParts(
  { required, maxSize, ...given }: FileChecks & { readonly required?: boolean },
  take: (file: FileLike) => unknown,
) {
  const extensions = endingsOf(given.extensions)
  return {
    keepsInitial: true,
    attributes: { accept: extensions?.map((ending) => `.${ending}`).join(',') },
    format: (value: unknown) =>
      value === null || value === undefined
        ? null
        : isStoredFile(value) && value.isStored
          ? value.name
          : `new: ${value}`,
    parse(raw: unknown): unknown {
      if (raw === CLEARED && required === false) return null
      if (raw === BOTH)
        throw new ValidationError(t('Choose a file, or tick the box that removes it: not both.'), {
          kind: 'contradiction',
        })
      if (!isFileLike(raw)) throw new ValidationError(t('Choose a file.'), { kind: 'invalid' })
      if (!isStoredFile(raw)) checkFile(raw.name ?? '', raw.size ?? null, { extensions, maxSize })
      return take(raw)
    },
  }
}
