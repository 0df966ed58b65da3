import { type Address, encodeEventTopics, type Hash, isAddressEqual } from 'viem'
import { AttestationsUnavailable } from '../attestations.ts'
import { type ChainView, dateOf } from '../chain/chain-view.ts'
import { docusignRegistryAbi as abi } from './registry-abi.ts'
import { type SettlementStatus, settlementStatus } from './schemas.ts'

/** A settlement as its registry holds it. */
export interface RegistrySettlement {
  idHash: Hash
  /** What the owner proposed. It is so before anybody has voted: `finalized` tells whether they have. */
  status: SettlementStatus
  finalized: boolean
  agreeVotes: bigint
  disagreeVotes: bigint
  /** Who initialized it. */
  sender: Address
  jurisdiction: string
  assetTag: string
  docHash: Hash
  timestamp: Date
  /** Where the registry said that it is final; null where the node does not tell. `at` where it tells that too. */
  validated: { txHash: Hash; at: Date | null } | null
}

/** Anybody may initialize settlements about anybody: more than this is somebody's flood, and not read. */
const most = 1_000

/** How far back the transaction is looked for that made a settlement final: nodes answer over no longer ranges. */
const lookBack = 2_000n

/**
 * The settlements whose counterparty the subject is and that one of the issuers initialized, oldest first.
 *
 * @throws AttestationsUnavailable, ChainViewFailed
 */
export async function readSettlements(
  view: ChainView,
  registry: Address,
  subject: Address,
  issuers: readonly Address[],
): Promise<RegistrySettlement[]> {
  const contract = { address: registry, abi } as const
  const [ids] = await view.call([{ ...contract, functionName: 'getSettlementsByCounterparty', args: [subject] }])
  if (ids.length > most)
    throw new AttestationsUnavailable(
      'chainsettle',
      'too_many',
      `There are ${ids.length} settlements about the subject`,
    )

  const participants = await view.call(
    ids.map((idHash) => ({ ...contract, functionName: 'getSettlementParticipants', args: [idHash] }) as const),
  )
  const accepted = ids.filter((_, index) => issuers.some((issuer) => isAddressEqual(issuer, participants[index]![0])))
  const settlements = await Promise.all(accepted.map((idHash) => readSettlement(view, registry, subject, idHash)))

  const proofs = await findProofs(view, registry, settlements)
  return settlements.map((settlement) => ({ ...settlement, validated: proofs.get(settlement.idHash) ?? null }))
}

async function readSettlement(view: ChainView, registry: Address, subject: Address, idHash: Hash) {
  const call = { address: registry, abi, args: [idHash] } as const
  const [settlement, status, finalized, agreeVotes, disagreeVotes] = await view.call([
    { ...call, functionName: 'getSettlement' },
    { ...call, functionName: 'getSettlementStatus' },
    { ...call, functionName: 'isFinalized' },
    { ...call, functionName: 'agreeVotes' },
    { ...call, functionName: 'disagreeVotes' },
  ])
  const known = settlementStatus.safeParse(status)
  // the numbers have meant other things in other generations: a contract that differs in one thing is believed in none
  if (!known.success || settlement.status !== status || !isAddressEqual(settlement.counterparty, subject))
    throw new AttestationsUnavailable(
      'chainsettle',
      'unreadable',
      `The registry ${registry} answers with what no registry we know would`,
    )
  const { sender, jurisdiction, assetTag, docHash, timestamp } = settlement
  return {
    idHash,
    status: known.data,
    finalized,
    agreeVotes,
    disagreeVotes,
    sender,
    jurisdiction,
    assetTag,
    docHash,
    timestamp: dateOf(timestamp),
  }
}

/** The last transaction that made each of them final. */
async function findProofs(
  view: ChainView,
  address: Address,
  settlements: readonly { idHash: Hash; finalized: boolean }[],
): Promise<Map<Hash, { txHash: Hash; at: Date | null }>> {
  const finals = settlements.filter(({ finalized }) => finalized).map(({ idHash }) => idHash)
  if (finals.length === 0) return new Map()
  const [event] = encodeEventTopics({ abi, eventName: 'SettlementValidated' })
  const logs = await view.logs({ address, topics: [event, finals], blocks: lookBack })
  return new Map(
    logs.flatMap(({ topics, transactionHash, blockTimestamp }) => {
      const idHash = topics[1]
      if (!idHash || !transactionHash) return []
      return [[idHash, { txHash: transactionHash, at: blockTimestamp ? dateOf(BigInt(blockTimestamp)) : null }]]
    }),
  )
}
