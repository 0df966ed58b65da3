import { randomBytes, randomUUID } from 'node:crypto'
import { type Address, type Hex, hashMessage, keccak256, serializeErc6492Signature, toHex } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { type Chain, startChain } from '../../sandbox/chain/start-chain.ts'
import type { Challenge } from '../../server/contract/entities.ts'
import type { ErrorCode } from '../../server/contract/errors.ts'
import { LONGEST_SIGNATURE } from '../../server/gateways/chain/accepts-signature.ts'
import { curveOrder, malleated, signatureOf } from '../gateways/chain/support/signatures.ts'
import { type Answer, call } from '../http/support/calls.ts'
import { type Instance, instance, nowhere } from '../http/support/instance.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { deployWallet, undeployedWallet, yesToAll } from '../support/smart-wallets.ts'
import { testWorld, type World } from '../support/world.ts'
import {
  answerChallenge,
  askForChallenge,
  challengeOf,
  custodialSigner,
  dataOf,
  expectRefusal,
  signInAs,
  somebody,
} from './support/ceremony.ts'
import { type Tally, tally } from './support/tally.ts'

const OTHER_PAGE = 'http://shop.localhost:3000'
const FOREIGN_PAGE = 'http://evil.localhost:3000'
const ELSEWHERE = 84_532

let world: World
let elsewhere: Chain
let service: Instance
/** Its chain is down, its database is not. */
let withoutChain: Instance
let stranger: { appId: string }
let ada: Person
let rows: Tally
let late = 0

beforeAll(async () => {
  ;[world, elsewhere] = await Promise.all([testWorld({ workers: false }), startChain({ chainId: ELSEWHERE })])
  await deployContracts(elsewhere.url)
  const chains = [
    { chainId: world.chain.chainId, rpcUrl: world.chain.url, finality: 4 },
    { chainId: ELSEWHERE, rpcUrl: elsewhere.url, finality: 4 },
  ]
  const clock = { now: () => new Date(Date.now() + late) }
  service = await instance(world, { CHAINS: JSON.stringify(chains) }, { clock })
  withoutChain = await instance(world, {
    CHAINS: JSON.stringify([{ chainId: world.chain.chainId, rpcUrl: nowhere, finality: 4 }]),
  })
  await world.operator.apps.update.mutate({ appId: world.appId, origins: [PAGE, OTHER_PAGE] })
  stranger = await world.stranger()
  ada = await person(world)
  rows = await tally(world.database)
})
afterAll(async () => {
  await Promise.all([service, withoutChain, rows].map((each) => each[Symbol.asyncDispose]()))
  await Promise.all([world[Symbol.asyncDispose](), elsewhere.stop()])
})

/** Expects that nothing is made by this: no session, no user, no wallet, no challenge, no audit leaf. */
const expectNothingMade = async (work: () => Promise<void>) => expect(await rows.growth(work)).toEqual({})

const challengeFor = (address: Address, chainId = world.chain.chainId, appId = world.appId) =>
  challengeOf(service.url, { appId, address, chainId })

const verify = (nonce: string, signature: string, headers?: Record<string, string>, { url } = service) =>
  answerChallenge(url, { nonce, signature }, headers)

/** Answers a challenge, which is refused with nothing made and the challenge gone, so that its right answer comes too late. */
async function expectBurned(
  account: PrivateKeyAccount,
  { nonce, message }: Challenge,
  answer: () => Promise<Answer>,
  code: ErrorCode = 'SIGN_IN_FAILED',
): Promise<void> {
  const made = await rows.growth(async () => {
    expectRefusal(await answer(), code)
    expectRefusal(await verify(nonce, await account.signMessage({ message })), 'SIGN_IN_FAILED')
  })
  expect(made).toEqual({ challenge: -1 })
}

