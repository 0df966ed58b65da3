import {
  type Address,
  BaseError,
  BlockNotFoundError,
  createPublicClient,
  erc20Abi,
  type Hash,
  type Hex,
  type Log,
  parseAbiItem,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
} from 'viem'
import { acceptedByContract, acceptedByKey, type SignatureClaim } from './accepts-signature.ts'
import { readAllowList, type SenderRole } from './allow-list.ts'
import { connectRpc, type Rpc, type RpcUrl } from './rpc.ts'

/** Where a chain is, and when it is believed. */
export interface ChainOptions {
  chainId: number
  rpcUrl: RpcUrl
  /** Blocks that must carry or follow a transaction before it settles a payment; at least 1. */
  confirmations: number
  /** Blocks after which a settled transaction is no longer looked at again. */
  finality: number
  /** The ERC-4337 entry points whose events tell what became of a user operation. */
  entryPoints: readonly Address[]
  /** Whether only senders on the list of its precompile may put transactions on it; not by default. */
  txAllowList?: boolean
  /** Who of Crossmint's puts transactions of custodial wallets on it, where that is known. */
  crossmintSenders?: readonly Address[]
}

/** What a chain says about one transaction. */
export interface Receipt {
  transactionHash: Hash
  blockNumber: bigint
  blockHash: Hash
  succeeded: boolean
  logs: readonly Log[]
}

/** ERC-20 transfers that are looked for. */
export interface TransferFilter {
  token: Address
  from: Address
  to: Address
  /** In base units. */
  amount: bigint
}

/** How a user operation ended, by the entry point's event. */
export interface UserOperation {
  userOperationHash: Hash
  transactionHash: Hash
  succeeded: boolean
}

/** One chain, read over JSON-RPC. Every method throws `ChainUnavailable` when the chain does not answer. */
export interface Chain extends ChainOptions {
  blockNumber(): Promise<bigint>
  balanceOf(token: Address, holder: Address): Promise<bigint>
  /** Symbol and decimals of an ERC-20 token, or null if there is none at this address. */
  token(address: Address): Promise<{ symbol: string; decimals: number } | null>
  /** Null while no block carries the transaction. */
  receipt(hash: Hash): Promise<Receipt | null>
  /** The calldata of a chain transaction, waiting or in a block. Null where the node knows none of this hash. */
  input(hash: Hash): Promise<Hex | null>
  /** The chain transactions of these blocks, both ends included, whose logs show such a transfer: oldest first, each once. */
  transfers(filter: TransferFilter, fromBlock: bigint, toBlock: bigint): Promise<Hash[]>
  /** The user operations that ended in these blocks, both ends included. */
  userOperations(fromBlock: bigint, toBlock: bigint): Promise<UserOperation[]>
  /** What became of one user operation, looked for in the last `LOOK_BACK` blocks. Null if no block carries it. */
  userOperation(hash: Hash): Promise<UserOperation | null>
  /**
   * Whether the account signed the hash: with its own key, for which nobody is asked, or as a contract on this chain,
   * deployed (ERC-1271) or yet to be (ERC-6492).
   */
  acceptsSignature(claim: SignatureClaim): Promise<boolean>
  /** What a sender is on the list of those who may transact. Null where the chain has no such list. */
  senderRole(sender: Address): Promise<SenderRole | null>
  /**
   * Asks every node which chain it is of, and answers with how many did not tell.
   *
   * @throws WrongChain when one is of another: it is not asked anything else
   */
  verify(): Promise<{ silent: number }>
  /** Its nodes, for what else is asked of them. */
  readonly rpc: Rpc
}

/** The chain did not answer, or not sensibly. */
export class ChainUnavailable extends Error {
  override readonly name = 'ChainUnavailable'
}

export const transferEvent = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)')

export const userOperationEvent = parseAbiItem(
  'event UserOperationEvent(bytes32 indexed userOpHash, address indexed sender, address indexed paymaster, uint256 nonce, bool success, uint256 actualGasCost, uint256 actualGasUsed)',
)

/** Public nodes answer log queries over at most so many blocks. */
export const LOOK_BACK = 2000n

