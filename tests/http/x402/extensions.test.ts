import { randomUUID } from 'node:crypto'
import { type Address, encodeFunctionData, type Hex, hashTypedData, serializeErc6492Signature } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { installMulticall } from '../../../sandbox/chain/install-multicall.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { messageHash } from '../../../sandbox/crossmint/account.ts'
import { signInMessage } from '../../../server/domain/sessions/sign-in-message.ts'
import { person } from '../../support/people.ts'
import { deployWallet, undeployedWallet } from '../../support/smart-wallets.ts'
import { testWorld, type World } from '../../support/world.ts'
import {
  authorizationOf,
  type Buyer,
  buyer,
  decode,
  encode,
  offerAt,
  type Payload,
  present,
  type Required,
  type Requirements,
  type Settlement,
  settlementIn,
  typedDataOf,
  urlOf,
} from './support/buyer.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

const sold = async (price: bigint) => {
  const { id } = await world.paywall({ price })
  const url = urlOf(world, id)
  return { id, url, accepted: (await offerAt(url)).accepts[0]! }
}

const named = (payment: Payload, id: string): Payload => ({
  ...payment,
  extensions: { 'payment-identifier': { info: { required: false, id } } },
})

test('an identifier stands for one payment: the same answer again, and a conflict for another', async () => {
  const { url, accepted } = await sold(510_000n)
  const one = await buyer(world, 2_000_000n)
  const id = `order_${randomUUID()}`
  const first = named(await one.pay(accepted), id)
  const [paid, again] = [await present(url, first), await present(url, first)]
  expect([paid.status, again.status]).toEqual([200, 200])
  expect(await again.text()).toBe(await paid.text())

  const other = await present(url, named(await one.pay(accepted), id))
  expect(other.status).toBe(409)
  expect(await other.json()).toMatchObject({ error: 'IDEMPOTENCY_MISMATCH' })
  expect(await world.transfers(one.address, 510_000n)).toBe(1)

  // somebody else's identifier is another
  const somebody = await buyer(world)
  expect((await present(url, named(await somebody.pay(accepted), id))).status).toBe(200)
})

test('of two payments of one identifier at the same time one is made', async () => {
  const { url, accepted } = await sold(511_000n)
  const one = await buyer(world, 2_000_000n)
  const id = `order_${randomUUID()}`
  const payments = await Promise.all([one.pay(accepted), one.pay(accepted)])
  const responses = await Promise.all(payments.map((payment) => present(url, named(payment, id))))
  expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 409])
  expect(await world.transfers(one.address, 511_000n)).toBe(1)
})

test('an authorization is one payment for ever, whichever paywall it is shown to', async () => {
  const [first, second] = [await sold(512_000n), await sold(512_000n)]
  const one = await buyer(world, 2_000_000n)
  const payment = await one.pay(first.accepted)
  expect((await present(first.url, payment)).status).toBe(200)
  const response = await present(second.url, payment)
  expect(response.status).toBe(402)
  expect(settlementIn(response).errorReason).toBe('invalid_transaction_state')

  const stranger = await world.stranger()
  const elsewhere = await stranger.client.paywalls.create.mutate({
    ...{ title: 'elsewhere', assetId: world.assetId, price: 512_000n, recipient: first.accepted.payTo },
    idempotencyKey: randomUUID(),
  })
  expect((await present(urlOf(world, elsewhere.id), payment)).status).toBe(402)
  expect(await world.transfers(one.address, 512_000n)).toBe(1)
})

interface Question {
  uri: string
  nonce: string
  issuedAt: string
  expirationTime: string
  statement: string
  [field: string]: string
}

async function entryOf(url: string, account: { address: Address; sign(message: string): Promise<Hex> }) {
  const { extensions } = await offerAt(url)
  const question = extensions['sign-in-with-x']!.info as Question
  const message = signInMessage({
    address: account.address,
    chainId: world.chain.chainId,
    origin: question.uri,
    statement: question.statement,
    nonce: question.nonce,
    issuedAt: new Date(question.issuedAt),
    expiresAt: new Date(question.expirationTime),
  })
  return {
    ...question,
    address: account.address,
    chainId: `eip155:${world.chain.chainId}`,
    type: 'eip191',
    signature: await account.sign(message),
  }
}

const enter = (url: string, entry: unknown) => fetch(url, { headers: { 'sign-in-with-x': encode(entry) } })

const signerOf = ({ key }: Pick<Buyer, 'key'>) => {
  const account = privateKeyToAccount(key)
  return { address: account.address, sign: (message: string) => account.signMessage({ message }) }
}

const errorIn = (response: Response) => decode<Required>(response.headers.get('payment-required')).error