describe('no challenge is made', () => {
  const asked = () => ({ appId: world.appId, address: somebody().address })
  const cases: [what: string, code: ErrorCode, ask: () => Promise<Answer>][] = [
    ['for an unknown app', 'ORIGIN_NOT_ALLOWED', () => ask({ appId: randomUUID() })],
    ['for the app of another page', 'ORIGIN_NOT_ALLOWED', () => ask({ appId: stranger.appId }, { origin: OTHER_PAGE })],
    ['for a chain that is not configured', 'CHAIN_NOT_SUPPORTED', () => ask({ chainId: 1 })],
    ['for chain 0', 'INVALID_INPUT', () => ask({ chainId: 0 })],
    ['for the zero address', 'INVALID_INPUT', () => ask({ address: `0x${'0'.repeat(40)}` })],
    ['for an address with a wrong checksum', 'INVALID_INPUT', () => ask({ address: mistyped(somebody().address) })],
    ['without an Origin', 'ORIGIN_NOT_ALLOWED', () => ask({}, {})],
    [
      'without an Origin, vouched for by Sec-Fetch-Site',
      'ORIGIN_NOT_ALLOWED',
      () => ask({}, { 'sec-fetch-site': 'same-origin' }),
    ],
    ...[
      ['of a page that is not registered', FOREIGN_PAGE],
      ['null', 'null'],
      ['with a path', `${PAGE}/sign-in`],
      ['with a slash at its end', `${PAGE}/`],
      ['in upper case', PAGE.toUpperCase()],
      ['with an upper-case host', 'http://APP.localhost:3000'],
      ['with another port', 'http://app.localhost:3001'],
      ['without its port', 'http://app.localhost'],
      ['with https in place of http', 'https://app.localhost:3000'],
      ['of a subdomain', 'http://x.app.localhost:3000'],
      ['of a sibling', 'http://xapp.localhost:3000'],
      ['of the parent', 'http://localhost:3000'],
      ['with a user before the host', 'http://app.localhost:3000@evil.localhost'],
      ['and another', `${PAGE}, ${FOREIGN_PAGE}`],
      ['with a dot at the end of the host', 'http://app.localhost.:3000'],
      ['of a browser extension', 'chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb'],
      ['of a file', 'file://'],
      ['of a numeric address', 'http://[::1]:3000'],
      ['of a host without a dot', 'https://intranet'],
      ['that is only a scheme', 'data:'],
      ['of this service itself', 'http://127.0.0.1:4000'],
    ].map(([what, origin]): [string, ErrorCode, () => Promise<Answer>] => [
      `with the Origin ${what}`,
      'ORIGIN_NOT_ALLOWED',
      () => ask({}, { origin: origin! }),
    ]),
  ]
  const ask = (patch: Partial<Parameters<typeof askForChallenge>[1]>, headers?: Record<string, string>) =>
    askForChallenge(service.url, { ...asked(), ...patch }, headers)

  test.each(cases)('%s: %s', async (_, code, ask) => {
    await expectNothingMade(async () => expectRefusal(await ask(), code))
  })
})

