import { type Address, encodeFunctionData, formatUnits, type Hex } from 'viem'
import { type RpcCall, resultOf, rpcBatch } from '../chain/rpc.ts'
import { usdcAbi } from '../contracts/abi.ts'
import { readAddress } from './account.ts'
import { refuse } from './errors.ts'
import type { Wallet } from './records.ts'
import { type SimulatedChain, type Simulator, tokenLocator } from './simulator.ts'

/** A token of a request: by symbol, on every chain, or by locator, on its own. */
interface Asked {
  symbol: string | null
  chain: SimulatedChain
  /** Null for the chain's own currency. */
  address: Address | null
}

const natives = ['avax', 'eth']
const stable = ['usdc', 'usdxm'] // the faucet's test dollar is the sandbox's USDC

/** What a wallet has of the tokens, summed over the chains. @throws Refusal 400 */
export async function readBalances(simulator: Simulator, wallet: Wallet, tokens: string | null, chains: string | null) {
  const asked = readTokens(simulator, tokens, chains)
  const byChain = Map.groupBy(asked, ({ chain }) => chain)
  const found = (
    await Promise.all(
      [...byChain].map(async ([chain, entries]) => {
        const answers = await rpcBatch(
          chain.rpcUrl,
          entries.flatMap((entry) => callsFor(wallet.address, entry)),
        )
        return entries.map((entry, index) => ({
          ...entry,
          raw: BigInt(resultOf<Hex>(answers[index * 2])),
          decimals: entry.address ? Number(BigInt(resultOf<Hex>(answers[index * 2 + 1]))) : 18,
        }))
      }),
    )
  ).flat()
  return [...Map.groupBy(found, ({ symbol, address }) => symbol ?? address)].map(([, entries]) => {
    const { symbol, decimals } = entries[0]!
    const total = entries.reduce((sum, { raw }) => sum + raw, 0n)
    return {
      ...(symbol && { symbol, name: symbol.toUpperCase() }),
      decimals,
      amount: formatUnits(total, decimals),
      rawAmount: total.toString(),
      chains: Object.fromEntries(
        entries.map(({ chain, address, raw }) => [
          chain.slug,
          {
            locator: address ? tokenLocator(chain.slug, address) : `${chain.slug}:${symbol}`,
            amount: formatUnits(raw, decimals),
            rawAmount: raw.toString(),
            ...(address && { contractAddress: address }),
          },
        ]),
      ),
    }
  })
}

/** The same in the words of the old interface, which the faucet answers in. */
export async function readOldBalances(
  simulator: Simulator,
  wallet: Wallet,
  tokens: string | null,
  chains: string | null,
) {
  const balances = await readBalances(simulator, wallet, tokens, chains)
  return balances
    .filter(({ symbol }) => symbol)
    .map(({ symbol, decimals, rawAmount, chains }) => ({
      token: symbol,
      decimals,
      balances: {
        ...Object.fromEntries(Object.entries(chains).map(([slug, { rawAmount }]) => [slug, rawAmount])),
        total: rawAmount,
      },
    }))
}

/** The contract behind a token locator. @throws Refusal 400 */
export function readTokenLocator(simulator: Simulator, locator: string): { chain: SimulatedChain; address: Address } {
  const [slug = '', token = ''] = locator.split(':')
  const chain = simulator.chains.get(slug)
  const address = stable.includes(token.toLowerCase()) ? chain?.usdc : readAddress(token)
  if (!chain || !address) throw refuse(400, `Token '${locator}' is not supported`)
  return { chain, address }
}

function readTokens(simulator: Simulator, tokens: string | null, chains: string | null): Asked[] {
  if (!tokens) throw refuse(400, 'tokens: Required')
  const slugs = chains ? chains.split(',') : [...simulator.chains.keys()]
  const on = slugs.map((slug) => {
    const chain = simulator.chains.get(slug)
    if (!chain) throw refuse(400, `chains: Chain '${slug}' is not supported`)
    return chain
  })
  return tokens.split(',').flatMap((token): Asked[] => {
    const symbol = token.toLowerCase()
    if (stable.includes(symbol)) return on.map((chain) => ({ symbol, chain, address: chain.usdc }))
    if (natives.includes(symbol)) return on.map((chain) => ({ symbol, chain, address: null }))
    const { chain, address } = readTokenLocator(simulator, token)
    return [{ symbol: address === chain.usdc ? 'usdc' : null, chain, address }]
  })
}

function callsFor(owner: Address, { address }: Asked): RpcCall[] {
  if (!address) return [{ method: 'eth_getBalance', params: [owner, 'latest'] }, { method: 'eth_chainId' }]
  const balanceOf = encodeFunctionData({ abi: usdcAbi, functionName: 'balanceOf', args: [owner] })
  const decimals = encodeFunctionData({ abi: usdcAbi, functionName: 'decimals' })
  return [balanceOf, decimals].map((data) => ({ method: 'eth_call', params: [{ to: address, data }, 'latest'] }))
}
