import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import {
  type Address,
  createWalletClient,
  defineChain,
  type Hex,
  hashMessage,
  http,
  padHex,
  serializeErc6492Signature,
  toHex,
  zeroAddress,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployContracts, type SandboxContracts } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { type Chain as Anvil, startChain } from '../../../sandbox/chain/start-chain.ts'
import { freePort } from '../../../sandbox/free-port.ts'
import { LONGEST_SIGNATURE } from '../../../server/gateways/chain/accepts-signature.ts'
import { ChainUnavailable, connectChain } from '../../../server/gateways/chain/chain.ts'
import { eventually } from '../../support/eventually.ts'
import { deployWallet, installCode, undeployedWallet, yesToAll } from '../../support/smart-wallets.ts'
import { type Fault, type RpcDoor, rpcDoor } from './support/rpc-door.ts'
import { curveOrder, flipped, malleated, signatureOf } from './support/signatures.ts'

let here: Anvil
let elsewhere: Anvil
let contracts: SandboxContracts
let door: RpcDoor
beforeAll(async () => {
  ;[here, elsewhere] = await Promise.all([startChain({ chainId: 43_113 }), startChain({ chainId: 84_532 })])
  ;[contracts] = await Promise.all([deployContracts(here.url), deployContracts(elsewhere.url)])
  door = await rpcDoor(here.url)
})
afterAll(() => Promise.all([door[Symbol.asyncDispose](), here.stop(), elsewhere.stop()]))

const message = 'provider.example wants you to sign in'
const hash = hashMessage(message)
const ownerKey = generatePrivateKey()
const owner = privateKeyToAccount(ownerKey)
const strangerKey = generatePrivateKey()
const stranger = privateKeyToAccount(strangerKey)

const connect = (rpcUrl: string) =>
  connectChain({
    chainId: rpcUrl === elsewhere.url ? 84_532 : 43_113,
    rpcUrl,
    confirmations: 1,
    finality: 10,
    entryPoints: [],
  })

/** What the chain says, and what it had to be asked beside which chain it is. */
async function verdict(account: Address, signature: Hex, of = hash) {
  const before = door.asked.length
  const accepted = await connect(door.url).acceptsSignature({ account, hash: of, signature })
  return { accepted, asked: door.asked.slice(before).filter((method) => method !== 'eth_chainId') }
}

const byKey = (accepted: boolean) => ({ accepted, asked: [] })
const noContract = { accepted: false, asked: ['eth_getCode'] }
const byContract = (accepted: boolean) => ({ accepted, asked: ['eth_getCode', 'eth_call'] })
const byFutureContract = (accepted: boolean) => ({ accepted, asked: ['eth_call'] })

