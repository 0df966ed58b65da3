import { eip3009ABI } from '@x402/evm'
import {
  type Address,
  BaseError,
  createPublicClient,
  domainSeparator,
  encodeFunctionData,
  type Hash,
  type Hex,
  hashTypedData,
  numberToHex,
  parseAbi,
  parseAbiItem,
  parseErc6492Signature,
  RpcRequestError,
} from 'viem'
import type { Call } from '../wallet-provider.ts'
import { type Chain, ChainUnavailable, LOOK_BACK } from './chain.ts'

/** A transfer that its payer has signed, for anybody to bring to the chain once (EIP-3009). `value` is in base units, times in seconds. */
export interface TransferAuthorization {
  from: Address
  to: Address
  value: bigint
  validAfter: bigint
  validBefore: bigint
  /** 32 bytes, of the payer's choice. */
  nonce: Hash
}

/** What a token's signatures are bound to (EIP-712), beside its chain and address. */
export interface TokenDomain {
  name: string
  version: string
}

const types = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

const tokenAbi = parseAbi([
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
  'function balanceOf(address) view returns (uint256)',
  'function authorizationState(address, bytes32) view returns (bool)',
])

const authorizationUsed = parseAbiItem('event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)')

const batchAbi = parseAbi([
  'struct Call3 { address target; bool allowFailure; bytes callData; }',
  'function aggregate3(Call3[] calls) payable returns ((bool success, bytes returnData)[])',
])

/** Multicall3, at its address on every chain that has it: makes several calls as nobody in particular. */
export const batchAddress: Address = '0xcA11bde05977b3631167028862bE2a173976CA11'

/** The hash that the payer signs. */
export const authorizationHash = (
  chainId: number,
  token: Address,
  domain: TokenDomain,
  message: TransferAuthorization,
): Hash =>
  hashTypedData({
    domain: { ...domain, chainId, verifyingContract: token },
    types,
    primaryType: 'TransferWithAuthorization',
    message,
  })

/**
 * The call that makes the transfer, whoever sends it. By the parts of the signature where a key has signed, as every such token takes it; by its
 * bytes where a contract has to say. A wallet that is not made yet is made before, in one call with it: by a contract that stands for nobody,
 * so that what its signature has us call has nobody's rights.
 */
export function authorizedTransfer(
  token: Address,
  { from, to, value, validAfter, validBefore, nonce }: TransferAuthorization,
  { signature, isKey, isMade }: { signature: Hex; isKey: boolean; isMade: boolean },
): Call {
  const terms = [from, to, value, validAfter, validBefore, nonce] as const
  if (isKey) {
    const v = Number.parseInt(signature.slice(130), 16)
    const parts = [v < 27 ? v + 27 : v, `0x${signature.slice(2, 66)}`, `0x${signature.slice(66, 130)}`] as const
    const data = encodeFunctionData({
      abi: eip3009ABI,
      functionName: 'transferWithAuthorization',
      args: [...terms, ...parts],
    })
    return { to: token, value: 0n, data }
  }
  const { address: factory, data: factoryData, signature: bare } = parseErc6492Signature(signature)
  const data = encodeFunctionData({
    abi: eip3009ABI,
    functionName: 'transferWithAuthorization',
    args: [...terms, bare],
  })
  if (isMade || !factory || !factoryData) return { to: token, value: 0n, data }
  const calls = [
    // somebody else may have made it meanwhile
    { target: factory, allowFailure: true, callData: factoryData },
    { target: token, allowFailure: false, callData: data },
  ]
  return {
    to: batchAddress,
    value: 0n,
    data: encodeFunctionData({ abi: batchAbi, functionName: 'aggregate3', args: [calls] }),
  }
}

