import { getAddress } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AttestationProvider, UnavailableReason } from '../../../server/gateways/attestations.ts'
import { type NodeDoor, type NodeFault, nodeKey } from './node-door.ts'
import { unavailableOf, wordsOf } from './unavailable.ts'

type Address = `0x${string}`

/** A provider, and somebody outside who makes what it tells of. */
export interface ProviderWorld extends AsyncDisposable {
  /** Before the node of the chain that the provider reads. */
  door: NodeDoor
  chainId: number
  issuer: Address
  connect(options?: { confirmations?: number; timeout?: number }): AttestationProvider
  /** Makes an attestation that is verified; `ends` seconds later it is not any more, where that is given. */
  verify(subject: Address, options?: { ends?: number }): Promise<void>
  /** The same by somebody who is not accepted. */
  verifyAsStranger(subject: Address): Promise<void>
  mine(blocks: number): Promise<void>
  passTime(seconds: number): Promise<void>
  reorg(depth: number): Promise<void>
}

const reasons: Record<NodeFault, UnavailableReason> = {
  down: 'unreachable',
  hang: 'timeout',
  stall: 'timeout',
  truncated: 'unreachable',
  failing: 'failing',
  page: 'unreadable',
  'not-rpc': 'unreadable',
  refusing: 'failing',
  reverting: 'failing',
  empty: 'unreadable',
  'other-chain': 'wrong_chain',
}

const somebody = () => privateKeyToAddress(generatePrivateKey())
const patience = () => AbortSignal.timeout(10_000)

