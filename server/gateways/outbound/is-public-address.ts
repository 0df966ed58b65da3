import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** What is not somebody else's machine on the internet, by IANA's registries of special-purpose addresses. */
const special = new BlockList()
for (const range of [
  '0.0.0.0/8', // this network
  '10.0.0.0/8',
  '100.64.0.0/10', // behind carriers' NAT
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, and with it the metadata of clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24', // for documentation, as the two below
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15', // for benchmarks
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]) {
  const [network, prefix] = range.split('/') as [string, string]
  special.addSubnet(network, Number(prefix), 'ipv4')
}

/** Of IPv6, only what is given out as global unicast can be somebody's; of that, these are special. */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
const specialOfGlobal = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23], // Teredo, ORCHID, benchmarks and other protocols
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: carries an IPv4 address of whatever kind
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const)
  specialOfGlobal.addSubnet(network, prefix, 'ipv6')

/**
 * Whether an address is a public one: of somebody's machine on the internet, and neither of this machine, of its network, nor of what
 * clouds keep for it. An IPv6 address that carries an IPv4 one (mapped, compatible, NAT64, 6to4) is none.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4')
  if (!isIPv6(address) || address.includes('%')) return false
  return globalUnicast.check(address, 'ipv6') && !specialOfGlobal.check(address, 'ipv6')
}
