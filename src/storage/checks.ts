/** Which files are taken from visitors: by name and size. What is in them is another question. */
import { t } from '../i18n/index.ts'
import { ValidationError } from '../validators.ts'

/**
 * Endings of images that browsers show and that run nothing. SVG is not among them: it carries scripts (stored XSS).
 * TIFF is none, since browsers show it nowhere.
 */
export const IMAGE_EXTENSIONS: readonly string[] = [
  ...['png', 'jpg', 'jpeg', 'jfif', 'gif', 'webp', 'avif', 'heic', 'heif', 'bmp'],
]

export interface FileChecks {
  /** Endings allowed; null: any. Case and a point in front do not matter. */
  readonly extensions?: readonly string[] | null
  /** Bytes; null: any number. */
  readonly maxSize?: number | null
}

/** Endings as {@link checkFile} compares them: `.PDF` is `pdf`. */
export function endingsOf(extensions: readonly string[] | null | undefined): readonly string[] | null {
  return extensions?.map((each) => each.replace(/^\./, '').toLowerCase()) ?? null
}

/**
 * @param checks   `extensions` as {@link endingsOf} gives them
 * @throws ValidationError for an empty file, one that is too large, and endings that are not allowed
 */
export function checkFile(name: string, size: number | null, { extensions = null, maxSize = null }: FileChecks): void {
  if (size === 0) throw new ValidationError(t('The file is empty.'), { kind: 'empty' })
  if (maxSize !== null && size !== null && size > maxSize) {
    const [has, max] = [inWords(size), inWords(maxSize)]
    throw new ValidationError(t('The file has {size}; at most {max} are taken.', { size: has, max }), {
      kind: 'max_size',
    })
  }
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  if (extensions === null || extensions.includes(ending)) return
  const allowed = extensions.join(', ')
  throw new ValidationError(
    ending === ''
      ? t('The name of the file has no ending. Allowed: {allowed}.', { allowed })
      : t('Files that end in “{ending}” are not taken. Allowed: {allowed}.', { ending, allowed }),
    { kind: 'invalid_extension' },
  )
}

function inWords(bytes: number): string {
  const [unit, size] = bytes >= 1024 * 1024 ? ['MB', 1024 * 1024] : bytes >= 1024 ? ['kB', 1024] : ['bytes', 1]
  return `${Math.round((bytes / (size as number)) * 10) / 10} ${unit}`
}
