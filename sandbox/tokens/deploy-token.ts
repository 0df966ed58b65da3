import { type Address, concat, encodeAbiParameters, getAddress, type Hex, parseAbiParameters } from 'viem'
import { rpc } from '../chain/rpc.ts'
import { sendAs } from '../chain/send-as.ts'
import gatedToken from '../contracts/compiled/GatedToken.json' with { type: 'json' }
import permissionedToken from '../contracts/compiled/PermissionedToken.json' with { type: 'json' }
import permissionedTokenDraft from '../contracts/compiled/PermissionedTokenDraft.json' with { type: 'json' }
import restrictedToken from '../contracts/compiled/RestrictedToken.json' with { type: 'json' }

const contracts = {
  'erc-7943': permissionedToken,
  'erc-7943-draft': permissionedTokenDraft,
  'erc-1404': restrictedToken,
  'can-transfer': gatedToken,
}

/** The standards of which the sandbox has a token of its own. */
export type SandboxTokenStandard = keyof typeof contracts

export interface NewToken {
  name: string
  symbol: string
  decimals: number
  /** Gives and takes roles. */
  admin: Address
  /** Has every role at first: mints, burns, freezes, takes, pauses, and says who may hold it. */
  agent: Address
}

/** Puts a permissioned token on a chain. Nobody may hold it yet, and there is none of it. */
export const deployToken = (url: string, standard: SandboxTokenStandard, token: NewToken): Promise<Address> =>
  deploy(url, token.admin, tokenCode(standard, token))

/** A token's code with its arguments, as it is deployed. */
export function tokenCode(standard: SandboxTokenStandard, { name, symbol, decimals, admin, agent }: NewToken): Hex {
  const parameters = parseAbiParameters('string, string, uint8, address, address')
  return concat([
    contracts[standard].bytecode as Hex,
    encodeAbiParameters(parameters, [name, symbol, decimals, admin, agent]),
  ])
}

/** Makes a contract as somebody nobody needs the key of. `data` is its code with its arguments. */
export async function deploy(url: string, from: Address, data: Hex): Promise<Address> {
  const [hash] = await sendAs(url, from, [{ data }])
  const { contractAddress } = await rpc<{ contractAddress: Address }>(url, 'eth_getTransactionReceipt', [hash])
  return getAddress(contractAddress)
}