describe('a plain key', () => {
  test('needs no chain', async () => {
    const nobody = connect(`http://127.0.0.1:${await freePort()}`)
    const signature = await owner.signMessage({ message })
    for (const account of [owner.address, owner.address.toLowerCase() as Address])
      expect(await nobody.acceptsSignature({ account, hash, signature })).toBe(true)
    expect(await verdict(owner.address, signature)).toEqual(byKey(true))
  })

  test('may count v from 0', async () => {
    const signature = await owner.signMessage({ message })
    const fromZero = signature.replace(/1b$/, '00').replace(/1c$/, '01') as Hex
    expect(await verdict(owner.address, fromZero)).toEqual(byKey(true))
  })

  test('does not sign for another, nor another message', async () => {
    const signature = await owner.signMessage({ message })
    expect(await verdict(stranger.address, signature)).toEqual(noContract)
    expect(await verdict(owner.address, signature, hashMessage(`${message}!`))).toEqual(noContract)
  })

  test('is not taken for the malleable twin of its signature, and nobody is asked', async () => {
    const twin = malleated(await owner.signMessage({ message }))
    expect(await verdict(owner.address, twin)).toEqual(byKey(false))
  })

  describe('refuses', async () => {
    const signature = await owner.signMessage({ message })
    const [r, s] = [signature.slice(0, 66) as Hex, `0x${signature.slice(66, 130)}` as Hex]
    test.each<[string, Hex]>([
      ['half of one', signature.slice(0, 68) as Hex],
      ['one without its v', signature.slice(0, -2) as Hex],
      ['64 bytes, the parity in s (EIP-2098)', compact(signature)],
      ['one byte more', `${signature}00`],
      ['a v of 2', signatureOf(r, s, 2)],
      ['a v of 26', signatureOf(r, s, 26)],
      ['a v of 29', signatureOf(r, s, 29)],
      ['a v of EIP-155', signatureOf(r, s, 37)],
      ['an r of 0', signatureOf(0n, s, 27)],
      ['an s of 0', signatureOf(r, 0n, 27)],
      ['an r of the order', signatureOf(curveOrder, s, 27)],
      ['an s of the order', signatureOf(r, curveOrder, 27)],
      ['the highest s', signatureOf(r, 2n ** 256n - 1n, 28)],
      ['zeros', `0x${'00'.repeat(65)}`],
      ['16 KiB of garbage', toHex(randomBytes(LONGEST_SIGNATURE))],
      ['a signature of the hash, not of the message', await owner.signMessage({ message: { raw: hash } })],
    ])('%s', async (_, signature) => {
      expect(await verdict(owner.address, signature)).toEqual(noContract)
    })

    test.each<[string, string]>([
      ['nothing at all', '0x'],
      ['one byte', '0x1b'],
      ['31 bytes', signature.slice(0, 64)],
      ['more than 16 KiB', `0x${'ab'.repeat(LONGEST_SIGNATURE + 1)}`],
      ['what is not hexadecimal', `0x${'zz'.repeat(65)}`],
      ['half a byte', `${signature}0`],
      ['no 0x before it', signature.slice(2)],
    ])('%s, and nobody is asked', async (_, signature) => {
      expect(await verdict(owner.address, signature as Hex)).toEqual(byKey(false))
    })

    test('its own signature wrapped as a wallet’s that is yet to be', async () => {
      const wallet = await undeployedWallet(here.url, contracts, ownerKey)
      const wrapped = serializeErc6492Signature({ address: wallet.factory, data: wallet.factoryData, signature })
      expect(await verdict(owner.address, wrapped)).toEqual(byFutureContract(false))
    })
  })

  test('is nobody’s at the zero address and at the precompiles', async () => {
    const signature = await owner.signMessage({ message })
    const wrapped = serializeErc6492Signature({ address: contracts.factory, data: '0x', signature })
    for (const account of [zeroAddress, padHex('0x01', { size: 20 }), padHex('0x04', { size: 20 })]) {
      expect(await verdict(account, signatureOf(0n, 0n, 27))).toEqual(noContract)
      expect(await verdict(account, wrapped)).toEqual(byFutureContract(false))
    }
  })

  test('any bit turned over makes it a no', async () => {
    const secret = fc.bigInt({ min: 1n, max: curveOrder - 1n }).map((value) => toHex(value, { size: 32 }))
    const chain = connect(here.url)
    await fc.assert(
      fc.asyncProperty(secret, fc.string(), fc.nat(65 * 8 - 1), fc.nat(255), async (key, text, bit, hashBit) => {
        const account = privateKeyToAccount(key)
        const claim = {
          account: account.address,
          hash: hashMessage(text),
          signature: await account.signMessage({ message: text }),
        }
        expect(await chain.acceptsSignature(claim)).toBe(true)
        expect(await chain.acceptsSignature({ ...claim, signature: flipped(claim.signature, bit) })).toBe(false)
        expect(await chain.acceptsSignature({ ...claim, hash: flipped(claim.hash, hashBit) })).toBe(false)
      }),
    )
  })
})

