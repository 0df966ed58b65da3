import { randomUUID } from 'node:crypto'
import { type Address, type Hex, hashMessage, serializeErc6492Signature } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { type Chain, startChain } from '../../sandbox/chain/start-chain.ts'
import { messageHash } from '../../sandbox/crossmint/account.ts'
import type { Challenge, Wallet } from '../../server/contract/entities.ts'
import { rpcDoor } from '../gateways/chain/support/rpc-door.ts'
import { type Instance, instance } from '../http/support/instance.ts'
import { withAdmin } from '../http/support/rows.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { deployWallet, undeployedWallet, yesToAll } from '../support/smart-wallets.ts'
import { testWorld, type World } from '../support/world.ts'
import {
  answerChallenge,
  challengeOf,
  custodialSigner,
  dataOf,
  expectRefusal,
  signInAs,
  somebody,
} from './support/ceremony.ts'
import { type Tally, tally } from './support/tally.ts'

const ELSEWHERE = 84_532

let world: World
let elsewhere: Chain
/** Knows both chains. */
let service: Instance
let rows: Tally

beforeAll(async () => {
  ;[world, elsewhere] = await Promise.all([testWorld({ workers: false }), startChain({ chainId: ELSEWHERE })])
  await deployContracts(elsewhere.url)
  const chains = [
    { chainId: world.chain.chainId, rpcUrl: world.chain.url, finality: 4 },
    { chainId: ELSEWHERE, rpcUrl: elsewhere.url, finality: 4 },
  ]
  service = await instance(world, { CHAINS: JSON.stringify(chains) })
  rows = await tally(world.database)
})
afterAll(async () => {
  await Promise.all([service, rows].map((each) => each[Symbol.asyncDispose]()))
  await Promise.all([world[Symbol.asyncDispose](), elsewhere.stop()])
})

const asSigner = ({ address, sign }: { address: Address; sign(message: string): Promise<Hex> }) => ({
  address,
  signMessage: ({ message }: { message: string }) => sign(message),
})

/** Proves a further wallet, up to the answer. */
async function prove(
  who: Person,
  wallet: { address: Address; signMessage(input: { message: string }): Promise<Hex> },
  chainId = world.chain.chainId,
) {
  const challenge = dataOf<Challenge>(await who.mutate('wallets.challenge', { address: wallet.address, chainId }))
  const signature = await wallet.signMessage(challenge)
  return who.mutate('wallets.prove', { nonce: challenge.nonce, signature })
}

describe('a wallet that is a contract', () => {
  test('signs its owner in, deployed (ERC-1271), and the same user again', async () => {
    const wallet = asSigner(await deployWallet(world.chain.url, world.contracts, generatePrivateKey()))
    const made = await rows.growth(async () => {
      const first = await signInAs(service.url, world.appId, wallet)
      expect(first.user.address).toBe(wallet.address)
      const again = await signInAs(service.url, world.appId, wallet)
      expect(again.user).toEqual(first.user)
      expect(again.session.id).not.toBe(first.session.id)
    })
    expect(made).toEqual({ app_user: 1, wallet: 1, session: 2, audit: 4, event: 4 })
  })

  test('signs its owner in before it is there (ERC-6492), and after', async () => {
    const wallet = await undeployedWallet(world.chain.url, world.contracts, generatePrivateKey())
    const before = await signInAs(service.url, world.appId, asSigner(wallet))
    expect(await rpc(world.chain.url, 'eth_getCode', [wallet.address, 'latest'])).toBe('0x')
    await wallet.deploy()
    const wrapped = await signInAs(service.url, world.appId, asSigner(wallet))
    const bare = await signInAs(service.url, world.appId, {
      address: wallet.address,
      signMessage: ({ message }) => wallet.signBare(message),
    })
    expect([wrapped.user, bare.user]).toEqual([before.user, before.user])
  })
})