/** What any attestation provider must do, whatever it is behind the port. */
export function attestationProviderContract(name: AttestationProvider['name'], start: () => Promise<ProviderWorld>) {
  describe(`${name} as an attestation provider`, () => {
    let world: ProviderWorld
    beforeAll(async () => {
      world = await start()
    })
    afterAll(() => world[Symbol.asyncDispose]())
    beforeEach(() => {
      world.door.fault = null
      world.door.rewrite = null
      world.door.asked.length = 0
    })

    test('has its name, and answers when it is pinged', async () => {
      const provider = world.connect()
      expect(provider.name).toBe(name)
      await provider.ping()
    })

    test('knows nothing of somebody it never heard of, which is an answer', async () => {
      expect(await world.connect().attestationsOf({ address: somebody() }, patience())).toEqual([])
    })

    test('tells of an attestation all that the port asks for, the same each time, however the address is written', async () => {
      const address = somebody()
      const before = Date.now()
      await world.verify(address)
      const provider = world.connect()
      const [attestation, ...others] = await provider.attestationsOf({ address }, patience())
      expect(others).toEqual([])
      expect(attestation).toMatchObject({
        provider: name,
        issuer: world.issuer,
        subject: { address, network: `eip155:${world.chainId}` },
        status: 'verified',
        expiresAt: null,
        revokedAt: null,
      })
      const { issuedAt, verifiedAt, evidence, attestationId, jurisdiction, level } = attestation!
      expect(Math.abs(issuedAt.getTime() - before)).toBeLessThan(120_000)
      expect(verifiedAt!.getTime()).toBeGreaterThanOrEqual(issuedAt.getTime())
      expect(jurisdiction === null || /^[A-Z]{2}$/.test(jurisdiction)).toBe(true)
      expect([0, 1, 2, 3]).toContain(level)
      expect(attestationId).toContain(evidence!.idHash)
      expect(evidence).toMatchObject({
        network: `eip155:${world.chainId}`,
        registry: getAddress(evidence!.registry),
        txHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        blockHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        blockNumber: expect.any(BigInt),
        finalized: true,
      })
      expect(evidence!.contradiction).toBeUndefined()

      const lower = address.toLowerCase() as Address
      expect(await provider.attestationsOf({ address: lower }, patience())).toEqual([attestation])
    })

    test('leaves out what strangers say, before and after', async () => {
      const address = somebody()
      await world.verifyAsStranger(address)
      expect(await world.connect().attestationsOf({ address }, patience())).toEqual([])
    })

    test('what is over is expired, and keeps its end', async () => {
      const address = somebody()
      await world.verify(address, { ends: 3_600 })
      const provider = world.connect()
      const [before] = await provider.attestationsOf({ address }, patience())
      expect(before).toMatchObject({ status: 'verified', expiresAt: expect.any(Date) })
      await world.passTime(3_601)
      const [after] = await provider.attestationsOf({ address }, patience())
      expect(after).toMatchObject({ status: 'expired', expiresAt: before!.expiresAt })
    })

    test('is not believed before it is deep enough; what a reorganization takes back is gone', async () => {
      const address = somebody()
      const [shallow, deep] = [world.connect({ confirmations: 1 }), world.connect({ confirmations: 3 })]
      const verified = async (provider: AttestationProvider) =>
        (await provider.attestationsOf({ address }, patience())).filter(({ status }) => status === 'verified').length

      await world.verify(address)
      expect([await verified(shallow), await verified(deep)]).toEqual([1, 0])
      await world.mine(1)
      expect(await verified(deep)).toBe(0)
      await world.mine(1)
      expect([await verified(shallow), await verified(deep)]).toEqual([1, 1])

      await world.reorg(3)
      expect([await verified(shallow), await verified(deep)]).toEqual([0, 0])
    })

    test.each(Object.entries(reasons) as [NodeFault, UnavailableReason][])(
      'a node that is %s: unavailable, "%s", never "no attestation"; afterwards it answers again',
      async (fault, reason) => {
        const [known, unknown] = [somebody(), somebody()]
        await world.verify(known)
        const provider = world.connect({ timeout: 150 })
        world.door.fault = fault
        for (const address of [known, unknown]) {
          const error = await unavailableOf(provider.attestationsOf({ address }, patience()))
          expect({ provider: error.provider, reason: error.reason }).toEqual({ provider: name, reason })
          expect(wordsOf(error)).not.toContain(nodeKey)
        }
        expect((await unavailableOf(provider.ping())).reason).toBe(reason)

        world.door.fault = null
        const patient = world.connect()
        expect(await patient.attestationsOf({ address: known }, patience())).toHaveLength(1)
        expect(await patient.attestationsOf({ address: unknown }, patience())).toEqual([])
      },
    )

    test.each([
      ['hang', 'timeout'],
      ['stall', 'timeout'],
      ['hang', 'aborted'],
      ['stall', 'aborted'],
    ] as const)('gives up when its caller does: a node that would %s, a caller who says %s', async (fault, reason) => {
      world.door.fault = fault
      const caller = new AbortController()
      const soon = setTimeout(() => caller.abort(), 100)
      const signal = reason === 'timeout' ? AbortSignal.timeout(100) : caller.signal
      const began = performance.now()
      const error = await unavailableOf(
        world.connect({ timeout: 20_000 }).attestationsOf({ address: somebody() }, signal),
      )
      clearTimeout(soon)
      expect(error.reason).toBe(reason)
      expect(performance.now() - began).toBeLessThan(1_500)
    })

    test('asks nobody for a caller who is gone already', async () => {
      const error = await unavailableOf(world.connect().attestationsOf({ address: somebody() }, AbortSignal.abort()))
      expect(error.reason).toBe('aborted')
      expect(world.door.asked).toEqual([])
    })

    test('reads everything at one block: blocks that come in between are not seen', async () => {
      const address = somebody()
      await world.verify(address)
      const states = new Set<string>()
      world.door.rewrite = ({ method, params }, result) => {
        if (method === 'eth_call') states.add(JSON.stringify(params[1]))
        return result
      }
      const [attestation] = await world.connect().attestationsOf({ address }, patience())
      expect([...states]).toEqual([
        JSON.stringify({ blockHash: attestation!.evidence!.blockHash, requireCanonical: true }),
      ])
    })

    test('a block that is gone by the next request is no answer at all', async () => {
      const address = somebody()
      await world.verify(address)
      world.door.rewrite = ({ method }, result) =>
        method === 'eth_getBlockByNumber' ? { ...(result as object), hash: `0x${'ab'.repeat(32)}` } : result
      expect((await unavailableOf(world.connect().attestationsOf({ address }, patience()))).reason).toBe('failing')
    })
  })
}
