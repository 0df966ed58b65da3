import { createRequire } from 'node:module'
import { type Abi, type Address, encodeDeployData, encodeFunctionData, type Hex, zeroAddress } from 'viem'
import { sendAs } from '../../sandbox/chain/send-as.ts'
import { deploy } from '../../sandbox/tokens/deploy-token.ts'

type ContractName =
  | 'ClaimTopicsRegistry'
  | 'TrustedIssuersRegistry'
  | 'IdentityRegistryStorage'
  | 'IdentityRegistry'
  | 'ModularCompliance'
  | 'CountryRestrictModule'
  | 'Token'

// not imported: its package describes its types in no way that a module can import
const { contracts } = createRequire(import.meta.url)('@tokenysolutions/t-rex') as {
  contracts: Record<ContractName, { abi: Abi; bytecode: Hex }>
}

export interface TrexCall {
  from: Address
  to: Address
  data: Hex
}

/** An ERC-3643 token as issuers deploy it, from the artifacts of its authors, with all that it asks. */
export interface Trex {
  token: Address
  identityRegistry: Address
  compliance: Address
  /** Restricts whom the token may go to by their country. */
  countryModule: Address
  owner: Address
  /** A call of a function of one of its contracts. */
  call(from: Address, name: ContractName, to: Address, functionName: string, args: readonly unknown[]): TrexCall
  /** Forbids transfers to holders of a country, ISO 3166-1 numeric, or allows them again. */
  restrictCountry(country: number, restricted: boolean): TrexCall
}

/**
 * Deploys it without claim topics, so that who is registered is verified. The agent may act on the token and on the registry; the
 * token is not paused.
 */
export async function deployTrex(
  url: string,
  { owner, agent, decimals }: { owner: Address; agent: Address; decimals: number },
): Promise<Trex> {
  const make = (name: ContractName) =>
    deploy(url, owner, encodeDeployData({ abi: contracts[name].abi, bytecode: contracts[name].bytecode, args: [] }))
  const data = (name: ContractName, functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi: contracts[name].abi, functionName, args })

  const topics = await make('ClaimTopicsRegistry')
  const issuers = await make('TrustedIssuersRegistry')
  const storage = await make('IdentityRegistryStorage')
  const identityRegistry = await make('IdentityRegistry')
  const compliance = await make('ModularCompliance')
  const countryModule = await make('CountryRestrictModule')
  const token = await make('Token')

  const as = (name: ContractName, to: Address, functionName: string, ...args: unknown[]) => ({
    to,
    data: data(name, functionName, args),
  })
  const steps = [
    as('ClaimTopicsRegistry', topics, 'init'),
    as('TrustedIssuersRegistry', issuers, 'init'),
    as('IdentityRegistryStorage', storage, 'init'),
    as('ModularCompliance', compliance, 'init'),
    as('CountryRestrictModule', countryModule, 'initialize'),
    as('IdentityRegistry', identityRegistry, 'init', issuers, topics, storage),
    as('IdentityRegistryStorage', storage, 'bindIdentityRegistry', identityRegistry),
    as('Token', token, 'init', identityRegistry, compliance, 'Evergreen Bond', 'EBND', decimals, zeroAddress),
    as('ModularCompliance', compliance, 'addModule', countryModule),
    as('Token', token, 'addAgent', agent),
    as('IdentityRegistry', identityRegistry, 'addAgent', agent),
  ]
  // each by itself: of several at once, the chain may see the second first
  for (const each of steps) await sendAs(url, owner, [each])
  await sendAs(url, agent, [as('Token', token, 'unpause')])

  return {
    token,
    identityRegistry,
    compliance,
    countryModule,
    owner,
    call: (from, name, to, functionName, args) => ({ from, to, data: data(name, functionName, args) }),
    restrictCountry(country, restricted) {
      const change = restricted ? 'addCountryRestriction' : 'removeCountryRestriction'
      const args = [data('CountryRestrictModule', change, [country]), countryModule]
      return { from: owner, to: compliance, data: data('ModularCompliance', 'callModuleFunction', args) }
    },
  }
}
