/** IP addresses. */
import { t } from '../../i18n/index.ts'
import { isIpv4, isIpv6 } from '../../std/ip.ts'
import { ValidationError } from '../../validators.ts'
import { declare, type FieldType } from './descriptor.ts'
import type { Field, FieldOptions, IsKey, IsOptional, Nullable } from './types.ts'

/** Longest text of an address. */
const MAX = 39

/** One spelling for one address: the compressed lower-case form of RFC 5952, so that equal addresses are equal texts. */
function canonical(text: string): string {
  return isIpv4(text) ? text : new URL(`http://[${text}]`).hostname.slice(1, -1)
}

const ipType: FieldType = {
  builder: 'ipAddress',
  kind: 'char',
  column: () => ({ kind: 'char', maxLength: MAX }),
  parse(input, { options }) {
    const text = typeof input === 'string' ? input.trim() : ''
    const { protocol = 'both' } = options
    // Addresses with a scope (`fe80::1%eth0`) mean something on one machine only.
    const ok = (protocol !== 'ipv6' && isIpv4(text)) || (protocol !== 'ipv4' && isIpv6(text, { scope: false }))
    if (ok) return canonical(text)
    throw new ValidationError(
      protocol === 'ipv4'
        ? t('Enter a valid IPv4 address.')
        : protocol === 'ipv6'
          ? t('Enter a valid IPv6 address.')
          : t('Enter a valid IPv4 or IPv6 address.'),
    )
  },
}

/** Options of {@link ipAddress}. */
export interface IpOptions extends FieldOptions<string> {
  /** Which addresses are accepted. Default both. */
  readonly protocol?: 'both' | 'ipv4' | 'ipv6'
}
/** An IPv4 or IPv6 address. Cleaning gives the one usual spelling: `2001:DB8:0:0::1` becomes `2001:db8::1`. */
export function ipAddress<const O extends IpOptions>(
  options?: O,
): Field<Nullable<O, string>, IsOptional<O>, 'text', IsKey<O>> {
  return declare(ipType, options)
}