describe('a challenge is used up by a signature', () => {
  const changed = (change: (message: string) => string) => (account: PrivateKeyAccount, message: string) => {
    const other = change(message)
    expect(other).not.toBe(message)
    return account.signMessage({ message: other })
  }
  const inLine = (name: string, value: string) =>
    changed((message) => message.replace(new RegExp(`(?<=^${name}: ).*$`, 'm'), value))
  const parts = async (account: PrivateKeyAccount, message: string) => {
    const signature = await account.signMessage({ message })
    return { signature, r: signature.slice(0, 66) as Hex, s: `0x${signature.slice(66, 130)}` as Hex }
  }

  const cases: [what: string, sign: (account: PrivateKeyAccount, message: string) => Promise<Hex>][] = [
    ['over another domain', changed((message) => message.replace('app.localhost:3000 ', 'evil.localhost:3000 '))],
    ['over another address', changed((message) => message.replace(/0x\w{40}/, somebody().address))],
    ['over the address in lower case', changed((message) => message.replace(/0x\w{40}/, (text) => text.toLowerCase()))],
    ['over another statement', changed((message) => message.replace('moves nothing', 'moves everything'))],
    ['over another URI', inLine('URI', FOREIGN_PAGE)],
    ['over another version', inLine('Version', '2')],
    ['over another chain', inLine('Chain ID', String(ELSEWHERE))],
    ['over another nonce', inLine('Nonce', randomBytes(16).toString('hex'))],
    ['over a message issued in the future', inLine('Issued At', '2099-01-01T00:00:00.000Z')],
    ['over a message that never expires', changed((message) => message.replace(/\nExpiration Time: .*/, ''))],
    ['over a message that expires later', inLine('Expiration Time', '2099-01-01T00:00:00.000Z')],
    ['over a message not valid yet', changed((message) => `${message}\nNot Before: 2099-01-01T00:00:00.000Z`)],
    ['over a message with a resource', changed((message) => `${message}\nResources:\n- ${FOREIGN_PAGE}`)],
    ['over a message with one more newline', changed((message) => `${message}\n`)],
    ['over a message with CRLF', changed((message) => message.replaceAll('\n', '\r\n'))],
    ['over a message with a byte order mark', changed((message) => `\uFEFF${message}`)],
    [
      'over the message of another challenge of the same wallet',
      async (account) => account.signMessage({ message: (await challengeFor(account.address)).message }),
    ],
    ['of another key', (_, message) => somebody().signMessage({ message })],
    ['over the nonce alone', (account, message) => account.signMessage({ message: /Nonce: (\w+)/.exec(message)![1]! })],
    ['over the hash of the message', (account, message) => account.signMessage({ message: hashMessage(message) })],
    [
      'over the bytes of the hash, prefixed twice',
      (account, message) => account.signMessage({ message: { raw: hashMessage(message) } }),
    ],
    ['without the prefix of EIP-191', (account, message) => account.sign({ hash: keccak256(toHex(message)) })],
    [
      'of EIP-712',
      (account, message) =>
        account.signTypedData({
          domain: { name: 'Provider Service', version: '1', chainId: world.chain.chainId },
          types: { Message: [{ name: 'message', type: 'string' }] },
          primaryType: 'Message',
          message: { message },
        }),
    ],
    ['that is malleated', async (account, message) => malleated((await parts(account, message)).signature)],
    ['of half its length', async (account, message) => (await parts(account, message)).signature.slice(0, 68) as Hex],
    [
      'of 64 bytes, without its v',
      async (account, message) => (await parts(account, message)).signature.slice(0, 130) as Hex,
    ],
    ['of 64 bytes, by EIP-2098', async (account, message) => compact((await parts(account, message)).signature)],
    ['of 66 bytes', async (account, message) => `${(await parts(account, message)).signature}00`],
    ['of one byte', async () => '0x1b'],
    ['of 65 zero bytes', async () => `0x${'00'.repeat(65)}`],
    ['of 16 KiB of garbage', async () => toHex(randomBytes(LONGEST_SIGNATURE))],
    ['with a v of 2', async (account, message) => withV(await parts(account, message), 2)],
    ['with a v of 29', async (account, message) => withV(await parts(account, message), 29)],
    [
      'with a v of EIP-155',
      async (account, message) => withV(await parts(account, message), 35 + ((2 * ELSEWHERE) % 200)),
    ],
    ['with the other v', async (account, message) => otherV(await parts(account, message))],
    [
      'with an r of the order of the curve',
      async (account, message) => signatureOf(curveOrder, (await parts(account, message)).s, 27),
    ],
    ['with an s of 0', async (account, message) => signatureOf((await parts(account, message)).r, 0n, 27)],
    [
      'of its own, wrapped as a wallet’s that is yet to be (ERC-6492)',
      async (account, message) => {
        const { factory, factoryData } = await undeployedWallet(world.chain.url, world.contracts, generatePrivateKey())
        const { signature } = await parts(account, message)
        return serializeErc6492Signature({ address: factory, data: factoryData, signature })
      },
    ],
  ]
  test.each(cases)('%s', async (_, sign) => {
    const account = somebody()
    const challenge = await challengeFor(account.address)
    const signature = await sign(account, challenge.message)
    await expectBurned(account, challenge, () => verify(challenge.nonce, signature))
  })
})