describe('a wallet that is a contract (ERC-1271)', () => {
  test('signs by its owner, for itself and on this chain alone', async () => {
    const wallet = await deployWallet(here.url, contracts, ownerKey)
    const sibling = await deployWallet(here.url, contracts, ownerKey)
    const abroad = await deployWallet(elsewhere.url, contracts, ownerKey)

    expect(await verdict(wallet.address, await wallet.sign(message))).toEqual(byContract(true))
    expect(await verdict(wallet.address, await wallet.sign(message, strangerKey))).toEqual(byContract(false))
    expect(await verdict(wallet.address, await wallet.sign(`${message}!`))).toEqual(byContract(false))
    expect(await verdict(wallet.address, await sibling.sign(message))).toEqual(byContract(false))
    expect(await verdict(wallet.address, await owner.signMessage({ message }))).toEqual(byContract(false))
    expect(await verdict(wallet.address, malleated(await wallet.sign(message)))).toEqual(byContract(false))
    expect(await verdict(abroad.address, await abroad.sign(message))).toEqual(noContract)
    expect(await verdict(owner.address, await wallet.sign(message))).toEqual(noContract)
  })

  test.each([32, 64, 65, 66, LONGEST_SIGNATURE])('refuses %i bytes of garbage', async (size) => {
    const wallet = await deployWallet(here.url, contracts, ownerKey)
    expect(await verdict(wallet.address, toHex(randomBytes(size)))).toEqual(byContract(false))
  })

  test('that says yes to everything is believed on its own chain, and is nothing on another', async () => {
    const [anyoneHere, anyoneElsewhere] = await Promise.all([yesToAll(here.url), yesToAll(elsewhere.url)])
    const signature = await stranger.signMessage({ message })
    expect(await verdict(anyoneHere, signature)).toEqual(byContract(true))
    expect(await verdict(anyoneHere, toHex(randomBytes(32)))).toEqual(byContract(true))
    expect(await verdict(anyoneHere, toHex(randomBytes(LONGEST_SIGNATURE)))).toEqual(byContract(true))
    expect(await verdict(anyoneElsewhere, signature)).toEqual(noContract)
  })

  test.each<[string, Hex]>([
    ['reverts', '0x60006000fd'],
    ['reverts with the magic value', '0x631626ba7e60e01b60005260206000fd'],
    ['says nothing', '0x00'],
    ['says a word of ones', '0x60001960005260206000f3'],
    ['says zero', '0x60206000f3'],
    ['says the magic value in the wrong end of the word', '0x631626ba7e60005260206000f3'],
    ['says the magic value and then dirt', `0x7f1626ba7e${'ff'.repeat(28)}60005260206000f3`],
    ['says four bytes', '0x631626ba7e60e01b60005260046000f3'],
    ['says 4 MiB', '0x624000006000f3'],
    ['reverts with 4 MiB', '0x624000006000fd'],
    ['meets an invalid instruction', '0xfe'],
    ['burns all gas', '0x5b600056'],
    ['echoes what it is asked', '0x366000600037366000f3'],
  ])('that %s is no', async (_, code) => {
    const account = await installCode(here.url, code)
    expect(await verdict(account, await owner.signMessage({ message }))).toEqual(byContract(false))
  })
})

