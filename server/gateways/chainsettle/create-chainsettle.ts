import { type Address, getAddress, type Hash } from 'viem'
import {
  type AssuranceLevel,
  type AttestationProvider,
  type ComplianceAttestation,
  newestFirst,
} from '../attestations.ts'
import { chainViews } from '../chain/chain-view.ts'
import type { RpcUrl } from '../chain/rpc.ts'
import { guarded } from '../guarded.ts'
import { type ChainsettleClient, createClient, type Generation } from './client.ts'
import { contradictionOf } from './contradiction.ts'
import { ChainsettleError } from './errors.ts'
import { readSettlements } from './read-settlements.ts'
import { docusignRegistryAbi as abi } from './registry-abi.ts'
import { toAttestation } from './to-attestation.ts'
import { createTransport } from './transport.ts'

/** A registry of settlements of the type docusign. Chainsettle has none on Avalanche: the chain is whichever it is deployed on. */
export interface RegistryOptions {
  chainId: number
  rpcUrl: RpcUrl
  docusign: Address
  /** How many blocks deep it is read: 1 is the newest block. 1 by default. */
  confirmations?: number
}

export interface ChainsettleOptions {
  /**
   * Where its HTTP interface is, such as `https://app.chainsettle.tech`. Null reads the chain alone. Where there is one, it has to answer:
   * what it says is compared with the chain and never believed against it.
   */
  baseUrl: string | null
  /** 2 by default. The third answers for its health alone; its settlements are compared with nothing. */
  generation?: Generation
  /** At least one. All of them have to answer. */
  registries: readonly RegistryOptions[]
  /**
   * Whose settlements count: the accounts that initialize them. Those of anybody else are left out. Never Chainsettle's own node: over HTTP
   * it initializes settlements about anybody, for anybody who asks, without credentials.
   */
  issuers: readonly Address[]
  /**
   * What the issuers write into a settlement's `assetTag`, and the level that this is here, such as `{"kyc-basic":1,"kyc-full":2}`. A settlement
   * with any other tag says nothing about who somebody is: its kind is `settlement`, its level 0.
   */
  levels: Readonly<Record<string, AssuranceLevel>>
  /** Seconds that a settlement is good for. The registry knows no end; null, the default, leaves it to the policy. */
  validity?: number | null
  /** Milliseconds for one request, to Chainsettle or to a node: 5,000 by default. */
  timeout?: number
  now?: () => Date
}

export interface Chainsettle extends AttestationProvider {
  readonly name: 'chainsettle'
  /** Its HTTP interface, below the port; null where none is configured. */
  readonly client: ChainsettleClient | null
  /**
   * Whom a settlement is about, so that a hint about it can have them read again. Null where no registry knows it.
   *
   * @throws AttestationsUnavailable
   */
  subjectOf(idHash: Hash, signal: AbortSignal): Promise<Address | null>
}

/**
 * Attestations out of Chainsettle's settlements.
 *
 * Chainsettle does no KYC. It has no check of identity, of sanctions or of residence, no levels, no expiry and no revocation. What it
 * attests, for the type docusign, is that a document was signed, and that its validators agreed. Whatever that says about a person is
 * said by the issuer who initialized the settlement with the person's wallet as the counterparty: they write the level into `assetTag`
 * and a label into `jurisdiction`, which nobody checks. So an attestation from here is as good as its issuer, and the list of issuers
 * is what makes it mean anything. When it ends, and whether it was withdrawn, is for the policy and our own records to say.
 *
 * The chain decides. A settlement is verified when a registry, read at one block that is deep enough, calls it confirmed and final, and
 * its validators did not outvote it.
 *
 * @throws RangeError without a registry, or with a number of confirmations below 1
 */
export function createChainsettle(options: ChainsettleOptions): Chainsettle {
  const { generation = 2, timeout = 5_000, validity = null, levels, now = () => new Date() } = options
  if (options.registries.length === 0) throw new RangeError('Chainsettle needs a registry at least')
  const client = options.baseUrl
    ? createClient(createTransport({ baseUrl: options.baseUrl, timeout }), generation)
    : null
  const registries = options.registries.map(({ chainId, rpcUrl, docusign, confirmations = 1 }) => ({
    chainId,
    address: getAddress(docusign),
    view: chainViews({ chainId, rpcUrl, confirmations, timeout }),
  }))

  type Registry = (typeof registries)[number]

  async function attestationsIn(registry: Registry, subject: Address, signal: AbortSignal) {
    const view = await registry.view(signal)
    const settlements = await readSettlements(view, registry.address, subject, options.issuers)
    const place = {
      chainId: registry.chainId,
      registry: registry.address,
      subject,
      view,
      now: new Date(Math.max(now().getTime(), view.time.getTime())),
    }
    return Promise.all(
      settlements.map(async (settlement): Promise<ComplianceAttestation> => {
        const comparable = client && generation === 2
        const contradiction = comparable ? await contradictionOf(client, settlement, signal) : null
        return toAttestation(settlement, { levels, validity }, place, contradiction)
      }),
    )
  }

  async function subjectIn(registry: Registry, idHash: Hash, signal: AbortSignal): Promise<Address | null> {
    const view = await registry.view(signal)
    const call = { address: registry.address, abi, args: [idHash] } as const
    const [exists] = await view.call([{ ...call, functionName: 'settlementExists' }])
    if (!exists) return null
    const [[, counterparty]] = await view.call([{ ...call, functionName: 'getSettlementParticipants' }])
    return counterparty
  }

  async function answersAsConfigured(registry: Registry, signal: AbortSignal) {
    const view = await registry.view(signal)
    await view.call([{ address: registry.address, abi, functionName: 'getValidatorCount' }])
  }

  async function isHealthy(signal: AbortSignal) {
    const health = await client?.health({ signal })
    if (health && health.status !== 'ok')
      throw new ChainsettleError('unavailable', 'failing', 'Chainsettle says of itself that it is not well')
  }

  return {
    name: 'chainsettle',
    client,

    attestationsOf: ({ address }, signal) =>
      guarded('chainsettle', signal, async () => {
        const subject = getAddress(address)
        const found = await Promise.all(registries.map((registry) => attestationsIn(registry, subject, signal)))
        return newestFirst(found.flat())
      }),

    subjectOf: (idHash, signal) =>
      guarded('chainsettle', signal, async () => {
        const found = await Promise.all(registries.map((registry) => subjectIn(registry, idHash, signal)))
        return found.find((subject) => subject !== null) ?? null
      }),

    ping() {
      const signal = AbortSignal.timeout(2 * timeout)
      return guarded('chainsettle', signal, async () => {
        await Promise.all([isHealthy(signal), ...registries.map((registry) => answersAsConfigured(registry, signal))])
      })
    },
  }
}
