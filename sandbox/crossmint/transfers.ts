import {
  type Address,
  decodeFunctionData,
  erc20Abi,
  formatUnits,
  type Hash,
  type Hex,
  hexToNumber,
  hexToString,
  trim,
} from 'viem'
import { rpcBatch } from '../chain/rpc.ts'
import { hashOf } from './ids.ts'
import type { Transaction, Transfer, Wallet } from './records.ts'
import { explorerLink, type SimulatedChain, type Simulator, tokenLocator } from './simulator.ts'

interface Movement {
  from: Address
  to: Address
  token: Address
  amount: bigint
  hash: Hash
  logIndex: number
  transaction: Transaction | undefined
}

interface Token {
  symbol: string | undefined
  decimals: number
}

/** Tells of an ERC-20 transfer that touches wallets of ours: into their history, and by webhook. Once, however often it is seen. */
export async function announceTransfer(simulator: Simulator, chain: SimulatedChain, movement: Movement): Promise<void> {
  const token = await tokenOf(chain, movement.token)
  const completedAt = new Date().toISOString()
  for (const type of ['wallets.transfer.out', 'wallets.transfer.in'] as const) {
    const wallet = simulator.store.maps.wallet.get(type === 'wallets.transfer.out' ? movement.from : movement.to)
    if (!wallet) continue
    // other projects' webhooks do not show our transaction ids
    const transferId = movement.transaction?.projectId === wallet.projectId ? movement.transaction.id : undefined
    announce(simulator, {
      id: hashOf(chain.slug, movement.hash, String(movement.logIndex), type),
      projectId: wallet.projectId,
      wallet: wallet.address,
      type,
      token: movement.token,
      chain: chain.slug,
      data: {
        sender: party(simulator, chain.slug, movement.from, wallet.projectId),
        recipient: party(simulator, chain.slug, movement.to, wallet.projectId),
        token: describe(chain.slug, movement.token, token, movement.amount),
        status: 'succeeded',
        ...(transferId && { transferId }),
        onChain: { txId: movement.hash, explorerLink: explorerLink(chain.slug, movement.hash) },
        completedAt,
      },
    })
  }
}

/** Tells that the token transfers of a failed transaction did not happen. */
export function announceFailure(simulator: Simulator, transaction: Transaction): void {
  const chain = simulator.chains.get(transaction.chain)!
  const { error, txId } = transaction
  for (const [index, call] of (transaction.calls as { to?: Address; data?: Hex }[]).entries()) {
    const transfer = call.to && call.data ? readTransfer(call.data) : null
    if (!transfer || !call.to || !error) continue
    const { reason, message, revert } = error
    announce(simulator, {
      id: hashOf(transaction.id, String(index), 'failed'),
      projectId: transaction.projectId,
      wallet: transaction.wallet,
      type: 'wallets.transfer.out',
      token: call.to,
      chain: chain.slug,
      data: {
        sender: party(simulator, chain.slug, transaction.wallet, transaction.projectId),
        recipient: party(simulator, chain.slug, transfer.to, transaction.projectId),
        token: describe(chain.slug, call.to, knownToken(chain, call.to), transfer.amount),
        status: 'failed',
        transferId: transaction.id,
        ...(txId && { onChain: { txId, explorerLink: explorerLink(chain.slug, txId) } }),
        completedAt: transaction.completedAt!,
        error: { message, reason, ...(revert && { revert }) },
      },
    })
  }
}

/** One page of a wallet's history, as Crossmint's unstable interface lists it. */
export function listTransfers(
  simulator: Simulator,
  wallet: Wallet,
  query: {
    chain: string
    tokens: Address[]
    status: string
    sort: string
    limit: number
    from: number
    to: number
    skip: number
  },
) {
  const status = query.status === 'successful' ? 'succeeded' : 'failed'
  const found = [...simulator.store.maps.transfer.values()].filter(
    (transfer) =>
      transfer.wallet === wallet.address &&
      transfer.chain === query.chain &&
      transfer.data.status === status &&
      query.tokens.includes(transfer.token) &&
      Date.parse(transfer.data.completedAt) >= query.from &&
      Date.parse(transfer.data.completedAt) <= query.to,
  )
  if (query.sort !== 'asc') found.reverse()
  const page = found.slice(query.skip, query.skip + query.limit)
  const next = query.skip + query.limit
  return {
    data: page.map(({ type, data }) => ({ ...data, type })),
    ...(next < found.length && { nextCursor: String(next) }),
    ...(query.skip > 0 && { previousCursor: String(Math.max(0, query.skip - query.limit)) }),
  }
}

function announce(simulator: Simulator, transfer: Transfer): void {
  if (simulator.store.maps.transfer.has(transfer.id)) return
  simulator.store.save('transfer', transfer)
  simulator.webhooks.send(transfer)
}

function party(simulator: Simulator, chain: string, address: Address, projectId: string) {
  const wallet = simulator.store.maps.wallet.get(address)
  const owner = wallet?.projectId === projectId ? wallet.owner : null
  return { address, chain, locator: tokenLocator(chain, address), ...(owner && { owner }) }
}

function describe(chain: string, address: Address, { symbol, decimals }: Token, amount: bigint) {
  return {
    type: 'fungible',
    chain,
    locator: tokenLocator(chain, address),
    contractAddress: address,
    ...(symbol && { symbol }),
    decimals,
    amount: formatUnits(amount, decimals),
    rawAmount: amount.toString(),
  }
}

const tokens = new Map<string, Token>()

function knownToken(chain: SimulatedChain, address: Address): Token {
  if (address === chain.usdc) return { symbol: 'USDC', decimals: 6 }
  return tokens.get(`${chain.rpcUrl} ${address}`) ?? { symbol: undefined, decimals: 0 }
}

/** Symbol and decimals, asked of the token once. */
export async function tokenOf(chain: SimulatedChain, address: Address): Promise<Token> {
  const key = `${chain.rpcUrl} ${address}`
  if (address === chain.usdc || tokens.has(key)) return knownToken(chain, address)
  const [symbol, decimals] = await rpcBatch(chain.rpcUrl, [
    { method: 'eth_call', params: [{ to: address, data: '0x95d89b41' }, 'latest'] },
    { method: 'eth_call', params: [{ to: address, data: '0x313ce567' }, 'latest'] },
  ])
  const token = {
    symbol: typeof symbol === 'string' && symbol.length > 130 ? readString(symbol as Hex) : undefined,
    decimals: typeof decimals === 'string' && decimals.length === 66 ? hexToNumber(trim(decimals as Hex)) : 0,
  }
  tokens.set(key, token)
  return token
}

function readString(data: Hex): string {
  const length = Number(BigInt(`0x${data.slice(66, 130)}`))
  return hexToString(`0x${data.slice(130, 130 + length * 2)}`)
}

function readTransfer(data: Hex): { to: Address; amount: bigint } | null {
  try {
    const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data })
    return functionName === 'transfer' ? { to: args[0], amount: args[1] } : null
  } catch {
    return null
  }
}
