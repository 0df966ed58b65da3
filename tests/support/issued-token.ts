import { type Address, encodeFunctionData, keccak256, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { sendAs } from '../../sandbox/chain/send-as.ts'
import { managedTokenAbi } from '../../sandbox/tokens/abi.ts'
import { deployToken, type SandboxTokenStandard } from '../../sandbox/tokens/deploy-token.ts'
import type { World } from './world.ts'

const roles = {
  common: ['MINTER_ROLE', 'BURNER_ROLE', 'PAUSER_ROLE', 'WHITELIST_ROLE'],
  'erc-7943': ['FREEZER_ROLE', 'ENFORCER_ROLE'],
  'erc-7943-draft': ['FREEZER_ROLE', 'ENFORCER_ROLE'],
  'erc-1404': [],
  'can-transfer': [],
}

const anyAccount = () => privateKeyToAddress(generatePrivateKey())

/** A permissioned token on the world's chain whose agent is the service's. */
export interface IssuedToken {
  address: Address
  /** Calls it behind the service's back. */
  behind(functionName: string, ...args: readonly unknown[]): Promise<void>
  /** Calls it behind the service's back, and does not wait until a block has it. */
  sendBehind(functionName: string, ...args: readonly unknown[]): Promise<void>
  /** Takes a role from the service's agent, or gives it back. */
  setRole(role: string, held: boolean): Promise<void>
  balanceOf(account: Address): Promise<bigint>
}

export async function issueToken(
  { chain, agent }: Pick<World, 'chain' | 'agent'>,
  standard: SandboxTokenStandard = 'erc-7943',
): Promise<IssuedToken> {
  // what is done behind the service's back must not use up the nonces of its agent
  const [admin, other] = [anyAccount(), anyAccount()]
  const address = await deployToken(chain.url, standard, {
    name: 'Test bond',
    symbol: 'BOND',
    decimals: 6,
    admin,
    agent,
  })
  const granted = [...roles.common, ...roles[standard]].map((role) => ({
    to: address,
    data: encodeFunctionData({
      abi: managedTokenAbi,
      functionName: 'grantRole',
      args: [keccak256(toHex(role)), other],
    }),
  }))
  await sendAs(chain.url, admin, granted)
  await sendAs(chain.url, other, [{ to: other, data: '0x' }]) // is known to the chain, and can pay
  const dataOf = (functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi: managedTokenAbi, functionName, args } as never)
  let last: Promise<unknown> = Promise.resolve()
  return {
    address,
    behind(functionName, ...args) {
      const data = dataOf(functionName, args)
      // one after the other: the chain gives the nonces
      const sent = last.then(() => sendAs(chain.url, other, [{ to: address, data }]))
      last = sent.catch(() => {})
      return sent.then(() => {})
    },
    async sendBehind(functionName, ...args) {
      const sent = { from: other, to: address, data: dataOf(functionName, args), gas: '0x7a1200' }
      await rpc(chain.url, 'eth_sendTransaction', [sent])
    },
    async setRole(role, held) {
      const data = dataOf(held ? 'grantRole' : 'revokeRole', [keccak256(toHex(role)), agent])
      await sendAs(chain.url, admin, [{ to: address, data }])
    },
    async balanceOf(account) {
      const data = encodeFunctionData({ abi: managedTokenAbi, functionName: 'balanceOf', args: [account] })
      return BigInt(await rpc<string>(chain.url, 'eth_call', [{ to: address, data }, 'latest']))
    },
  }
}
