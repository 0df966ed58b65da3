import fc from 'fast-check'
import { expect, test } from 'vitest'
import { networkOf } from '../../server/auth/network-of.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  [' 192.0.2.7 ', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:C000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
  ['::ffff:0.0.0.0', '0.0.0.0'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0DB8:0000:0000:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
  ['2001:db8:0:1::', '2001:db8:0:1::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['fe80::2%1', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['', 'unknown'],
  ['localhost', 'unknown'],
  ['192.0.2.256', 'unknown'],
  ['192.0.2.7, 192.0.2.8', 'unknown'],
  ['2001:db8::1::2', 'unknown'],
  ['[2001:db8::1]', 'unknown'],
  ['%eth0', 'unknown'],
])('%j counts as %j', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

const isNetwork = /^(unknown|(\d{1,3}\.){3}\d{1,3}|([\da-f]{1,4}:){4}:\/64)$/

test('whatever comes, it is an IPv4 address, a /64 or unknown', () => {
  const almost = fc.stringMatching(/^[\da-fA-F:.%[\]/ ]{0,45}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string(), almost, fc.ipV4(), fc.ipV6()), (address) => {
      expect(networkOf(address)).toMatch(isNetwork)
    }),
  )
})

const group = fc.integer({ min: 0, max: 0xffff })
const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count })
/** The ways to write an address: with and without leading zeros, in capitals, with :: for its first run of zeros. */
const ways: ((words: number[]) => string)[] = [
  (words) => words.map((word) => word.toString(16)).join(':'),
  (words) => words.map((word) => word.toString(16).padStart(4, '0').toUpperCase()).join(':'),
  (words) => ways[0]!(words).replace(/(^|:)0(:0)+(:|$)/, '::'),
]
const way = fc.constantFrom(...ways)

test('all addresses of a /64 are one network, however they are written, and those of two are two', () => {
  // the first group is not 0: what begins with zeros may be an IPv4 address
  const prefixes = fc.tuple(fc.integer({ min: 1, max: 0xffff }), groups(3)).map(([first, rest]) => [first, ...rest])
  fc.assert(
    fc.property(prefixes, prefixes, groups(4), groups(4), way, way, (one, other, left, right, write, writeOther) => {
      expect(networkOf(write([...one, ...left]))).toBe(networkOf(writeOther([...one, ...right])))
      if (one.join() !== other.join())
        expect(networkOf(write([...one, ...left]))).not.toBe(networkOf(write([...other, ...left])))
    }),
  )
})

test('an IPv4 address counts as itself, also in the dress of IPv6', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(networkOf(address)).toBe(address)
      expect(networkOf(`::ffff:${address}`)).toBe(address)
    }),
  )
})
