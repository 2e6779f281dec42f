import { BlockList, isIP } from 'node:net'
import { ConfigurationError } from '../std/errors.ts'
import { isSameDomain, LOCAL_HOSTS } from '../std/hosts.ts'

/** RFC 3986 without user info: a name, an IPv4 address or an IPv6 one in brackets, and a port. */
const HOST = /^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::([0-9]+))?$/
const LAST_PORT = 65_535

/** A Host header in its parts, in lower case, without the dot of a full name; null when it is not a host. */
export function splitHost(host: string): { name: string; port: string } | null {
  const match = HOST.exec(host.toLowerCase())
  if (match === null) return null
  if (Number(match[2] ?? 0) > LAST_PORT) return null // request.url would be no URL
  const name = match[1]!.endsWith('.') ? match[1]!.slice(0, -1) : match[1]!
  return { name, port: match[2] ?? '' }
}

/**
 * A check of Host headers. Names that passed are remembered, the most recent few.
 * @param allowed `example.com`, `.example.com` for it and all below, `*` for any
 */
export function hostChecker(allowed: readonly string[], debug: boolean): (host: string) => boolean {
  const patterns = allowed.length === 0 && debug ? LOCAL_HOSTS : allowed
  const passed = new Set<string>()
  return (host) => {
    if (passed.has(host)) return true
    const name = splitHost(host)?.name
    const ok = !!name && patterns.some((pattern) => pattern === '*' || isSameDomain(name, pattern))
    if (ok) {
      if (passed.size >= 64) passed.clear() // `.example.com` has no end of names: remember few
      passed.add(host)
    }
    return ok
  }
}

/** Says whether an address is a proxy whose X-Forwarded-* headers are to be believed. */
export type ProxyTrust = (address: string | undefined) => boolean

/**
 * @param proxies addresses (`10.0.0.5`), networks (`10.0.0.0/8`), `loopback`, `private`, or `*` for whoever connects
 * @throws ConfigurationError http.bad-proxy
 */
export function proxyTrust(proxies: readonly string[]): ProxyTrust {
  if (proxies.length === 0) return () => false
  if (proxies.includes('*')) return () => true
  const list = new BlockList()
  for (const proxy of proxies.flatMap((name) => networks[name] ?? [name])) {
    const [address = '', bits] = proxy.split('/')
    const version = isIP(address)
    const prefix = bits === undefined ? undefined : Number(bits)
    const most = version === 4 ? 32 : 128
    if (version === 0 || (prefix !== undefined && !(Number.isInteger(prefix) && prefix >= 0 && prefix <= most))) {
      throw new ConfigurationError(`trustedProxies: "${proxy}" is neither an address nor a network.`, {
        code: 'http.bad-proxy',
        hint: 'Write 10.0.0.5, 10.0.0.0/8, loopback, private, or * when nothing but your proxy can reach the server.',
      })
    }
    const family = version === 4 ? 'ipv4' : 'ipv6'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, prefix, family)
  }
  return (address) => {
    if (address === undefined) return false
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address
    const version = isIP(plain)
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }
}

const networks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/**
 * The client's address: the last one in X-Forwarded-For that is not a trusted proxy. What stands before it was sent by
 * the client, who can write anything there.
 */
export function clientAddress(remote: string | undefined, forwardedFor: string | undefined, trust: ProxyTrust): string {
  let address = remote ?? ''
  if (forwardedFor === undefined || !trust(remote)) return address
  const chain = forwardedFor.split(',')
  while (chain.length > 0 && trust(address)) {
    const next = stripPort(chain.pop()!.trim())
    if (isIP(next) === 0) break
    address = next
  }
  return address
}

function stripPort(address: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ?? address
}