describe('a challenge is used up by an answer', () => {
  test.each([
    ['from another page of the app', OTHER_PAGE],
    ['from a page of nobody', FOREIGN_PAGE],
    ['from its page with a path', `${PAGE}/sign-in`],
    ['from its page with a slash', `${PAGE}/`],
    ['from its page in upper case', PAGE.toUpperCase()],
    ['from another port', 'http://app.localhost:3001'],
    ['from https in place of http', 'https://app.localhost:3000'],
  ])('%s', async (_, origin) => {
    const account = somebody()
    const challenge = await challengeFor(account.address)
    const signature = await account.signMessage({ message: challenge.message })
    await expectBurned(account, challenge, () => verify(challenge.nonce, signature, { origin }))
  })

  test('of a wallet of the app that is linked to nobody: it is told so', async () => {
    const wallet = await world.wallet(0n)
    const { signMessage } = await custodialSigner(world, wallet)
    const challenge = await challengeFor(wallet.address)
    const signature = await signMessage(challenge)
    await expectBurned(somebody(), challenge, () => verify(challenge.nonce, signature), 'WALLET_TAKEN')
  })

  test('to what a user was to prove a further wallet with', async () => {
    const account = somebody()
    const challenge = dataOf<Challenge>(
      await ada.mutate('wallets.challenge', { address: account.address, chainId: world.chain.chainId }),
    )
    const signature = await account.signMessage({ message: challenge.message })
    await expectBurned(account, challenge, () => verify(challenge.nonce, signature))
  })

  test('to sign in with, given to prove a further wallet', async () => {
    const account = somebody()
    const challenge = await challengeFor(account.address)
    const signature = await account.signMessage({ message: challenge.message })
    await expectBurned(account, challenge, () => ada.mutate('wallets.prove', { nonce: challenge.nonce, signature }))
  })

  test('to what another user was to prove a wallet with', async () => {
    const [account, grace] = [somebody(), await person(world)]
    const challenge = dataOf<Challenge>(
      await grace.mutate('wallets.challenge', { address: account.address, chainId: world.chain.chainId }),
    )
    const signature = await account.signMessage({ message: challenge.message })
    await expectBurned(account, challenge, () => ada.mutate('wallets.prove', { nonce: challenge.nonce, signature }))
  })

  test('of another app, from a page that is not that app’s', async () => {
    const account = somebody()
    const challenge = await challengeFor(account.address, world.chain.chainId, stranger.appId)
    const signature = await account.signMessage({ message: challenge.message })
    await expectBurned(account, challenge, () => verify(challenge.nonce, signature, { origin: OTHER_PAGE }))
  })

  test('that comes when it has expired', async () => {
    const account = somebody()
    const { nonce, message, expiresAt } = await challengeFor(account.address)
    const signature = await account.signMessage({ message })
    await expectNothingMade(async () => {
      late = expiresAt.getTime() - Date.now()
      try {
        expectRefusal(await verify(nonce, signature), 'SIGN_IN_FAILED')
      } finally {
        late = 0
      }
    })
  })

  test('that was right, a second time', async () => {
    const account = somebody()
    const { nonce, message } = await challengeFor(account.address)
    const signature = await account.signMessage({ message })
    expect((await verify(nonce, signature)).status).toBe(200)
    await expectNothingMade(async () => expectRefusal(await verify(nonce, signature), 'SIGN_IN_FAILED'))
  })
})

