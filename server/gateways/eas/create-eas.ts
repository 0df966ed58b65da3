import { type Address, encodeEventTopics, getAddress, type Hash, isAddressEqual, pad, zeroHash } from 'viem'
import { type AttestationProvider, AttestationsUnavailable, newestFirst } from '../attestations.ts'
import { type ChainView, chainViews } from '../chain/chain-view.ts'
import type { RpcUrl } from '../chain/rpc.ts'
import { guarded } from '../guarded.ts'
import { easAbi, indexerAbi } from './abi.ts'
import type { EasSchema } from './schemas.ts'
import { toAttestation } from './to-attestation.ts'

export interface EasOptions {
  chainId: number
  rpcUrl: RpcUrl
  /** How many blocks deep it is read: 1 is the newest block. 1 by default. */
  confirmations?: number
  /** The attestation service; a predeploy on the chains of the OP Stack. */
  eas: Address
  /** Who finds the attestations about somebody, such as Coinbase's indexer. It knows the newest of each schema. */
  indexer: Address
  schemas: readonly EasSchema[]
  /** Whose attestations count. Those of anybody else are left out. */
  attesters: readonly Address[]
  /** Milliseconds for one request to the node: 5,000 by default. */
  timeout?: number
  now?: () => Date
}

/** How far back the transaction is looked for that made an attestation: nodes answer over no longer ranges. */
const lookBack = 2_000n

/**
 * Attestations of the Ethereum Attestation Service, found by an indexer: such as Coinbase's that somebody has a verified account and a
 * country of residence. Each is one attestation here, of the kind that its schema is configured with; those of the country have the kind
 * `jurisdiction`. Expiry and revocation are the attester's own and are told as they are.
 *
 * Coinbase tells that its attestations say what held when they were made and may lag behind, and that nobody may rely on them for
 * compliance: whether they are enough is for the policy to say.
 *
 * @throws RangeError without a schema, or with a number of confirmations below 1
 */
export function createEas(options: EasOptions): AttestationProvider {
  const { chainId, rpcUrl, schemas, attesters, confirmations = 1, timeout = 5_000, now = () => new Date() } = options
  if (schemas.length === 0) throw new RangeError('Attestations need a schema at least')
  const look = chainViews({ chainId, rpcUrl, confirmations, timeout })
  const [eas, indexer] = [getAddress(options.eas), getAddress(options.indexer)]

  const uidOf = (recipient: Address, schema: Hash) =>
    ({ address: indexer, abi: indexerAbi, functionName: 'getAttestationUid', args: [recipient, schema] }) as const
  const attestation = (uid: Hash) =>
    ({ address: eas, abi: easAbi, functionName: 'getAttestation', args: [uid] }) as const

  async function read(recipient: Address, signal: AbortSignal) {
    const view = await look(signal)
    const uids = await view.call(schemas.map(({ uid }) => uidOf(recipient, uid)))
    const indexed = schemas.flatMap((schema, index) => {
      const uid = uids[index]!
      return uid === zeroHash ? [] : [{ schema, uid }]
    })
    const attestations = await view.call(indexed.map(({ uid }) => attestation(uid)))
    const accepted = indexed.flatMap(({ schema, uid }, index) => {
      const found = attestations[index]!
      if (found.uid !== uid || found.schema !== schema.uid || !isAddressEqual(found.recipient, recipient))
        throw new AttestationsUnavailable(
          'eas',
          'unreadable',
          `The indexer ${indexer} names attestations of something else`,
        )
      return attesters.some((attester) => isAddressEqual(attester, found.attester)) ? [{ schema, found }] : []
    })
    if (accepted.length === 0) return []
    const transactions = await findTransactions(view, recipient)
    const place = { chainId, eas, view, now: new Date(Math.max(now().getTime(), view.time.getTime())) }
    return accepted.map(({ schema, found }) =>
      toAttestation(found, schema, { ...place, txHash: transactions.get(found.uid) ?? null }),
    )
  }

  async function findTransactions(view: ChainView, recipient: Address): Promise<Map<Hash, Hash>> {
    const [event] = encodeEventTopics({ abi: easAbi, eventName: 'Attested' })
    const logs = await view.logs({ address: eas, topics: [event, pad(recipient)], blocks: lookBack })
    return new Map(logs.flatMap(({ data, transactionHash }) => (transactionHash ? [[data, transactionHash]] : [])))
  }

  return {
    name: 'eas',

    attestationsOf: ({ address }, signal) =>
      guarded('eas', signal, async () => newestFirst(await read(getAddress(address), signal))),

    ping() {
      const signal = AbortSignal.timeout(2 * timeout)
      return guarded('eas', signal, async () => {
        const view = await look(signal)
        await view.call([attestation(zeroHash), uidOf(eas, schemas[0]!.uid)])
      })
    },
  }
}
