import {
  type Abi,
  type Address,
  createPublicClient,
  encodeFunctionData,
  getAddress,
  type Hex,
  keccak256,
  type PublicClient,
  toHex,
} from 'viem'
import { expect } from 'vitest'
import { resultOf, rpc, rpcBatch } from '../../../../../sandbox/chain/rpc.ts'
import { startChain } from '../../../../../sandbox/chain/start-chain.ts'
import { managedTokenAbi } from '../../../../../sandbox/tokens/abi.ts'
import { deployToken, type SandboxTokenStandard } from '../../../../../sandbox/tokens/deploy-token.ts'
import { installAllowList } from '../../../../../sandbox/tokens/install-allow-list.ts'
import { connectRpc } from '../../../../../server/gateways/chain/rpc.ts'
import { viewNewestBlock } from '../../../../../server/gateways/chain/tokens/block-view.ts'
import { createProfile } from '../../../../../server/gateways/chain/tokens/create-profile.ts'
import { probeToken } from '../../../../../server/gateways/chain/tokens/probe.ts'
import type {
  TokenCall,
  TokenLog,
  TokenProfile,
  TokenStandard,
} from '../../../../../server/gateways/chain/tokens/token-profile.ts'
import { deployTrex, type Trex } from '../../../../support/deploy-trex.ts'

export const chainId = 432_201

export const account = (name: string): Address => getAddress(`0x${Buffer.from(name.padEnd(20, '.')).toString('hex')}`)
export const admin = account('token admin')
export const agent = account('token agent')
export const [alice, bob, carol] = [account('alice'), account('bob'), account('carol')] as const
export const roles = [
  'MINTER_ROLE',
  'BURNER_ROLE',
  'FREEZER_ROLE',
  'ENFORCER_ROLE',
  'PAUSER_ROLE',
  'WHITELIST_ROLE',
] as const
export const roleId = (name: string) => keccak256(toHex(name))

/** A call of a function that the sandbox's tokens have. */
const callOf = (from: Address, to: Address, functionName: string, ...args: unknown[]): TokenCall => ({
  from,
  to,
  data: encodeFunctionData({ abi: managedTokenAbi as Abi, functionName, args }),
})

/** A token on the chain, and what its issuer does to it behind our back. */
export interface Subject {
  profile: TokenProfile
  /** Null of any other standard. */
  trex: Trex | null
  allow(holder: Address, country?: number): TokenCall
  disallow(holder: Address): TokenCall
  mint(to: Address, amount: bigint): TokenCall
  /** So much; of an ERC-3643 token so much more. */
  freeze(holder: Address, amount: bigint): TokenCall
  pause(): TokenCall
  unpause(): TokenCall
}

/** A permissioned L1 with a token of each standard. */
export async function tokenWorld() {
  const stack = new AsyncDisposableStack()
  const chain = stack.use(await startChain({ chainId }))
  const { url } = chain
  const nodes = connectRpc({ chainId, rpcUrl: url, timeout: 5_000 })
  const client = createPublicClient({ transport: nodes.transports.batched, cacheTime: 0 })
  const view = () => viewNewestBlock(nodes)

  async function managed(standard: SandboxTokenStandard): Promise<Subject> {
    const token = await deployToken(url, standard, { name: 'Bond', symbol: 'BND', decimals: 6, admin, agent })
    const call = (functionName: string, ...args: unknown[]) => callOf(agent, token, functionName, ...args)
    const { capabilities } = await probeToken(await view(), token, agent)
    return {
      profile: createProfile(standard, token, capabilities),
      trex: null,
      allow: (holder) => call('changeWhitelist', holder, true),
      disallow: (holder) => call('changeWhitelist', holder, false),
      mint: (to, amount) => call('mint', to, amount),
      freeze: (holder, amount) => call('setFrozenTokens', holder, amount),
      pause: () => call('pause'),
      unpause: () => call('unpause'),
    }
  }

  async function suited(): Promise<Subject> {
    const trex = await deployTrex(url, { owner: admin, agent, decimals: 6 })
    const { token, identityRegistry, call } = trex
    const { capabilities } = await probeToken(await view(), token, agent)
    return {
      profile: createProfile('erc-3643', token, capabilities),
      trex,
      allow: (holder, country = 250) =>
        call(agent, 'IdentityRegistry', identityRegistry, 'registerIdentity', [holder, holder, country]),
      disallow: (holder) => call(agent, 'IdentityRegistry', identityRegistry, 'deleteIdentity', [holder]),
      mint: (to, amount) => call(agent, 'Token', token, 'mint', [to, amount]),
      freeze: (holder, amount) => call(agent, 'Token', token, 'freezePartialTokens', [holder, amount]),
      pause: () => call(agent, 'Token', token, 'pause', []),
      unpause: () => call(agent, 'Token', token, 'unpause', []),
    }
  }

  /** Sends a call for good, whatever anybody thinks of it, and tells how it ended. */
  async function submit({ from, to, data }: TokenCall): Promise<{ succeeded: boolean; logs: TokenLog[] }> {
    const [, , hash] = await rpcBatch(url, [
      { method: 'anvil_impersonateAccount', params: [from] },
      { method: 'anvil_setBalance', params: [from, '0xffffffffffffffffffffff'] },
      { method: 'eth_sendTransaction', params: [{ from, to, data, gas: '0x7a1200' }] },
    ])
    const receipt = await client.waitForTransactionReceipt({ hash: resultOf<Hex>(hash), pollingInterval: 5 })
    return { succeeded: receipt.status === 'success', logs: receipt.logs }
  }

  const subjects = {
    'erc-7943': await managed('erc-7943'),
    'erc-7943-draft': await managed('erc-7943-draft'),
    'erc-3643': await suited(),
    'erc-1404': await managed('erc-1404'),
    'can-transfer': await managed('can-transfer'),
  } satisfies Record<TokenStandard, Subject>
  const snapshot = async () => rpc<Hex>(url, 'evm_snapshot')
  let untouched = await snapshot()

  return {
    url,
    // the whole client's type cannot be written down
    client: client as Pick<PublicClient, 'readContract'>,
    view,
    subjects,

    /** Everything as it was when the tokens were deployed. */
    async reset() {
      await rpc(url, 'evm_revert', [untouched])
      untouched = await snapshot()
    },

    /** From now on only those may send who are listed. */
    restrictSenders: () => installAllowList(url, admin),

    callOf,
    submit,

    /** What must succeed. */
    async done(...calls: TokenCall[]) {
      for (const call of calls) expect(await submit(call)).toMatchObject({ succeeded: true })
    },

    frozenOf: (token: Address, holder: Address) =>
      client.readContract({ address: token, abi: managedTokenAbi, functionName: 'getFrozenTokens', args: [holder] }),

    balanceOf: (token: Address, holder: Address) =>
      client.readContract({ address: token, abi: managedTokenAbi, functionName: 'balanceOf', args: [holder] }),

    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export type TokenWorld = Awaited<ReturnType<typeof tokenWorld>>