describe('on another chain than its own, where the same address may be somebody else’s', () => {
  /** Puts code of ours where on its own chain the wallet is. */
  const takeOver = async (address: Address) => {
    const code = await rpc<Hex>(elsewhere.url, 'eth_getCode', [await yesToAll(elsewhere.url), 'latest'])
    await rpc(elsewhere.url, 'anvil_setCode', [address, code])
    return { address, signMessage: somebody().signMessage }
  }
  const attempt = async (wallet: { address: Address; signMessage(input: { message: string }): Promise<Hex> }) => {
    const challenge = await challengeOf(service.url, {
      appId: world.appId,
      address: wallet.address,
      chainId: ELSEWHERE,
    })
    const signature = await wallet.signMessage(challenge)
    return answerChallenge(service.url, { nonce: challenge.nonce, signature })
  }

  test('a contract signs nobody in', async () => {
    const wallet = asSigner(await deployWallet(world.chain.url, world.contracts, generatePrivateKey()))
    await signInAs(service.url, world.appId, wallet)
    const impostor = await takeOver(wallet.address)
    const made = await rows.growth(async () => expectRefusal(await attempt(impostor), 'SIGN_IN_FAILED'))
    expect(made).toEqual({})
  })

  test('nor does the key that owned the wallet at first, of which it is yet to be there', async () => {
    const ownerKey = generatePrivateKey()
    const wallet = await undeployedWallet(world.chain.url, world.contracts, ownerKey)
    await wallet.deploy()
    await signInAs(service.url, world.appId, asSigner(wallet))
    // on its own chain, the wallet may have got other owners since
    const asItWas = {
      address: wallet.address,
      async signMessage({ message }: { message: string }) {
        const raw = messageHash(ELSEWHERE, wallet.address, hashMessage(message))
        const signature = await privateKeyToAccount(ownerKey).signMessage({ message: { raw } })
        return serializeErc6492Signature({ address: wallet.factory, data: wallet.factoryData, signature })
      },
    }
    expectRefusal(await attempt(asItWas), 'SIGN_IN_FAILED')
  })

  test('of contracts of one address on two chains, the first is a user, and the other nobody, however they meet', async () => {
    const address = await yesToAll(world.chain.url)
    const impostor = await takeOver(address)
    await using slow = await slowService(ELSEWHERE, elsewhere.url)
    const late = await slow.answer({ address, signMessage: impostor.signMessage })
    const { user } = await signInAs(service.url, world.appId, { address, signMessage: somebody().signMessage })
    const made = await rows.growth(async () => expectRefusal(await late(), 'SIGN_IN_FAILED'))
    expect(made).toEqual({})
    expect(user.address).toBe(address)
  })

  test('a contract at the address of a plain key signs nobody in', async () => {
    const account = somebody()
    await signInAs(service.url, world.appId, account)
    expectRefusal(await attempt(await takeOver(account.address)), 'SIGN_IN_FAILED')
  })

  test('a contract at the address of a wallet that was proven signs nobody in', async () => {
    const [ada, account] = [await person(world), somebody()]
    dataOf(await prove(ada, account))
    expectRefusal(await attempt(await takeOver(account.address)), 'SIGN_IN_FAILED')
  })

  test('a contract at the address of a custodial wallet signs nobody in', async () => {
    const ada = await person(world)
    const { address } = dataOf<Wallet>(await ada.mutate('wallets.open'))
    expectRefusal(await attempt(await takeOver(address)), 'SIGN_IN_FAILED')
  })

  test('a contract at the address that an operator-to-be was named by signs nobody in; their key does', async () => {
    const named = somebody()
    const { id: appId } = await world.operator.apps.create.mutate({
      name: 'with an operator',
      origins: [PAGE],
      operators: [named.address],
      idempotencyKey: randomUUID(),
    })
    await takeOver(named.address)
    const asked = { appId, address: named.address, chainId: ELSEWHERE }
    const challenge = await challengeOf(service.url, asked)
    const signature = await somebody().signMessage(challenge)
    const made = await rows.growth(async () =>
      expectRefusal(await answerChallenge(service.url, { nonce: challenge.nonce, signature }), 'SIGN_IN_FAILED'),
    )
    expect(made).toEqual({ challenge: -1 })
    const { user } = await signInAs(service.url, appId, named)
    expect(user.roles).toEqual(['user', 'operator'])
  })

  test('a plain key signs in all the same: it is one key on all chains', async () => {
    const account = somebody()
    const here = await signInAs(service.url, world.appId, account)
    const there = await signInAs(service.url, world.appId, account, { chainId: ELSEWHERE })
    expect(there.user).toEqual(here.user)
  })

  test('a contract that nobody is known by signs in there, and only there from then on', async () => {
    const wallet = { address: await yesToAll(elsewhere.url), signMessage: somebody().signMessage }
    const { user } = await signInAs(service.url, world.appId, wallet, { chainId: ELSEWHERE })
    expect((await signInAs(service.url, world.appId, wallet, { chainId: ELSEWHERE })).user).toEqual(user)
    const code = await rpc<Hex>(elsewhere.url, 'eth_getCode', [wallet.address, 'latest'])
    await rpc(world.chain.url, 'anvil_setCode', [wallet.address, code])
    const challenge = await challengeOf(service.url, { appId: world.appId, address: wallet.address })
    const signature = await wallet.signMessage(challenge)
    expectRefusal(await answerChallenge(service.url, { nonce: challenge.nonce, signature }), 'SIGN_IN_FAILED')
  })
})