/** What went wrong, without what was asked and where: the URL of a node often holds its key. */
const withoutUrl = (error: unknown) =>
  error instanceof BaseError
    ? new Error(`${error.name}: ${error.shortMessage} (${error.walk()?.name ?? error.name})`)
    : error

export function connectChain(options: ChainOptions): Chain {
  const rpc = connectRpc({ chainId: options.chainId, rpcUrl: options.rpcUrl, timeout: 5_000 })
  const client = createPublicClient({ transport: rpc.transports.batched, cacheTime: 0 })
  // runs contracts of a stranger's choice: a slow one must not hold up the reads it would share a batch with
  const unbatched = createPublicClient({ transport: rpc.transports.single, cacheTime: 0 })

  const ask = async <T>(question: string, answer: () => Promise<T>): Promise<T> => {
    try {
      return await answer()
    } catch (cause) {
      throw new ChainUnavailable(
        `Chain ${options.chainId} did not answer ${question}. Check that its RPC URL is reachable.`,
        { cause: withoutUrl(cause) },
      )
    }
  }

  const operationsWhere = async (fromBlock: bigint, toBlock: bigint, userOpHash?: Hash) => {
    const logs = await client.getLogs({
      address: [...options.entryPoints],
      event: userOperationEvent,
      args: userOpHash ? { userOpHash } : {},
      fromBlock,
      toBlock,
      strict: true,
    })
    return logs.map(({ args, transactionHash }) => ({
      userOperationHash: args.userOpHash,
      transactionHash,
      succeeded: args.success,
    }))
  }

  return {
    ...options,

    blockNumber: () => ask('its block number', () => client.getBlockNumber()),

    balanceOf: (token, holder) =>
      ask('a balance', () =>
        client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [holder] }),
      ),

    token: (address) =>
      ask('a token', async () => {
        if (!(await client.getCode({ address }))) return null
        const read = { address, abi: erc20Abi } as const
        const [symbol, decimals] = await Promise.allSettled([
          client.readContract({ ...read, functionName: 'symbol' }),
          client.readContract({ ...read, functionName: 'decimals' }),
        ])
        if (symbol.status === 'fulfilled' && decimals.status === 'fulfilled')
          return { symbol: symbol.value, decimals: decimals.value }
        // the two reads may have failed because the node did: then this throws as well
        await client.getBlockNumber()
        return null
      }),

    receipt: (hash) =>
      ask('a receipt', async () => {
        try {
          const receipt = await client.getTransactionReceipt({ hash })
          return {
            transactionHash: receipt.transactionHash,
            blockNumber: receipt.blockNumber,
            blockHash: receipt.blockHash,
            succeeded: receipt.status === 'success',
            logs: receipt.logs,
          }
        } catch (error) {
          if (error instanceof TransactionReceiptNotFoundError || error instanceof BlockNotFoundError) return null
          throw error
        }
      }),

    input: (hash) =>
      ask('for a transaction', async () => {
        try {
          return (await client.getTransaction({ hash })).input
        } catch (error) {
          if (error instanceof TransactionNotFoundError) return null
          throw error
        }
      }),

    transfers: ({ token, from, to, amount }, fromBlock, toBlock) =>
      ask('for transfers', async () => {
        const logs = await client.getLogs({
          address: token,
          event: transferEvent,
          args: { from, to },
          fromBlock,
          toBlock,
          strict: true,
        })
        return [
          ...new Set(logs.filter(({ args }) => args.value === amount).map(({ transactionHash }) => transactionHash)),
        ]
      }),

    userOperations: (fromBlock, toBlock) => ask('its user operations', () => operationsWhere(fromBlock, toBlock)),

    userOperation: (hash) =>
      ask('a user operation', async () => {
        const latest = await client.getBlockNumber()
        const [operation] = await operationsWhere(latest > LOOK_BACK ? latest - LOOK_BACK : 0n, latest, hash)
        return operation ?? null
      }),

    acceptsSignature: async (claim) =>
      (await acceptedByKey(claim)) ?? ask('about a signature', () => acceptedByContract(unbatched, claim)),

    senderRole: async (sender) =>
      options.txAllowList ? ask('who may transact', () => readAllowList(client, sender)) : null,

    verify: () => rpc.verify(),

    rpc,
  }
}
