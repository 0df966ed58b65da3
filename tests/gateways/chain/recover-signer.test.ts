import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { concat, type Hash, type Hex, hashMessage, numberToHex, recoverAddress, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { recoverSigner, signatureBackend } from '../../../server/gateways/chain/recover-signer.ts'
import { curveOrder, malleated, signatureOf } from './support/signatures.ts'

const key = privateKeyToAccount(generatePrivateKey())
const hash = hashMessage('hello')
const good = await key.signMessage({ message: 'hello' })
const { r, s, v } = { r: good.slice(2, 66), s: good.slice(66, 130), v: good.slice(130) }
const ours = { signer: key.address.toLowerCase(), malleable: false }

const hasBinding = ['linux-x64', 'darwin-arm64', 'win32-x64'].includes(`${process.platform}-${process.arch}`)
test.runIf(hasBinding)('libsecp256k1 runs where it comes built', () => {
  expect(signatureBackend).toBe('native')
})

test('the signer of a message', async () => {
  expect(await recoverSigner(hash, good)).toEqual(ours)
  expect(await recoverSigner(hash.toUpperCase().replace('0X', '0x') as Hash, good)).toEqual(ours)
})

test('v counts from 0 or from 27', async () => {
  const parity = (Number(`0x${v}`) - 27) as 0 | 1
  expect(await recoverSigner(hash, `0x${r}${s}0${parity}`)).toEqual(ours)
  expect((await recoverSigner(hash, `0x${r}${s}0${1 - parity}`))?.signer).not.toBe(ours.signer)
})

test('no other v is one', async () => {
  for (let byte = 0; byte < 256; byte++) {
    if ([0, 1, 27, 28].includes(byte)) continue
    expect(await recoverSigner(hash, signatureOf(`0x${r}`, `0x${s}`, byte))).toBeNull()
  }
})

test('the twin with the high s is of the same signer, and told apart', async () => {
  expect(await recoverSigner(hash, malleated(good))).toEqual({ ...ours, malleable: true })
})

test('the highest s that is low, and the lowest that is high', async () => {
  const half = curveOrder / 2n
  expect(await recoverSigner(hash, signatureOf(`0x${r}`, half, 27))).toMatchObject({ malleable: false })
  expect(await recoverSigner(hash, signatureOf(`0x${r}`, half + 1n, 27))).toMatchObject({ malleable: true })
})

describe('outside the curve’s order', () => {
  test.each([
    ['0', 0n],
    ['the order', curveOrder],
    ['above it', curveOrder + 1n],
    ['the highest number', 2n ** 256n - 1n],
  ])('r or s of %s', async (_, scalar) => {
    expect(await recoverSigner(hash, signatureOf(scalar, `0x${s}`, 27))).toBeNull()
    expect(await recoverSigner(hash, signatureOf(`0x${r}`, scalar, 27))).toBeNull()
  })

  test('an r that no point of the curve has', async () => {
    expect(await recoverSigner(hash, signatureOf(5n, 1n, 27))).toBeNull()
  })
})

test('anything but 65 bytes of signature and 32 of hash', async () => {
  const bytes = good.slice(2)
  for (const signature of [
    '0x',
    `0x${bytes.slice(0, 128)}`,
    `0x${bytes}00`,
    `0x${bytes}0`,
    `0x${bytes.slice(1)}`,
    bytes,
  ])
    expect(await recoverSigner(hash, signature as Hex)).toBeNull()
  expect(await recoverSigner(hash, `0x${'zz'.repeat(65)}`)).toBeNull()
  expect(await recoverSigner(hash, `${good}\n` as Hex)).toBeNull()
  for (const other of ['0x', hash.slice(0, -2), `${hash}00`, hash.slice(2)])
    expect(await recoverSigner(other as Hash, good)).toBeNull()
})

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => toHex(array))
const secret = fc.bigInt({ min: 1n, max: curveOrder - 1n }).map((value) => numberToHex(value, { size: 32 }))
const viemRecovers = (of: Hash, signature: Hex) =>
  recoverAddress({ hash: of, signature }).then(
    (address) => address.toLowerCase(),
    () => null,
  )

test('viem recovers the same key from every message that was signed', async () => {
  await fc.assert(
    fc.asyncProperty(secret, fc.string({ unit: 'binary' }), async (privateKey, message) => {
      const account = privateKeyToAccount(privateKey)
      const [of, signature] = [hashMessage(message), await account.signMessage({ message })]
      const recovered = await recoverSigner(of, signature)
      expect(recovered).toEqual({ signer: account.address.toLowerCase(), malleable: false })
      expect(recovered?.signer).toBe(await viemRecovers(of, signature))
    }),
  )
})

test('viem recovers the same from bytes that nobody signed', async () => {
  const someV = fc.constantFrom('0x00', '0x01', '0x1b', '0x1c', '0x1d', '0x02')
  await fc.assert(
    fc.asyncProperty(bytes(32), bytes(32), bytes(32), someV, async (of, anyR, anyS, anyV) => {
      const signature = concat([anyR, anyS, anyV as Hex])
      expect((await recoverSigner(of, signature))?.signer ?? null).toBe(await viemRecovers(of, signature))
    }),
  )
})

test('without the binding viem recovers, by the same rules', async () => {
  const module = new URL('../../../server/gateways/chain/recover-signer.ts', import.meta.url)
  const signatures = [
    good,
    malleated(good),
    signatureOf(0n, `0x${s}`, 27),
    signatureOf(`0x${r}`, curveOrder, 27),
    signatureOf(5n, 1n, 27),
    signatureOf(`0x${r}`, `0x${s}`, 29),
    '0x',
  ]
  const script = `
    const { recoverSigner, signatureBackend } = await import(${JSON.stringify(module.href)})
    const recovered = await Promise.all(${JSON.stringify(signatures)}.map((each) => recoverSigner('${hash}', each)))
    console.log(JSON.stringify({ signatureBackend, recovered }))`
  const options = ['--no-addons', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  expect(JSON.parse(stdout)).toEqual({
    signatureBackend: 'javascript',
    recovered: [ours, { ...ours, malleable: true }, null, null, null, null, null],
  })
})
