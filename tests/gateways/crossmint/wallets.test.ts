import { expect, test } from 'vitest'
import { signer, wallet } from './support/answers.ts'
import { asked, gatewayTo, providerErrorOf } from './support/gateway.ts'
import { type PeerAnswer, startPeer } from './support/peer.ts'

const stranger = '0x4444444444444444444444444444444444444444'
const named = (address: string) => ({ type: 'external-wallet', address, locator: `external-wallet:${address}` })
const made = (config: unknown, change: object = {}): PeerAnswer => ({
  status: 201,
  body: {
    chainType: 'evm',
    type: 'smart',
    address: wallet.toLowerCase(),
    owner: 'userId:app-7.user-42',
    config,
    createdAt: 1_777_000_000_000,
    ...change,
  },
})
const input = { owner: 'app-7.user-42', idempotencyKey: 'wallet-1' }

test('makes a smart wallet of the owner with our signer as its admin', async () => {
  await using peer = await startPeer(() => made({ adminSigner: named(signer.address) }))

  expect(await gatewayTo(peer).createWallet(input)).toEqual({ address: wallet, owner: 'app-7.user-42' })
  const [request] = peer.requests
  expect(request).toMatchObject({ method: 'POST', path: '/api/2025-06-09/wallets' })
  expect(request!.headers['x-idempotency-key']).toBe('wallet-1')
  expect(request!.body).toEqual({
    chainType: 'evm',
    type: 'smart',
    config: { adminSigner: { type: 'external-wallet', address: signer.address } },
    owner: 'userId:app-7.user-42',
  })
})

test('reads the newer answer, where the admin is the first recovery method, in any letter case', async () => {
  await using peer = await startPeer(() => made({ recoveryMethods: [named(signer.address.toLowerCase())] }))

  expect(await gatewayTo(peer).createWallet(input)).toMatchObject({ address: wallet })
})

test.each([
  ['another signer', made({ adminSigner: named(stranger) }), 'signer_mismatch'],
  ['no signer told', made({}), 'signer_mismatch'],
  ['another owner', made({ adminSigner: named(signer.address) }, { owner: 'userId:app-7.user-43' }), 'owner_mismatch'],
])('a wallet with %s is not taken', async (_, answer, reason) => {
  await using peer = await startPeer(() => answer)

  expect(await providerErrorOf(gatewayTo(peer).createWallet(input))).toMatchObject({ outcome: 'refused', reason })
})

test('a lost answer is repeated with the same key', async () => {
  const answers: PeerAnswer[] = ['drop', made({ adminSigner: named(signer.address) })]
  await using peer = await startPeer((_, before) => answers[before]!)

  await gatewayTo(peer).createWallet(input)

  expect(asked(peer)).toEqual(['POST ', 'POST '])
  expect(peer.requests.map(({ headers }) => headers['x-idempotency-key'])).toEqual(['wallet-1', 'wallet-1'])
})

test('balances are bigint in base units, beyond what a float holds', async () => {
  const amount = { amount: '90071992547.409931', rawAmount: '90071992547409931' }
  await using peer = await startPeer(() => ({
    status: 200,
    body: [{ symbol: 'usdc', name: 'USDC', decimals: 6, ...amount, chains: { 'avalanche-fuji': { ...amount } } }],
  }))

  const [balance] = await gatewayTo(peer).client.getBalances(wallet, { tokens: ['usdc'], chains: ['avalanche-fuji'] })

  expect(peer.requests[0]!.path).toBe(`/api/2025-06-09/wallets/${wallet}/balances?tokens=usdc&chains=avalanche-fuji`)
  expect(balance!.chains['avalanche-fuji']!.rawAmount).toBe(90071992547409931n)
})

test('serves both Avalanche chains, and others by configuration', async () => {
  const gateway = gatewayTo({ url: 'http://127.0.0.1:1' }, { chains: { 84532: 'base-sepolia' } })

  expect([43113, 43114, 84532, 1].map((chainId) => gateway.supports(chainId))).toEqual([true, true, true, false])
})

test.each<[string, PeerAnswer, string | null]>([
  ['it knows no such wallet', { status: 404, body: { error: true, message: 'Wallet not found' } }, null],
  ['it answers', made({ adminSigner: named(signer.address) }), null],
  ['it refuses our key', { status: 401, body: { message: 'No' } }, 'credentials_refused'],
  ['it is down', { status: 503, text: '<html>' }, 'http_503'],
  ['somebody else answers', { status: 404, text: '<html>' }, 'http_404'],
  ['it hangs', 'hang', 'timeout'],
])('a ping when %s', async (_, answer, reason) => {
  await using peer = await startPeer(() => answer)
  const pinged = gatewayTo(peer, { timeout: 150 }).ping()

  if (reason === null) await expect(pinged).resolves.toBeUndefined()
  else expect(await providerErrorOf(pinged)).toMatchObject({ outcome: 'unavailable', reason })
})
