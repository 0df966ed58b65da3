import {
  type Address,
  createPublicClient,
  encodeFunctionData,
  type Hash,
  type Hex,
  http,
  zeroAddress,
  zeroHash,
} from 'viem'
import { sendAs } from '../chain/send-as.ts'
import { docusignRegistryAbi as abi } from '../contracts/attestation-abi.ts'
import { node, registries, validators } from './deploy-registries.ts'

/** The registry's numbers. */
export const statuses = ['initialized', 'registered', 'attested', 'confirmed', 'failed'] as const

export type Status = (typeof statuses)[number]
export type Proposal = Extract<Status, 'confirmed' | 'failed'>

export interface NewSettlement {
  idHash: Hash
  counterparty: Address
  sender: Address
  witness?: Address
  metadataHash?: Hash
  assetName?: string
  assetTag?: string
  geoId?: string
  jurisdiction?: string
  documentURI?: string
}

export interface Standing {
  status: Status
  finalized: boolean
  counterparty: Address
  sender: Address
  docHash: Hash
  agreeVotes: number
  disagreeVotes: number
}

export type Registry = ReturnType<typeof openRegistry>

/** The registry on a chain, as those act on it who may: whoever initializes, the node, and the validators. */
export function openRegistry(url: string) {
  const to = registries.docusign
  const chain = createPublicClient({ transport: http(url, { batch: true }), cacheTime: 0 })
  const contract = { address: to, abi } as const
  const asNode = (data: Hex) => sendAs(url, node, [{ to, data }]).then(([hash]) => hash!)

  return {
    /** Null where there is none. */
    async standing(idHash: Hash): Promise<Standing | null> {
      const args = [idHash] as const
      if (!(await chain.readContract({ ...contract, functionName: 'settlementExists', args }))) return null
      const [{ status, counterparty, sender, docHash }, finalized, agreeVotes, disagreeVotes] = await Promise.all([
        chain.readContract({ ...contract, functionName: 'getSettlement', args }),
        chain.readContract({ ...contract, functionName: 'isFinalized', args }),
        chain.readContract({ ...contract, functionName: 'agreeVotes', args }),
        chain.readContract({ ...contract, functionName: 'disagreeVotes', args }),
      ])
      return {
        status: statuses[status]!,
        finalized,
        counterparty,
        sender,
        docHash,
        agreeVotes: Number(agreeVotes),
        disagreeVotes: Number(disagreeVotes),
      }
    },

    async initialize({ idHash, counterparty, sender, ...given }: NewSettlement): Promise<Hash> {
      const { assetName = '', assetTag = '', geoId = '', jurisdiction = '', documentURI = '' } = given
      const { metadataHash = zeroHash, witness = zeroAddress } = given
      const data = encodeFunctionData({
        abi,
        functionName: 'initAttest',
        args: [idHash, metadataHash, assetName, assetTag, geoId, jurisdiction, documentURI, counterparty, witness],
      })
      const [hash] = await sendAs(url, sender, [{ to, data }])
      return hash!
    },

    register: (idHash: Hash, docHash: Hash) =>
      asNode(encodeFunctionData({ abi, functionName: 'registerSettlement', args: [idHash, docHash] })),

    attest: (idHash: Hash) => asNode(encodeFunctionData({ abi, functionName: 'attest', args: [idHash] })),

    /** The status is as proposed from here on, and not final: what it was before is forgotten, the votes too. */
    propose: (idHash: Hash, proposal: Proposal, docHash: Hash) =>
      asNode(
        encodeFunctionData({
          abi,
          functionName: 'postProof',
          args: [idHash, statuses.indexOf(proposal), 0n, docHash],
        }),
      ),

    /** Up to so many validators vote who have not yet, as long as it is not final. */
    async vote(idHash: Hash, { agree, count }: { agree: boolean; count: number }): Promise<Hash[]> {
      const hashes: Hash[] = []
      for (const validator of validators) {
        const [finalized, round, voted] = await Promise.all([
          chain.readContract({ ...contract, functionName: 'isFinalized', args: [idHash] }),
          chain.readContract({ ...contract, functionName: 'proposalNonce', args: [idHash] }),
          chain.readContract({ ...contract, functionName: 'lastVotedNonce', args: [idHash, validator] }),
        ])
        if (finalized || hashes.length >= count) break
        if (voted === round) continue
        const data = encodeFunctionData({ abi, functionName: 'voteOnSettlement', args: [idHash, agree] })
        hashes.push(...(await sendAs(url, validator, [{ to, data }])))
      }
      return hashes
    },
  }
}