describe('a custodial wallet', () => {
  test('that was linked to a user signs them in', async () => {
    const ada = await person(world)
    const wallet = await world.wallet(0n)
    await world.client.wallets.link.mutate({ walletId: wallet.id, userId: ada.userId })
    const made = await rows.growth(async () => {
      const { user, session } = await signInAs(world.url, world.appId, await custodialSigner(world, wallet))
      expect(user.id).toBe(ada.userId)
      expect(user.address).toBe(ada.account.address)
      expect(session.address).toBe(wallet.address)
    })
    expect(made).toEqual({ session: 1, audit: 1, event: 1 })
  })

  test('that a user opened signs them in', async () => {
    const ada = await person(world)
    const wallet = dataOf<Wallet>(await ada.mutate('wallets.open'))
    const { user } = await signInAs(world.url, world.appId, await custodialSigner(world, wallet))
    expect(user.id).toBe(ada.userId)
  })

  test('that the app opens while its address is being signed in with is taken, and no defect of ours', async () => {
    const address = await yesToAll(world.chain.url)
    await using slow = await slowService(world.chain.chainId, world.chain.url)
    const late = await slow.answer({ address, signMessage: somebody().signMessage })
    const { id } = await world.wallet(0n)
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query('update wallet set address = $1 where id = $2', [address, id]),
    )
    expectRefusal(await late(), 'WALLET_TAKEN')
  })
})

