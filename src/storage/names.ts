/**
 * Names of stored files: `covers/2026/atlas.png`, parts with `/` between, below the storage's own place. Every name is
 * looked at here before any backend sees it, so that no backend can forget to.
 */
import { Buffer } from 'node:buffer'
import { randomString } from '../std/crypto.ts'
import { type NameAttack, StorageError, UnsafeNameError } from './errors.ts'

/** Bytes of a whole name, as object stores have it; and of one part, as file systems have it. */
const MAX_NAME = 1024
const MAX_PART = 255
/** Letters a name gets when its own is taken. */
const EXTRA = 7

// biome-ignore lint/suspicious/noControlCharactersInRegex: no name of a file has them on purpose
const CONTROL = /[\x01-\x1f\x7f\u2028\u2029]/
/** Names that open a device on Windows, whatever comes after the point: `NUL.png` reads nothing, `CON` waits for ever. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)[ ]*(?:\.|$)/i

/**
 * Refuses names that lead elsewhere: `../x` (traversal), `/etc/passwd` and `c:x` (absolute), `a\..\b` (backslashes, which
 * separate on Windows), NUL (cuts a name short in other programs), control characters (forged lines of logs and headers),
 * devices of Windows, parts longer than a file system takes.
 * @throws UnsafeNameError storage.unsafe-name; `attack` says which
 */
export function assertSafeName(name: string): void {
  const attack = attackOf(name)
  if (attack !== null) throw unsafe(name, attack)
}

/** What a name would do, or null when it is plain. */
export function attackOf(name: unknown): NameAttack | null {
  if (typeof name !== 'string' || name === '') return 'empty'
  if (name.includes('\0')) return 'nul'
  if (name.includes('\\')) return 'backslash'
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'absolute'
  if (CONTROL.test(name) || !name.isWellFormed()) return 'control'
  if (Buffer.byteLength(name) > MAX_NAME) return 'too-long'
  for (const part of name.split('/')) {
    if (part === '') return 'empty'
    // Windows forgets points and spaces at the end: `.. ` is `..` there.
    if (/^[. ]+$/.test(part)) return 'traversal'
    if (DEVICE.test(part)) return 'device'
    if (Buffer.byteLength(part) > MAX_PART) return 'too-long'
  }
  return null
}

const WORDS: Readonly<Record<NameAttack, string>> = {
  empty: 'it is empty, or a part of it is',
  absolute: 'it is an absolute path',
  traversal: 'it climbs out of the storage (path traversal)',
  backslash: 'it has a backslash, which separates folders on Windows',
  nul: 'it has a NUL character, which cuts it short for other programs',
  control: 'it has control characters',
  device: 'it is the name of a device on Windows',
  'too-long': `it is longer than ${MAX_NAME} bytes, or a part of it than ${MAX_PART}`,
  symlink: 'a symbolic link leads it out of the storage',
}

/** The error for a name. */
export function unsafe(name: unknown, attack: NameAttack): UnsafeNameError {
  const shown =
    typeof name === 'string' ? JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}…` : name) : typeof name
  return new UnsafeNameError(`${shown} is no name for a stored file: ${WORDS[attack]}.`, attack, {
    hint: 'Give names such as "covers/atlas.png"; cleanName() makes one of what a visitor sent.',
  })
}

/**
 * The last part of a name as it may be stored, made of what somebody chose: `My photo (1).png` becomes
 * `My_photo_1.png`, as Django has it. Letters of every alphabet stay; what would be hidden is not (`_.htaccess`).
 * @throws UnsafeNameError storage.unsafe-name when nothing is left of it
 */
export function cleanName(name: string): string {
  const base = name.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1)!
  let clean = base
    .trim()
    .replaceAll(' ', '_')
    .replace(/[^\p{L}\p{N}\p{M}_.-]/gu, '')
  if (/^\.*$/.test(clean)) throw unsafe(name, clean === '' ? 'empty' : 'traversal')
  // A hidden file may be one that a server in front obeys: `.htaccess` of Apache, `.user.ini` of PHP.
  if (clean.startsWith('.') || DEVICE.test(clean)) clean = `_${clean}`
  return fitting(clean, MAX_PART, '')
}

/**
 * `covers/atlas.png` with a few random letters, `covers/atlas_k3Xw9Lb.png`, when the name is taken. Nobody can guess
 * them: names of files others sent are not told by trying.
 */
export function anotherName(name: string, maxLength: number): string {
  return withExtra(name, `_${randomString(EXTRA)}`, maxLength)
}

/**
 * The name, cut so that a column of `maxLength` characters holds it. Folder and ending stay.
 * @throws StorageError storage.name-too-long when nothing would be left
 */
export function shortName(name: string, maxLength: number): string {
  return name.length <= maxLength && Buffer.byteLength(name.slice(name.lastIndexOf('/') + 1)) <= MAX_PART
    ? name
    : withExtra(name, '', maxLength)
}

function withExtra(name: string, extra: string, maxLength: number): string {
  const slash = name.lastIndexOf('/') + 1
  const folder = name.slice(0, slash)
  return folder + fitting(name.slice(slash), Math.min(MAX_PART, maxLength - slash), extra, name)
}

/** A last part with something between its stem and its endings, of at most so many characters and bytes. */
function fitting(base: string, most: number, extra: string, whole = base): string {
  const dot = base.indexOf('.', 1)
  const ending = dot > 0 ? base.slice(dot) : ''
  const taken = extra + ending
  // Letter by letter up to what there is room for: a name of a megabyte costs no more than a short one.
  const room = { letters: most - taken.length, bytes: MAX_PART - Buffer.byteLength(taken) }
  let stem = ''
  for (const letter of dot > 0 ? base.slice(0, dot) : base) {
    room.letters -= letter.length
    room.bytes -= Buffer.byteLength(letter)
    if (room.letters < 0 || room.bytes < 0) break
    stem += letter
  }
  if (stem !== '') return stem + taken
  throw new StorageError(
    `No name of at most ${most} characters can be made for ${JSON.stringify(whole.slice(0, 200))}.`,
    {
      code: 'storage.name-too-long',
      hint: 'Give the field a larger maxLength, or a shorter uploadTo.',
      status: 400,
    },
  )
}
