import { type Address, encodeFunctionData, getAddress, keccak256, slice, toHex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { deterministic } from '../chain/deploy-contracts.ts'
import { resultOf, rpcBatch } from '../chain/rpc.ts'
import { type Sent, sendAs } from '../chain/send-as.ts'
import { managedTokenAbi, txAllowListAbi } from './abi.ts'
import { type NewToken, type SandboxTokenStandard, tokenCode } from './deploy-token.ts'
import { installAllowList, txAllowListAddress } from './install-allow-list.ts'

/** Acts on the tokens for the service. */
export const tokenAgent: Address = privateKeyToAddress(sandboxSecrets.localSignerKey)

/** Brings what is paid over HTTP 402 to the chains. */
export const cashier: Address = privateKeyToAddress(sandboxSecrets.x402SignerKey)

/** Brings custodial wallets' transactions to this chain for Crossmint: one and the same in every run, for the chain's list names it. */
export const relayerKey = keccak256(toHex('the relayer of the sandbox'))
export const relayer: Address = privateKeyToAddress(relayerKey)

/** Acts on them past the service, as issuers do in other ways as well: an account of its own, for the agent's nonces are the service's. */
const issuer: Address = getAddress(slice(keccak256(toHex('the issuer of the sandbox')), 12))

const tokenOf = (standard: SandboxTokenStandard, token: Pick<NewToken, 'name' | 'symbol' | 'decimals'>) => ({
  standard,
  ...deterministic(tokenCode(standard, { ...token, admin: issuer, agent: tokenAgent })),
})

/** The permissioned tokens of the sandbox's L1. */
export const sandboxTokens = {
  bond: tokenOf('erc-7943', { name: 'Evergreen bond', symbol: 'BOND', decimals: 2 }),
  share: tokenOf('erc-1404', { name: 'Evergreen share', symbol: 'SHARE', decimals: 0 }),
}

/** Puts the tokens on a chain, and a list of who may send transactions there, as far as they are not there yet. */
export async function issueTokens(url: string): Promise<void> {
  const tokens = Object.values(sandboxTokens)
  const [list, ...codes] = (
    await rpcBatch(
      url,
      [txAllowListAddress, ...tokens.map(({ address }) => address)].map((address) => ({
        method: 'eth_getCode',
        params: [address, 'latest'],
      })),
    )
  ).map((code) => resultOf<string>(code) !== '0x')
  if (!list) await installAllowList(url, issuer)
  await sendAs(url, issuer, [
    ...(list ? [] : [enable(tokenAgent), enable(cashier), enable(relayer)]),
    ...tokens.flatMap(({ address, deployment }, index) =>
      codes[index] ? [] : [deployment, grant(address, 'MINTER_ROLE'), grant(address, 'WHITELIST_ROLE')],
    ),
  ])
}

/** Somebody who is to hold a token: `amount` in base units is made for them. */
export interface Admission {
  token: Address
  holder: Address
  amount: bigint
}

/** Lets accounts hold tokens, as their issuer does, and gives them some. */
export const admitHolders = (url: string, admissions: readonly Admission[]) =>
  sendAs(
    url,
    issuer,
    admissions.flatMap(({ token, holder, amount }) => [
      managed(token, 'changeWhitelist', [holder, true]),
      managed(token, 'mint', [holder, amount]),
    ]),
  )

const enable = (account: Address): Sent => ({
  to: txAllowListAddress,
  data: encodeFunctionData({ abi: txAllowListAbi, functionName: 'setEnabled', args: [account] }),
})

const grant = (token: Address, role: string) => managed(token, 'grantRole', [keccak256(toHex(role)), issuer])

const managed = (
  to: Address,
  functionName: 'grantRole' | 'changeWhitelist' | 'mint',
  args: readonly unknown[],
): Sent => ({
  to,
  data: encodeFunctionData({ abi: managedTokenAbi, functionName, args } as never),
})