describe('a further wallet', () => {
  test('that was proven signs the same user in', async () => {
    const [ada, second] = [await person(world), somebody()]
    const wallet = dataOf<Wallet>(await prove(ada, second))
    expect(wallet).toMatchObject({ kind: 'external', address: second.address, userId: ada.userId })
    const { user, session } = await signInAs(world.url, world.appId, second)
    expect(user).toMatchObject({ id: ada.userId, address: ada.account.address })
    expect(session.address).toBe(second.address)
  })

  test('that is a contract is proven as one, and signs in', async () => {
    const ada = await person(world)
    const wallet = asSigner(await undeployedWallet(world.chain.url, world.contracts, generatePrivateKey()))
    dataOf<Wallet>(await prove(ada, wallet))
    expect((await signInAs(world.url, world.appId, wallet)).user.id).toBe(ada.userId)
  })

  test('that is proven again is the same, and nothing is written', async () => {
    const [ada, second] = [await person(world), somebody()]
    const first = dataOf<Wallet>(await prove(ada, second))
    const made = await rows.growth(async () => expect(dataOf<Wallet>(await prove(ada, second))).toEqual(first))
    expect(made).toEqual({})
    const own = await prove(ada, ada.account)
    expect(dataOf<Wallet>(own).address).toBe(ada.account.address)
  })

  test('that is proven twice at a time is one', async () => {
    const [ada, second] = [await person(world), somebody()]
    const made = await rows.growth(async () => {
      const [one, other] = await Promise.all([prove(ada, second), prove(ada, second)])
      expect(dataOf<Wallet>(one)).toEqual(dataOf<Wallet>(other))
    })
    expect(made).toEqual({ wallet: 1, audit: 1, event: 1 })
  })

  test('of another user is taken, and stays theirs', async () => {
    const [ada, grace, second] = [await person(world), await person(world), somebody()]
    dataOf(await prove(grace, second))
    const made = await rows.growth(async () => {
      expectRefusal(await prove(ada, grace.account), 'WALLET_TAKEN')
      expectRefusal(await prove(ada, second), 'WALLET_TAKEN')
    })
    expect(made).toEqual({})
    expect((await signInAs(world.url, world.appId, second)).user.id).toBe(grace.userId)
  })

  test('that two users prove at a time is one user’s', async () => {
    const [ada, grace, second] = [await person(world), await person(world), somebody()]
    const answers = await Promise.all([prove(ada, second), prove(grace, second)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  test('that an operator-to-be was named by is theirs alone', async () => {
    const named = somebody()
    const { id: appId } = await world.operator.apps.create.mutate({
      name: 'named',
      origins: ['http://app.localhost:3000'],
      operators: [named.address],
      idempotencyKey: crypto.randomUUID(),
    })
    const ada = await person(world, { appId })
    expectRefusal(await prove(ada, named), 'WALLET_TAKEN')
    const { user } = await signInAs(world.url, appId, named)
    expect(user.roles).toEqual(['user', 'operator'])
  })

  test('of the app, that nobody was linked to, is taken', async () => {
    const [ada, wallet] = [await person(world), await world.wallet(0n)]
    expectRefusal(await prove(ada, await custodialSigner(world, wallet)), 'WALLET_TAKEN')
  })

  test('may be another’s in another app', async () => {
    const [ada, second, { appId }] = [await person(world), somebody(), await world.stranger()]
    dataOf(await prove(ada, second))
    const { user } = await signInAs(world.url, appId, second)
    expect(user.id).not.toBe(ada.userId)
    expect(user.address).toBe(second.address)
  })
})

describe('wallets.link', () => {
  test('twice is the same, and nothing is written', async () => {
    const [ada, wallet] = [await person(world), await world.wallet(0n)]
    const link = () => world.client.wallets.link.mutate({ walletId: wallet.id, userId: ada.userId })
    const first = await link()
    expect(first).toEqual({ ...wallet, userId: ada.userId })
    expect(await rows.growth(async () => expect(await link()).toEqual(first))).toEqual({})
  })

  test('to another user is refused', async () => {
    const [ada, grace, wallet] = [await person(world), await person(world), await world.wallet(0n)]
    await world.client.wallets.link.mutate({ walletId: wallet.id, userId: ada.userId })
    const again = world.client.wallets.link.mutate({ walletId: wallet.id, userId: grace.userId })
    await expect(again).rejects.toMatchObject({ code: 'WALLET_TAKEN' })
  })
})

/** A service whose chain takes its time to tell what is at an address. */
async function slowService(chainId: number, chainUrl: string) {
  await using stack = new AsyncDisposableStack()
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const door = stack.use(
    await rpcDoor(chainUrl, {
      eth_getCode: async (response, id) => {
        asked.resolve()
        await released.promise
        const body = JSON.stringify({ jsonrpc: '2.0', id, result: '0x00' })
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      },
    }),
  )
  const chains = [{ chainId, rpcUrl: door.url, finality: 4 }]
  const { url } = stack.use(await instance(world, { CHAINS: JSON.stringify(chains) }))
  const owned = stack.move()
  return {
    /** Signs in up to the question to the chain; what comes back lets it be answered, and tells what came of it. */
    async answer({
      address,
      signMessage,
    }: {
      address: Address
      signMessage(input: { message: string }): Promise<Hex>
    }) {
      const { nonce, message } = await challengeOf(url, { appId: world.appId, address, chainId })
      const verdict = answerChallenge(url, { nonce, signature: await signMessage({ message }) })
      await asked.promise
      return () => {
        released.resolve()
        return verdict
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
