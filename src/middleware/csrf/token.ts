/**
 * Secrets and masked tokens, in Django's format: a secret of 32 letters and digits, and tokens of 64, a random mask
 * followed by the secret shifted by it. Each page gets another token for the same secret, so that a compressed page
 * does not give the secret away byte by byte (BREACH).
 */
import { constantTimeEqual, randomString } from '../../std/crypto.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const SECRET_LENGTH = 32
const TOKEN_LENGTH = 2 * SECRET_LENGTH
const FORM = /^[a-zA-Z0-9]*$/

/** A new secret for a cookie. */
export function newSecret(): string {
  return randomString(SECRET_LENGTH, ALPHABET)
}

/** A new token for a secret: another one at every call. */
export function maskSecret(secret: string): string {
  const mask = randomString(SECRET_LENGTH, ALPHABET)
  return mask + shift(secret, mask, 1)
}

/** True for text that can be a secret or a token: 32 or 64 letters and digits. */
export function isWellFormed(text: string): boolean {
  return (text.length === SECRET_LENGTH || text.length === TOKEN_LENGTH) && FORM.test(text)
}

/** The secret in a token, or the text itself when it is a secret. Only for {@link isWellFormed} text. */
export function secretOf(text: string): string {
  if (text.length === SECRET_LENGTH) return text
  return shift(text.slice(SECRET_LENGTH), text.slice(0, SECRET_LENGTH), -1)
}

/** Whether a well-formed token stands for `secret`, in constant time. */
export function tokenMatches(token: string, secret: string): boolean {
  return constantTimeEqual(secretOf(token), secret)
}

/** The place of each character in the alphabet, by its code. */
const places = new Uint8Array(128)
for (let i = 0; i < ALPHABET.length; i++) places[ALPHABET.charCodeAt(i)] = i

function shift(text: string, mask: string, sign: 1 | -1): string {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const place = places[text.charCodeAt(i)]! + sign * places[mask.charCodeAt(i)]!
    out += ALPHABET[(place + ALPHABET.length) % ALPHABET.length]
  }
  return out
}