describe('a wallet that is yet to be (ERC-6492)', () => {
  test('signs by its owner, and is not made by asking', async () => {
    const wallet = await undeployedWallet(here.url, contracts, ownerKey)
    const signature = await wallet.sign(message)
    expect(await verdict(wallet.address, signature)).toEqual(byFutureContract(true))
    expect(await rpc(here.url, 'eth_getCode', [wallet.address, 'latest'])).toBe('0x')
    expect(await verdict(wallet.address, await wallet.signBare(message))).toEqual(noContract)

    await wallet.deploy()
    expect(await verdict(wallet.address, signature)).toEqual(byFutureContract(true))
    expect(await verdict(wallet.address, await wallet.signBare(message))).toEqual(byContract(true))
  })

  test('does not sign by another key, another message, for another wallet or on another chain', async () => {
    const wallet = await undeployedWallet(here.url, contracts, ownerKey)
    const sibling = await undeployedWallet(here.url, contracts, ownerKey)
    const abroad = await undeployedWallet(elsewhere.url, contracts, ownerKey)
    expect(await verdict(wallet.address, await wallet.sign(message, strangerKey))).toEqual(byFutureContract(false))
    expect(await verdict(wallet.address, await wallet.sign(`${message}!`))).toEqual(byFutureContract(false))
    expect(await verdict(wallet.address, await sibling.sign(message))).toEqual(byFutureContract(false))
    expect(await verdict(abroad.address, await abroad.sign(message))).toEqual(byFutureContract(false))
    expect(await verdict(owner.address, await wallet.sign(message))).toEqual(byFutureContract(false))
  })

  test('is not made by a factory that makes something else, nothing, or fails', async () => {
    const wallet = await undeployedWallet(here.url, contracts, ownerKey)
    const other = await undeployedWallet(here.url, contracts, strangerKey)
    const signature = await wallet.signBare(message)
    const by = (address: Address, data: Hex) => serializeErc6492Signature({ address, data, signature })
    const reverting = await installCode(here.url, '0x60006000fd')
    for (const wrapped of [
      by(other.factory, other.factoryData),
      by(stranger.address, '0x'),
      by(await yesToAll(here.url), wallet.factoryData),
      by(reverting, wallet.factoryData),
      by(wallet.factory, '0xdeadbeef'),
    ])
      expect(await verdict(wallet.address, wrapped)).toEqual(byFutureContract(false))
    expect(await verdict(wallet.address, by(wallet.factory, wallet.factoryData))).toEqual(byFutureContract(true))
  })

  test('is not made by garbage with the right end', async () => {
    const end = '6492'.repeat(16)
    const wallet = await undeployedWallet(here.url, contracts, ownerKey)
    const whole = await wallet.sign(message)
    for (const signature of [
      `0x${end}`,
      `0x${'ff'.repeat(96)}${end}`,
      `0x${randomBytes(LONGEST_SIGNATURE - 32).toString('hex')}${end}`,
      `0x${whole.slice(66)}`,
      whole.replace(wallet.factory.slice(2).toLowerCase(), '00'.repeat(20)),
    ])
      expect(await verdict(wallet.address, signature as Hex)).toEqual(byFutureContract(false))
  })
})

describe('a key that lends its address to a contract (EIP-7702)', () => {
  test('signs as before; for other signatures its contract speaks', async () => {
    const reverting = await installCode(here.url, '0x60006000fd')
    for (const [delegate, says] of [
      [reverting, false],
      [await yesToAll(here.url), true],
    ] as const) {
      const account = privateKeyToAccount(generatePrivateKey())
      await delegateTo(here, account, delegate)
      expect(await verdict(account.address, await account.signMessage({ message }))).toEqual(byKey(true))
      expect(await verdict(account.address, malleated(await account.signMessage({ message })))).toEqual(byKey(false))
      expect(await verdict(account.address, await stranger.signMessage({ message }))).toEqual(byContract(says))
    }
  })
})

