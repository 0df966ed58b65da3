import { isIP } from 'node:net'
import { isPublicAddress } from './is-public-address.ts'

/** Where calls may go: to public addresses over https, or (in a sandbox) anywhere. */
export type Targets = 'public' | 'any'

/** Names of no public host (RFC 6761, 6762, 8375, 9476), and what networks at home and in clouds use. */
const insideOnly =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|test|invalid|example|onion|alt)$/

/** The host of a URL, an IPv6 address without its brackets. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

/**
 * Says why nothing is sent to a URL, or null. What its name stands for is looked at when something is sent. The parser has written
 * decimal, octal and hexadecimal addresses as addresses by then.
 */
export function refuseTarget(text: string, targets: Targets): string | null {
  const url = URL.parse(text)
  if (!url) return 'is not a URL'
  if (url.protocol !== 'https:' && !(targets === 'any' && url.protocol === 'http:')) return 'is https://…'
  if (url.username !== '' || url.password !== '') return 'has no user and password in it: sign in by the signature'
  if (targets === 'any') return null
  const host = hostOf(url)
  // well-known ports speak something else than HTTP: nobody is to be spoken to in a protocol of theirs
  const port = url.port === '' ? 443 : Number(url.port)
  if (port !== 443 && port < 1024) return 'has the port 443, or one from 1024 on'
  if (isIP(host)) return isPublicAddress(host) ? null : 'is at a public address'
  if (host.endsWith('.') || !host.includes('.') || insideOnly.test(host)) return 'is at a public host'
  return null
}