test('whoever has paid comes back by signing, once for each question', async () => {
  const { url, accepted } = await sold(520_000n)
  const one = await buyer(world)
  const paid = await present(url, await one.pay(accepted))
  const entry = await entryOf(url, signerOf(one))
  const responses = await Promise.all([enter(url, entry), enter(url, entry), enter(url, entry)])
  expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 402, 402])
  const [refused] = responses.filter(({ status }) => status === 402)
  expect(errorIn(refused!)).toBe('invalid_siwx_nonce')
  const [letIn] = responses.filter(({ status }) => status === 200)
  expect(await letIn!.json()).toEqual(await paid.json())
  expect(await world.transfers(one.address, 520_000n)).toBe(1)
})

test('who has not paid, asks another, comes late or signs for somebody else is not let in', async () => {
  const { url, accepted } = await sold(521_000n)
  const [one, other] = await Promise.all([buyer(world), buyer(world)])
  await present(url, await one.pay(accepted))
  const good = await entryOf(url, signerOf(one))
  const refusals = await Promise.all(
    [
      await entryOf(url, signerOf(other)),
      { ...good, address: other.address },
      { ...good, nonce: 'ab'.repeat(32) },
      { ...good, uri: `${good.uri}x` },
      { ...good, domain: 'elsewhere.example' },
      { ...good, chainId: 'eip155:1' },
      { ...good, expirationTime: '2099-01-01T00:00:00.000Z' },
      { ...good, issuedAt: new Date(Date.now() - 600_000).toISOString() },
    ].map(async (entry) => {
      const response = await enter(url, entry)
      return [response.status, errorIn(response)]
    }),
  )
  expect(refusals).toEqual([
    [402, 'nothing_bought'],
    [402, 'invalid_siwx_signature'],
    [402, 'invalid_siwx_nonce'],
    [402, 'invalid_siwx_uri_mismatch'],
    [402, 'invalid_siwx_domain_mismatch'],
    [402, 'invalid_siwx_unsupported_chain'],
    [402, 'invalid_siwx_expired'],
    [402, 'invalid_siwx_expired'],
  ])
  expect((await enter(url, { ...good, signature: 'none' })).status).toBe(400)
  // none of that has used up the question
  expect((await enter(url, good)).status).toBe(200)
})

test('who has paid and then signs in to the app has what they bought', async () => {
  const { id, url, accepted } = await sold(522_000n)
  const one = await buyer(world)
  await present(url, await one.pay(accepted))
  const somebody = await person(world, { account: privateKeyToAccount(one.key) })
  const { data: wallets } = await somebody.query('wallets.list', {})
  const { items } = wallets as { items: { id: string; address: string; userId: string }[] }
  expect(items).toMatchObject([{ address: one.address, userId: somebody.userId }])
  const { data: access } = await somebody.query('access.check', { paywallId: id, walletId: items[0]!.id })
  expect(access).toMatchObject({ granted: true })
  // and pays on as before
  expect((await present(url, await one.pay(accepted, { value: '522000' }))).status).toBe(402)
  await mintUsdc(world.chain.url, { to: one.address, amount: 1_000_000n })
  expect((await present(url, await one.pay(accepted))).status).toBe(200)
})

/** Signs with a wallet that is a contract, whose owner has this key. */
const signedBy = async (wallet: Address, ownerKey: Hex, accepted: Requirements): Promise<Payload> => {
  const authorization = authorizationOf(wallet, accepted)
  const raw = messageHash(world.chain.chainId, wallet, hashTypedData(typedDataOf(accepted, authorization)))
  const signature = await privateKeyToAccount(ownerKey).signMessage({ message: { raw } })
  return { x402Version: 2, accepted, payload: { signature, authorization } }
}

test('a wallet that is a contract pays, and comes back', async () => {
  const { url, accepted } = await sold(530_000n)
  const ownerKey = generatePrivateKey()
  const wallet = await deployWallet(world.chain.url, world.contracts, ownerKey)
  await mintUsdc(world.chain.url, { to: wallet.address, amount: 600_000n })
  const payment = await signedBy(wallet.address, ownerKey, accepted)
  const stolen = await signedBy(wallet.address, generatePrivateKey(), accepted)
  expect(settlementIn(await present(url, stolen)).errorReason).toBe('invalid_exact_evm_payload_signature')

  const response = await present(url, payment)
  expect(response.status).toBe(200)
  expect(settlementIn(response)).toMatchObject({ success: true, payer: wallet.address })
  expect(await world.transfers(wallet.address, 530_000n)).toBe(1)
  expect((await enter(url, await entryOf(url, wallet))).status).toBe(200)
})

test('a wallet that is not made yet pays, and is made with it', async () => {
  const { url, accepted } = await sold(531_000n)
  const ownerKey = generatePrivateKey()
  const wallet = await undeployedWallet(world.chain.url, world.contracts, ownerKey)
  await mintUsdc(world.chain.url, { to: wallet.address, amount: 600_000n })
  const { payload, ...rest } = await signedBy(wallet.address, ownerKey, accepted)
  const signature = serializeErc6492Signature({
    address: wallet.factory,
    data: wallet.factoryData,
    signature: payload.signature,
  })
  const payment = { ...rest, payload: { ...payload, signature } }
  const without = await present(url, payment)
  expect(settlementIn(without).errorReason).toBe('invalid_exact_evm_payload_undeployed_smart_wallet')

  // what every public chain has
  await installMulticall(world.chain.url)
  const response = await present(url, payment)
  expect(settlementIn(response)).toMatchObject({ success: true, payer: wallet.address })
  expect(await world.transfers(wallet.address, 531_000n)).toBe(1)
  expect(await rpc<Hex>(world.chain.url, 'eth_getCode', [wallet.address, 'latest'])).not.toBe('0x')
})

