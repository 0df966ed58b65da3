import { randomBytes } from 'node:crypto'
import {
  type Address,
  encodeFunctionData,
  getAddress,
  type Hex,
  hashMessage,
  serializeErc6492Signature,
  toHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { SandboxContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { sendAsOperator } from '../../sandbox/chain/operator.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { factoryAbi } from '../../sandbox/contracts/abi.ts'
import { messageHash } from '../../sandbox/crossmint/account.ts'

/** A wallet that is a contract with one owner, good for signatures on one chain. */
export interface SmartWallet {
  address: Address
  /** Signs as the wallet, with its owner's key or with another. */
  sign(message: string, key?: Hex): Promise<Hex>
}

/** A wallet whose contract is not there yet. Its signatures tell how to make it (ERC-6492). */
export interface UndeployedWallet extends SmartWallet {
  factory: Address
  factoryData: Hex
  /** The signature without how to make the wallet. */
  signBare(message: string, key?: Hex): Promise<Hex>
  deploy(): Promise<void>
}

/** A new wallet of this owner on a chain that has the sandbox's contracts. Its signatures are of ERC-1271. */
export async function deployWallet(chainUrl: string, contracts: SandboxContracts, ownerKey: Hex): Promise<SmartWallet> {
  const { address, signBare, deploy } = await undeployedWallet(chainUrl, contracts, ownerKey)
  await deploy()
  return { address, sign: signBare }
}

/** The address of a new wallet of this owner, made by nobody yet. */
export async function undeployedWallet(
  chainUrl: string,
  { factory }: SandboxContracts,
  ownerKey: Hex,
): Promise<UndeployedWallet> {
  const owner = privateKeyToAccount(ownerKey).address
  const args = [owner, [], toHex(randomBytes(32))] as const
  const factoryData = encodeFunctionData({ abi: factoryAbi, functionName: 'createAccount', args })
  const [chainId, word] = await Promise.all([
    rpc<Hex>(chainUrl, 'eth_chainId'),
    rpc<Hex>(chainUrl, 'eth_call', [{ to: factory, data: factoryData }, 'latest']),
  ])
  const address = getAddress(`0x${word.slice(-40)}`)

  const signBare = (message: string, key = ownerKey) => {
    const raw = messageHash(Number(chainId), address, hashMessage(message))
    return privateKeyToAccount(key).signMessage({ message: { raw } })
  }
  return {
    address,
    factory,
    factoryData,
    signBare,
    sign: async (message, key) =>
      serializeErc6492Signature({ address: factory, data: factoryData, signature: await signBare(message, key) }),
    deploy: () => sendAsOperator(chainUrl, [{ to: factory, data: factoryData }]),
  }
}

/** Puts this runtime code at a new address of the chain. */
export async function installCode(chainUrl: string, code: Hex): Promise<Address> {
  const address = getAddress(toHex(randomBytes(20)))
  await rpc(chainUrl, 'anvil_setCode', [address, code])
  return address
}

/** A contract to which every signature is good: it answers each call with ERC-1271's magic value. */
export const yesToAll = (chainUrl: string): Promise<Address> =>
  installCode(chainUrl, '0x631626ba7e60e01b60005260206000f3')