describe('of contract wallets', () => {
  const ownerKey = generatePrivateKey()
  const owner = privateKeyToAccount(ownerKey)
  const contracts = () => world.contracts

  const cases: [
    what: string,
    answer: () => Promise<{ address: Address; chainId?: number; sign: (message: string) => Promise<Hex> }>,
  ][] = [
    [
      'a deployed one, signed for by another key',
      async () => {
        const { address, sign } = await deployWallet(world.chain.url, contracts(), ownerKey)
        return { address, sign: (message) => sign(message, generatePrivateKey()) }
      },
    ],
    [
      'a deployed one, by the bare signature of its owner',
      async () => {
        const { address } = await deployWallet(world.chain.url, contracts(), ownerKey)
        return { address, sign: (message) => owner.signMessage({ message }) }
      },
    ],
    [
      'its owner, by the signature of the wallet',
      async () => {
        const { sign } = await deployWallet(world.chain.url, contracts(), ownerKey)
        return { address: owner.address, sign }
      },
    ],
    [
      'a deployed one, by the signature of a sibling of the same owner',
      async () => {
        const { address } = await deployWallet(world.chain.url, contracts(), ownerKey)
        const sibling = await deployWallet(world.chain.url, contracts(), ownerKey)
        return { address, sign: sibling.sign }
      },
    ],
    [
      'one that is on another chain than the message says',
      async () => {
        const { address, sign } = await deployWallet(elsewhere.url, contracts(), ownerKey)
        return { address, sign }
      },
    ],
    [
      'one that says yes to all, on another chain than the message says',
      async () => ({ address: await yesToAll(elsewhere.url), sign: (message) => owner.signMessage({ message }) }),
    ],
    [
      'one that says yes to all here, by a message for elsewhere',
      async () => {
        const address = await yesToAll(world.chain.url)
        return { address, chainId: ELSEWHERE, sign: (message) => owner.signMessage({ message }) }
      },
    ],
    [
      'one yet to be, wrapped with the signature of another key',
      async () => {
        const { address, sign } = await undeployedWallet(world.chain.url, contracts(), ownerKey)
        return { address, sign: (message) => sign(message, generatePrivateKey()) }
      },
    ],
    [
      'one yet to be, wrapped with how to make another’s',
      async () => {
        const { address } = await undeployedWallet(world.chain.url, contracts(), ownerKey)
        const others = await undeployedWallet(world.chain.url, contracts(), generatePrivateKey())
        return { address, sign: others.sign }
      },
    ],
    [
      'one yet to be, without how to make it',
      async () => {
        const { address, signBare } = await undeployedWallet(world.chain.url, contracts(), ownerKey)
        return { address, sign: signBare }
      },
    ],
    ['one yet to be, signed for on another chain', async () => undeployedWallet(elsewhere.url, contracts(), ownerKey)],
  ]
  test.each(cases)('%s', async (_, make) => {
    const { address, sign, chainId } = await make()
    const challenge = await challengeFor(address, chainId)
    const signature = await sign(challenge.message)
    await expectBurned(owner, challenge, () => verify(challenge.nonce, signature))
  })
})

