import { hkdfSync } from 'node:crypto'
import { recoverMessageAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { locatorOf, signerFromPrivateKey, signerFromServerSecret } from '../../../server/gateways/crossmint/signer.ts'
import { gatewayTo } from './support/gateway.ts'

const key = `0x${'5e'.repeat(32)}` as const
const secret = 'a1'.repeat(32)

test('signs raw bytes by EIP-191, not their text', async () => {
  const signer = signerFromPrivateKey(key)
  const raw = `0x${'ab'.repeat(32)}` as const

  const signature = await signer.signMessage({ raw })

  expect(signature).toHaveLength(2 + 65 * 2)
  expect(await recoverMessageAddress({ message: { raw }, signature })).toBe(privateKeyToAccount(key).address)
  expect(locatorOf(signer)).toBe(`external-wallet:${signer.address}`)
})

test('derives the server signer as the SDK of Crossmint does, with or without the prefix', () => {
  const scope = { projectId: 'project-1', environment: 'staging' } as const
  const info = 'project-1:staging:evm-secp256k1'
  const derived = Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'hex'), 'crossmint', info, 32)).toString('hex')

  const signer = signerFromServerSecret(`xmsk1_${secret}`, scope)

  expect(signer.address).toBe(privateKeyToAccount(`0x${derived}`).address)
  expect(signerFromServerSecret(secret, scope).address).toBe(signer.address)
  expect(signerFromServerSecret(secret, { ...scope, environment: 'production' }).address).not.toBe(signer.address)
  expect(locatorOf(signer)).toBe(`server:${signer.address}`)
})

test.each([
  ['a key', () => signerFromPrivateKey(secret)],
  ['a short key', () => signerFromPrivateKey(`0x${secret.slice(2)}`)],
  ['a secret', () => signerFromServerSecret(`${secret}zz`, { projectId: 'p', environment: 'staging' })],
])('%s that cannot be right is refused without being repeated', (_, read) => {
  const message = (() => {
    try {
      read()
      return null
    } catch (error) {
      return `${error}`
    }
  })()
  expect(message).toContain('hexadecimal')
  expect(message).not.toContain(secret.slice(2))
})

test('a rate limit that no transaction fits in is refused', () => {
  expect(() => gatewayTo({ url: 'http://127.0.0.1:1' }, { rateLimit: { writes: 1, reads: 1 } })).toThrow(RangeError)
})
