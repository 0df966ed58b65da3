import { type Address, concat, encodeAbiParameters, encodeFunctionData, getContractAddress, type Hex } from 'viem'
import { usdcAbi } from '../contracts/abi.ts'
import entryPoint from '../contracts/compiled/EntryPoint.json' with { type: 'json' }
import payerRouterContract from '../contracts/compiled/PayerRouter.json' with { type: 'json' }
import smartAccountFactory from '../contracts/compiled/SmartAccountFactory.json' with { type: 'json' }
import usdcToken from '../contracts/compiled/USDC.json' with { type: 'json' }
import { sendAsOperator } from './operator.ts'
import { resultOf, rpc, rpcBatch } from './rpc.ts'

/** Where version 0.7 of ERC-4337's entry point lives on every public chain. */
export const entryPointAddress: Address = '0x0000000071727De22E5E9d8BAf0edAc6f37da032'

/** The CREATE2 deployer that anvil, like most chains, has from the start: what it deploys has the same address everywhere. */
const deployer: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C'
const deployerCode: Hex =
  '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3'
const salt: Hex = `0x${'00'.repeat(32)}`

const usdcCode = usdcToken.bytecode as Hex
const factoryCode = concat([
  smartAccountFactory.bytecode as Hex,
  encodeAbiParameters([{ type: 'address' }], [entryPointAddress]),
])
const routerCode = payerRouterContract.bytecode as Hex
const at = (bytecode: Hex) => getContractAddress({ opcode: 'CREATE2', from: deployer, salt, bytecode })

/** A contract whose address follows from its code and arguments alone, and the transaction that puts it there, on any sandbox chain. */
export const deterministic = (bytecode: Hex) => ({
  address: at(bytecode),
  deployment: { to: deployer, data: concat([salt, bytecode]) },
})

export interface SandboxContracts {
  usdc: Address
  factory: Address
  entryPoint: Address
  payerRouter: Address
}

/** The same on every sandbox chain, and known before anything is deployed. */
export const sandboxContracts: SandboxContracts = {
  usdc: at(usdcCode),
  factory: at(factoryCode),
  entryPoint: entryPointAddress,
  payerRouter: at(routerCode),
}

/** Puts USDC, the account factory, the router and the entry point on a chain, as far as they are not there yet. */
export async function deployContracts(url: string): Promise<SandboxContracts> {
  const { usdc, factory, payerRouter } = sandboxContracts
  const [hasUsdc, hasFactory, hasRouter, hasEntryPoint, hasDeployer] = (
    await rpcBatch(
      url,
      [usdc, factory, payerRouter, entryPointAddress, deployer].map((address) => ({
        method: 'eth_getCode',
        params: [address, 'latest'],
      })),
    )
  ).map((code) => resultOf<string>(code) !== '0x')
  if (!hasEntryPoint) await rpc(url, 'anvil_setCode', [entryPointAddress, entryPoint.deployedBytecode])
  if (!hasDeployer) await rpc(url, 'anvil_setCode', [deployer, deployerCode]) // a chain that was reset has lost it
  await sendAsOperator(url, [
    ...(hasUsdc ? [] : [{ to: deployer, data: concat([salt, usdcCode]) }]),
    ...(hasFactory ? [] : [{ to: deployer, data: concat([salt, factoryCode]) }]),
    ...(hasRouter ? [] : [{ to: deployer, data: concat([salt, routerCode]) }]),
  ])
  return sandboxContracts
}

/** Mints USDC (`amount` in base units) to one account or many, and resolves when it is there. */
export async function mintUsdc(url: string, ...mints: { to: Address; amount: bigint }[]): Promise<void> {
  await sendAsOperator(
    url,
    mints.map(({ to, amount }) => ({
      to: sandboxContracts.usdc,
      data: encodeFunctionData({ abi: usdcAbi, functionName: 'mint', args: [to, amount] }),
    })),
  )
}

/** Puts an account on the token's blocklist or takes it off, as its issuer may at any time. */
export async function setBlocked(url: string, account: Address, blocked: boolean): Promise<void> {
  const data = encodeFunctionData({ abi: usdcAbi, functionName: 'setBlocked', args: [account, blocked] })
  await sendAsOperator(url, [{ to: sandboxContracts.usdc, data }])
}