describe('what is no answer is not looked at, and the challenge is still good', () => {
  const good = 'a'.repeat(32)
  const cases: [what: string, code: ErrorCode, answer: (nonce: string, signature: Hex) => object, headers?: object][] =
    [
      ['no signature', 'INVALID_INPUT', (nonce) => ({ nonce })],
      ['an empty signature', 'INVALID_INPUT', (nonce) => ({ nonce, signature: '' })],
      ['a signature of no bytes', 'INVALID_INPUT', (nonce) => ({ nonce, signature: '0x' })],
      ['half a byte', 'INVALID_INPUT', (nonce, signature) => ({ nonce, signature: `${signature}0` })],
      ['no hexadecimal', 'INVALID_INPUT', (nonce) => ({ nonce, signature: `0x${'zz'.repeat(65)}` })],
      ['no 0x', 'INVALID_INPUT', (nonce, signature) => ({ nonce, signature: signature.slice(2) })],
      [
        'more than 16 KiB',
        'INVALID_INPUT',
        (nonce) => ({ nonce, signature: `0x${'ab'.repeat(LONGEST_SIGNATURE + 1)}` }),
      ],
      ['more than the body may have', 'TOO_LARGE', (nonce) => ({ nonce, signature: `0x${'ab'.repeat(40_000)}` })],
      ['no nonce', 'INVALID_INPUT', (_, signature) => ({ signature })],
      ['null for a nonce', 'INVALID_INPUT', (_, signature) => ({ nonce: null, signature })],
      ['an empty nonce', 'INVALID_INPUT', (_, signature) => ({ nonce: '', signature })],
      [
        'the nonce in upper case',
        'INVALID_INPUT',
        (nonce, signature) => ({ nonce: `${nonce}A`.toUpperCase(), signature }),
      ],
      ['the nonce cut', 'INVALID_INPUT', (nonce, signature) => ({ nonce: nonce.slice(1), signature })],
      ['the nonce and a newline', 'INVALID_INPUT', (nonce, signature) => ({ nonce: `${nonce}\n`, signature })],
      ['a pattern for a nonce', 'INVALID_INPUT', (_, signature) => ({ nonce: '%', signature })],
      ['several nonces', 'INVALID_INPUT', (nonce, signature) => ({ nonce: [nonce, good], signature })],
      ['an unknown nonce', 'SIGN_IN_FAILED', (_, signature) => ({ nonce: randomBytes(16).toString('hex'), signature })],
      ['no Origin', 'ORIGIN_NOT_ALLOWED', (nonce, signature) => ({ nonce, signature }), {}],
      ['the Origin null', 'ORIGIN_NOT_ALLOWED', (nonce, signature) => ({ nonce, signature }), { origin: 'null' }],
    ]
  test.each(cases)('%s: %s', async (_, code, answer, headers = { origin: PAGE }) => {
    const account = somebody()
    const { nonce, message } = await challengeFor(account.address)
    const signature = await account.signMessage({ message })
    await expectNothingMade(async () => {
      const path = { path: 'auth.verify', type: 'mutation' } as const
      expectRefusal(await call(service.url, path, answer(nonce, signature), headers as Record<string, string>), code)
    })
    expect((await verify(nonce, signature)).status).toBe(200)
  })
})

describe('while the chain does not answer', () => {
  test('a contract’s owner is told so, and asks for a new challenge: this one is used up', async () => {
    const ownerKey = generatePrivateKey()
    const wallet = await deployWallet(world.chain.url, world.contracts, ownerKey)
    const challenge = await challengeFor(wallet.address)
    const signature = await wallet.sign(challenge.message)
    const made = await rows.growth(async () => {
      const answer = await verify(challenge.nonce, signature, undefined, withoutChain)
      expectRefusal(answer, 'CHAIN_UNAVAILABLE')
      expect(answer.error?.message).toContain('Ask for a new challenge')
      expectRefusal(await verify(challenge.nonce, signature), 'SIGN_IN_FAILED')
    })
    expect(made).toEqual({ challenge: -1 })

    const { answer: later } = await signInAs(service.url, world.appId, {
      address: wallet.address,
      signMessage: ({ message }) => wallet.sign(message),
    })
    expect(later.status).toBe(200)
  })

  test('a plain key signs in all the same', async () => {
    expect((await signInAs(withoutChain.url, world.appId, somebody())).answer.status).toBe(200)
  })
})

test('a contract on a chain that this instance does not know, in a challenge that another one made: it is told so', async () => {
  const account = somebody()
  const { nonce, message } = await challengeFor(await yesToAll(elsewhere.url), ELSEWHERE)
  const signature = await account.signMessage({ message })
  await using knowsOneChain = await instance(world)
  const made = await rows.growth(async () =>
    expectRefusal(await verify(nonce, signature, undefined, knowsOneChain), 'CHAIN_NOT_SUPPORTED'),
  )
  expect(made).toEqual({ challenge: -1 })
})

const mistyped = (address: Address) =>
  address.replace(/[a-f]/i, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  ) as Address

type Parts = { signature: Hex; r: Hex; s: Hex }

const withV = ({ r, s }: Parts, v: number) => signatureOf(r, s, v)

const otherV = ({ signature, r, s }: Parts) => signatureOf(r, s, signature.endsWith('1b') ? 28 : 27)

/** The 64 bytes of EIP-2098: the parity is the highest bit of s. */
function compact(signature: Hex): Hex {
  const parity = signature.endsWith('1c') ? 1n << 255n : 0n
  const s = BigInt(`0x${signature.slice(66, 130)}`) | parity
  return `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}` as Hex
}