/** What a chain's tokens say about authorized transfers. Every method throws `ChainUnavailable` when the chain does not answer. */
export interface AuthorizedTransfers {
  /** Null: the token takes no authorizations, or none that others could sign. Asked once, and remembered. */
  domain(token: Address): Promise<TokenDomain | null>
  /** Whether the chain would make the call now, without making it. */
  wouldSucceed(sender: Address, call: Call): Promise<boolean>
  /** What the payer has, and whether the authorization was used or taken back. */
  standing(token: Address, authorization: TransferAuthorization): Promise<{ balance: bigint; isUsed: boolean }>
  /** The chain transaction that has used the authorization, whoever sent it: looked for in the last `LOOK_BACK` blocks. */
  whereUsed(token: Address, authorization: Pick<TransferAuthorization, 'from' | 'nonce'>): Promise<Hash | null>
  /** Whether there is a contract at this address. */
  hasCode(address: Address): Promise<boolean>
}

export function authorizedTransfers(chain: Chain): AuthorizedTransfers {
  const client = createPublicClient({ transport: chain.rpc.transports.batched, cacheTime: 0 })
  const domains = new Map<Address, Promise<TokenDomain | null>>()

  const ask = async <T>(question: string, answer: () => Promise<T>): Promise<T> => {
    try {
      return await answer()
    } catch (error) {
      throw new ChainUnavailable(`Chain ${chain.chainId} did not answer ${question}.`, {
        cause: new Error(error instanceof Error ? error.name : 'no reason'),
      })
    }
  }

  async function readDomain(token: Address): Promise<TokenDomain | null> {
    const read = <Name extends 'name' | 'version' | 'DOMAIN_SEPARATOR'>(functionName: Name) =>
      client.readContract({ address: token, abi: tokenAbi, functionName })
    return Promise.all([read('name'), read('version'), read('DOMAIN_SEPARATOR')]).then(
      ([name, version, separator]) => {
        const ours = domainSeparator({ domain: { name, version, chainId: chain.chainId, verifyingContract: token } })
        return ours === separator ? { name, version } : null
      },
      (error) => {
        if (isRefusal(error)) return null
        throw error
      },
    )
  }

  return {
    domain(token) {
      const known = domains.get(token)
      if (known) return known
      const asked = ask('what a token signs for', () => readDomain(token))
      domains.set(token, asked)
      asked.catch(() => domains.delete(token))
      return asked
    },

    wouldSucceed: (sender, { to, value, data }) =>
      ask('whether a transfer would be made', async () => {
        try {
          await client.request({
            method: 'eth_call',
            params: [{ from: sender, to, data, value: numberToHex(value) }, 'latest'],
          })
          return true
        } catch (error) {
          if (isRefusal(error)) return false
          throw error
        }
      }),

    standing: (token, { from, nonce }) =>
      ask('what a payer has', async () => {
        const [balance, isUsed] = await Promise.all([
          client.readContract({ address: token, abi: tokenAbi, functionName: 'balanceOf', args: [from] }),
          client.readContract({
            address: token,
            abi: tokenAbi,
            functionName: 'authorizationState',
            args: [from, nonce],
          }),
        ])
        return { balance, isUsed }
      }),

    whereUsed: (token, { from, nonce }) =>
      ask('where an authorization was used', async () => {
        const latest = await client.getBlockNumber()
        const [log] = await client.getLogs({
          address: token,
          event: authorizationUsed,
          args: { authorizer: from, nonce },
          fromBlock: latest > LOOK_BACK ? latest - LOOK_BACK : 0n,
          toBlock: latest,
          strict: true,
        })
        return log?.transactionHash ?? null
      }),

    hasCode: (address) => ask('for code', async () => (await client.getCode({ address })) !== undefined),
  }
}

/** Whether the chain has answered, and it was a no: the contract reverts, or is none. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false
  const refusal = error.walk((cause) => cause instanceof RpcRequestError) as RpcRequestError | null
  if (refusal) return refusal.code === 3 || /revert|invalid opcode|out of gas/i.test(refusal.details)
  return error.walk((cause) => (cause as Error).name === 'ContractFunctionZeroDataError') !== null
}