describe('a node that does not answer is no verdict', () => {
  const inJson = (response: ServerResponse, body: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const result =
    (value: unknown): Fault =>
    (response, id) =>
      inJson(response, { jsonrpc: '2.0', id, result: value })
  const error =
    (code: number, text: string, data?: Hex): Fault =>
    (response, id) =>
      inJson(response, { jsonrpc: '2.0', id, error: { code, message: text, data } })

  const faults: [string, Fault][] = [
    ['HTTP 500', (response) => response.writeHead(500).end('oops')],
    ['HTTP 403', (response) => response.writeHead(403).end()],
    ['HTTP 429', (response) => response.writeHead(429).end('{}')],
    ['a rate limit that lasts an hour', (response) => response.writeHead(429, { 'retry-after': '3600' }).end()],
    ['silence', () => {}],
    ['half an answer', (response) => response.writeHead(200, { 'content-length': '500' }).write('{"jsonrpc":')],
    ['a connection cut', (response) => response.socket?.destroy()],
    ['a web page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>')],
    ['JSON that is cut', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"res')],
    ['an empty body', (response) => response.writeHead(200).end()],
    ['no answer in the answer', (response) => inJson(response, {})],
    ['null for an answer', (response) => inJson(response, null)],
    ['an internal error', error(-32603, 'Internal error')],
    ['too many requests', error(-32005, 'limit exceeded')],
    ['a header that is not found', error(-32000, 'header not found')],
    ['a method that is not there', error(-32601, 'the method does not exist')],
    ['a call that took too long', error(-32000, 'execution aborted (timeout = 5s)')],
    ['a revert that our call cannot have', error(3, 'execution reverted', '0x')],
    ['a result of null', result(null)],
    ['a result that is a number', result(1)],
    ['a result that is true', result(true)],
    ['a result that is not hexadecimal', result('0xyes')],
    ['a result that is an object', result({ code: '0x' })],
  ]
  test.concurrent.for(faults)('%s', async ([, fault], { expect }) => {
    await using noCode = await rpcDoor(here.url, { eth_getCode: fault })
    await using noVerdict = await rpcDoor(here.url, { eth_call: fault })
    const wallet = await undeployedWallet(here.url, contracts, ownerKey)
    const signature = await wallet.sign(message)
    const bare = await wallet.signBare(message)
    const anyone = await yesToAll(here.url)
    const verdicts = [
      connect(noCode.url).acceptsSignature({ account: owner.address, hash, signature: bare }),
      connect(noCode.url).acceptsSignature({ account: anyone, hash, signature: bare }),
      connect(noVerdict.url).acceptsSignature({ account: anyone, hash, signature: bare }),
      connect(noVerdict.url).acceptsSignature({ account: wallet.address, hash, signature }),
    ]
    await Promise.all(verdicts.map((each) => expect(each).rejects.toThrow(ChainUnavailable)))
    const own = { account: owner.address, hash, signature: await owner.signMessage({ message }) }
    expect(await connect(noCode.url).acceptsSignature(own)).toBe(true)
  })

  test.concurrent.for<[string, Hex]>([
    ['nothing', '0x'],
    ['one byte', '0x01'],
    ['a word of two', padHex('0x02', { size: 32 })],
    ['two words', padHex('0x01', { size: 64 })],
  ])('a verdict of %s', async ([, value], { expect }) => {
    await using broken = await rpcDoor(here.url, { eth_call: result(value) })
    const account = await yesToAll(here.url)
    const claim = { account, hash, signature: await stranger.signMessage({ message }) }
    await expect(connect(broken.url).acceptsSignature(claim)).rejects.toThrow(ChainUnavailable)
  })

  test('nobody at the other end', async () => {
    const chain = connect(`http://127.0.0.1:${await freePort()}`)
    const claim = { account: owner.address, hash, signature: await stranger.signMessage({ message }) }
    await expect(chain.acceptsSignature(claim)).rejects.toThrow(ChainUnavailable)
  })

  test('a node that stumbles once is asked again', async () => {
    let stumbled = false
    const stumble: Fault = (response, id) => {
      if (stumbled) return result('0x')(response, id)
      stumbled = true
      response.writeHead(503).end()
    }
    await using broken = await rpcDoor(here.url, { eth_getCode: stumble })
    const claim = { account: owner.address, hash, signature: await stranger.signMessage({ message }) }
    expect(await connect(broken.url).acceptsSignature(claim)).toBe(false)
    expect(broken.asked).toEqual(['eth_chainId', 'eth_getCode', 'eth_getCode'])
  })
})

function compact(signature: Hex): Hex {
  const parity = signature.endsWith('1c') ? 1n << 255n : 0n
  return `${signature.slice(0, 66)}${toHex(BigInt(`0x${signature.slice(66, 130)}`) | parity, { size: 32 }).slice(2)}` as Hex
}

async function delegateTo(anvil: Anvil, account: ReturnType<typeof privateKeyToAccount>, delegate: Address) {
  const chain = defineChain({
    id: anvil.chainId,
    name: 'anvil',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [anvil.url] } },
  })
  await rpc(anvil.url, 'anvil_setBalance', [account.address, toHex(10n ** 20n)])
  const client = createWalletClient({ account, chain, transport: http() })
  const authorization = await client.signAuthorization({ contractAddress: delegate, executor: 'self' })
  const hash = await client.sendTransaction({ to: stranger.address, authorizationList: [authorization] })
  await eventually(async () => expect(await rpc(anvil.url, 'eth_getTransactionReceipt', [hash])).not.toBeNull())
  const code = await rpc<Hex>(anvil.url, 'eth_getCode', [account.address, 'latest'])
  expect(code).toBe(`0xef0100${delegate.slice(2).toLowerCase()}`)
}