test('a client of the first version pays', async () => {
  const { url, accepted } = await sold(540_000n)
  const one = await buyer(world)
  const { payload } = await one.pay(accepted)
  const first = { x402Version: 1, scheme: 'exact', network: 'avalanche-fuji', payload }
  const pay = (payment: unknown) => fetch(url, { headers: { 'x-payment': encode(payment) } })
  expect((await pay({ ...first, network: 'base' })).status).toBe(402)
  expect((await pay({ ...first, network: undefined })).status).toBe(400)
  const response = await pay(first)
  expect(response.status).toBe(200)
  expect(decode<Settlement>(response.headers.get('x-payment-response'))).toMatchObject({
    ...{ success: true, network: 'avalanche-fuji', payer: one.address },
    transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/),
  })
  expect(response.headers.get('payment-response')).toBeNull()
  expect(await world.transfers(one.address, 540_000n)).toBe(1)
})

test('an authorization that somebody else brings to the chain has paid all the same', async () => {
  const { url, accepted } = await sold(550_000n)
  const one = await buyer(world)
  const payment = await one.pay(accepted)
  // ours is on its way when the other is mined before it
  await rpc(world.chain.url, 'evm_setAutomine', [false])
  const response = present(url, payment)
  const { signer } = world.built.services.seller!
  await dropPending(signer)
  const { authorization, signature } = payment.payload
  const sender = privateKeyToAccount(generatePrivateKey()).address
  await rpc(world.chain.url, 'anvil_setBalance', [sender, '0xde0b6b3a7640000'])
  await rpc(world.chain.url, 'anvil_impersonateAccount', [sender])
  await rpc(world.chain.url, 'eth_sendTransaction', [
    {
      from: sender,
      to: accepted.asset,
      data: callOf(authorization, signature),
      gas: '0x30d40',
      gasPrice: '0x174876e800',
    },
  ])
  await rpc(world.chain.url, 'evm_mine')
  await rpc(world.chain.url, 'evm_setAutomine', [true])

  const answer = await response
  expect(await answer.json()).toMatchObject({ payment: { state: 'settled' } })
  const settlement = settlementIn(answer)
  const { from } = await rpc<{ from: string }>(world.chain.url, 'eth_getTransactionByHash', [settlement.transaction])
  expect(from).toBe(sender.toLowerCase())
  expect(await world.transfers(one.address, 550_000n)).toBe(1)
})

/** Has the node forget what it holds of this sender, once it holds something: it is handed to it again later. */
async function dropPending(from: Address): Promise<void> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    const { pending } = await rpc<{ pending: Record<string, Record<string, { hash: string }>> }>(
      world.chain.url,
      'txpool_content',
    )
    const [held] = Object.entries(pending).filter(([sender]) => sender.toLowerCase() === from.toLowerCase())
    if (!held) continue
    for (const { hash } of Object.values(held[1])) await rpc(world.chain.url, 'anvil_dropTransaction', [hash])
    return
  }
  throw new Error('Nothing was handed to the node')
}

const callOf = (authorization: Payload['payload']['authorization'], signature: Hex): Hex =>
  encodeFunctionData({
    abi: [
      {
        type: 'function',
        name: 'transferWithAuthorization',
        stateMutability: 'nonpayable',
        outputs: [],
        inputs: ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes'].map((type) => ({ type })),
      },
    ],
    functionName: 'transferWithAuthorization',
    args: [
      authorization.from,
      authorization.to,
      BigInt(authorization.value),
      BigInt(authorization.validAfter),
      BigInt(authorization.validBefore),
      authorization.nonce,
      signature,
    ],
  })

test('what is for sale is listed page by page', async () => {
  const { url, accepted } = await sold(560_000n)
  const read = async (query: string) => {
    const response = await fetch(`${world.url}/x402/discovery/resources${query}`)
    return {
      status: response.status,
      body: (await response.json()) as { items: unknown[]; pagination: { total: number } },
    }
  }
  const { body } = await read('?type=http&limit=1')
  expect(body).toMatchObject({
    x402Version: 2,
    items: [{ resource: url, type: 'http', x402Version: 2, accepts: [accepted], description: 'A test' }],
    pagination: { limit: 1, offset: 0 },
  })
  const { total } = body.pagination
  expect((await read(`?limit=100&offset=${total - 1}`)).body.items).toHaveLength(1)
  expect((await read(`?offset=${total}`)).body.items).toEqual([])
  expect((await read('?limit=0')).status).toBe(400)
  expect((await read('?limit=1000')).status).toBe(400)
})
