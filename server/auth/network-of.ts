import { isIPv4, isIPv6 } from 'node:net'

/**
 * Whom to count an address as: an IPv4 address as itself, also when it is written as IPv6; an IPv6 address by its /64, since whoever
 * has one of those addresses has them all. What is no address counts as one and the same stranger, `unknown`.
 */
export function networkOf(address: string): string {
  const bare = address.trim().replace(/%.*$/s, '')
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return 'unknown'

  // as a host it comes in one way of writing: lower case, no leading zeros, no dots, the longest run of zeros as ::
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(canonical)
  if (mapped) return mapped.slice(1).flatMap(bytesOf).join('.')

  const [head = [], tail = []] = canonical.split('::').map((groups) => groups.split(':').filter(Boolean))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`
}

function bytesOf(group: string): [number, number] {
  const word = Number.parseInt(group, 16)
  return [word >> 8, word & 0xff]
}
