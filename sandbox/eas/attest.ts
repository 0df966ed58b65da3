import {
  type Address,
  createPublicClient,
  encodeAbiParameters,
  encodeFunctionData,
  type Hash,
  type Hex,
  http,
  parseEventLogs,
  zeroHash,
} from 'viem'
import { sendAs } from '../chain/send-as.ts'
import { easAbi, indexerAbi } from '../contracts/attestation-abi.ts'
import { attester, easContracts } from './deploy-eas.ts'

/** Coinbase's schemas on Base, by what they say. */
export const schemas = {
  'bool verifiedAccount': '0xf8b05c79f090979bf4a80270aba232dff11a10d9ca55c4f88de95317970f0de9',
  'string verifiedCountry': '0x1801901fabd0e6189356b4fb52bb0ab855276d84f7ec140839fbd1f6801ca065',
} as const satisfies Record<string, Hash>

export type Said =
  | { 'bool verifiedAccount': boolean }
  | { 'string verifiedCountry': string }
  | { data: Hex; schema: Hash }

export interface NewAttestation {
  recipient: Address
  said: Said
  /** Null, the default, is never. */
  expiresAt?: Date | null
  /** The sandbox's own by default. */
  attester?: Address
}

/** Attests something about somebody and has the indexer know it. Answers with its uid. */
export async function attest(url: string, given: NewAttestation): Promise<Hash> {
  const { recipient, said, expiresAt = null, attester: from = attester } = given
  const expirationTime = BigInt(expiresAt === null ? 0 : Math.floor(expiresAt.getTime() / 1000))
  const data = encodeFunctionData({
    abi: easAbi,
    functionName: 'attest',
    args: [encode(said, { recipient, expirationTime })],
  })
  const [hash] = await sendAs(url, from, [{ to: easContracts.eas, data }])
  const receipt = await createPublicClient({ transport: http(url) }).getTransactionReceipt({ hash: hash! })
  const [attested] = parseEventLogs({ abi: easAbi, eventName: 'Attested', logs: receipt.logs })
  const { uid } = attested!.args
  const indexing = encodeFunctionData({ abi: indexerAbi, functionName: 'index', args: [uid] })
  await sendAs(url, from, [{ to: easContracts.indexer, data: indexing }])
  return uid
}

/** Takes an attestation back. It stays indexed. */
export async function revoke(
  url: string,
  { uid, schema, attester: from = attester }: { uid: Hash; schema: keyof typeof schemas; attester?: Address },
): Promise<void> {
  const request = { schema: schemas[schema], data: { uid, value: 0n } }
  const data = encodeFunctionData({ abi: easAbi, functionName: 'revoke', args: [request] })
  await sendAs(url, from, [{ to: easContracts.eas, data }])
}

function encode(said: Said, rest: { recipient: Address; expirationTime: bigint }) {
  const [schema, data]: [Hash, Hex] =
    'schema' in said
      ? [said.schema, said.data]
      : 'bool verifiedAccount' in said
        ? [schemas['bool verifiedAccount'], encodeAbiParameters([{ type: 'bool' }], [said['bool verifiedAccount']])]
        : [
            schemas['string verifiedCountry'],
            encodeAbiParameters([{ type: 'string' }], [said['string verifiedCountry']]),
          ]
  return { schema, data: { ...rest, revocable: true, refUID: zeroHash, data, value: 0n } }
}
