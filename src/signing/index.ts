/** `nuages/signing`: values that come back unchanged, or not at all. Compatible with `django.core.signing`. */
export { BadSignature, SignatureExpired, SigningError } from './errors.ts'
export {
  configureSigning,
  type DumpOptions,
  dumps,
  type LoadOptions,
  loads,
  type SigningKeys,
  type SignOptions,
  sign,
  timestampSign,
  timestampUnsign,
  unsign,
} from './signing.ts'
