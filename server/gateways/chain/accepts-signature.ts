import {
  type Address,
  concat,
  encodeDeployData,
  erc6492SignatureValidatorAbi,
  erc6492SignatureValidatorByteCode,
  type Hash,
  type Hex,
  isHex,
  type PublicClient,
} from 'viem'
import { recoverSigner } from './recover-signer.ts'

/** That this account signed this hash. */
export interface SignatureClaim {
  account: Address
  hash: Hash
  signature: Hex
}

/** In bytes. The wrapped signatures of wallets that are not deployed yet take kilobytes. */
export const LONGEST_SIGNATURE = 16 * 1024
/** In bytes: the validator takes nothing shorter. */
const SHORTEST_SIGNATURE = 32

/**
 * What can be said of the claim without a chain: true for a signature by the account's own key, false for the malleable
 * twin of one and for what is no signature of any kind. Null where only the chain can tell.
 */
export async function acceptedByKey({ account, hash, signature }: SignatureClaim): Promise<boolean | null> {
  const recovered = await recoverSigner(hash, signature)
  if (recovered?.signer === account.toLowerCase()) return !recovered.malleable
  const bytes = (signature.length - 2) / 2
  const tooLongOrShort = bytes < SHORTEST_SIGNATURE || bytes > LONGEST_SIGNATURE
  return tooLongOrShort || !Number.isInteger(bytes) || !isHex(signature) ? false : null
}

/**
 * Asks the account's contract (ERC-1271), making it first where the signature tells how (ERC-6492). Nothing on the chain
 * changes. What the contract says is believed; a revert is a no, and so is running out of gas.
 *
 * @throws whatever keeps the node from answering
 */
export async function acceptedByContract(
  client: PublicClient,
  { account, hash, signature }: SignatureClaim,
): Promise<boolean> {
  // for both questions and their repetitions: a node may ask for any delay before the next
  const inTime = { signal: AbortSignal.timeout(8_000) }
  if (!signature.endsWith(counterfactual)) {
    const code: unknown = await client.request({ method: 'eth_getCode', params: [account, 'latest'] }, inTime)
    if (code === '0x') return false
    if (!isHex(code)) throw new Error('The node answered with something that is not code')
  }
  const validation = encodeDeployData({
    abi: erc6492SignatureValidatorAbi,
    bytecode: erc6492SignatureValidatorByteCode,
    args: [account, hash, signature],
  })
  // no gas limit of ours: some wallets take a call for a real transaction unless it may use more gas than a block has
  const call = { data: concat([contained, validation]) }
  const answer: unknown = await client.request({ method: 'eth_call', params: [call, 'latest'] }, inTime)
  if (answer !== yes && answer !== no) throw new Error('The node answered with something that is neither yes nor no')
  return answer === yes
}

const counterfactual = '6492'.repeat(16)
const yes = `0x${'01'.padStart(64, '0')}`
const no = `0x${'00'.padStart(64, '0')}`

/**
 * Code to put before other code that makes a contract: runs it inside a CREATE and returns the first byte of what it
 * made, as a word; zero where it made nothing. The validator makes one byte, 1 or 0, or reverts. Run by itself, its revert
 * would reach us as a JSON-RPC error, and nodes word those as they like: a refusal by the wallet could not be told from a
 * failure of the node.
 */
const contained: Hex = concat([
  '0x6021803803', // size of the other code: CODESIZE less the 0x21 bytes of this
  '0x8091600039', // CODECOPY it to memory
  '0x60006000f0', // CREATE
  '0x6000600052', // a zero word
  '0x60016000601f833c', // EXTCODECOPY the first byte of what was made to the word's end
  '0x60206000f3', // RETURN the word
])
