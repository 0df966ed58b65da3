import {
  type Address,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  getContractAddress,
  type Hex,
} from 'viem'
import { rpc } from '../chain/rpc.ts'
import { sendAs } from '../chain/send-as.ts'
import { validatorRegistryAbi } from '../contracts/attestation-abi.ts'
import docusignRegistry from '../contracts/compiled/DocusignRegistry.json' with { type: 'json' }
import validatorRegistry from '../contracts/compiled/ValidatorRegistry.json' with { type: 'json' }

const account = (name: string): Address => getAddress(`0x${Buffer.from(name.padEnd(20, '.')).toString('hex')}`)

/** Owns the registries: registers, attests and proposes. */
export const node = account('chainsettle node')
/** Whom the sandbox believes: initializes the settlements that are about people. */
export const issuer = account('chainsettle issuer')
export const validators = ['one', 'two', 'three'].map((name) => account(`validator ${name}`))

export interface Registries {
  docusign: Address
  validatorRegistry: Address
}

/** The same on every sandbox chain, and known before anything is deployed. */
export const registries: Registries = {
  validatorRegistry: getContractAddress({ from: node, nonce: 0n }),
  docusign: getContractAddress({ from: node, nonce: 1n }),
}

/** Puts Chainsettle's registries on a chain, with three validators, if they are not there yet. */
export async function deployRegistries(url: string): Promise<Registries> {
  if ((await rpc(url, 'eth_getCode', [registries.docusign, 'latest'])) !== '0x') return registries
  const constructorArguments = encodeAbiParameters([{ type: 'address' }], [registries.validatorRegistry])
  await sendAs(url, node, [
    { data: validatorRegistry.bytecode as Hex },
    { data: concat([docusignRegistry.bytecode as Hex, constructorArguments]) },
    ...validators.map((validator) => ({
      to: registries.validatorRegistry,
      data: encodeFunctionData({
        abi: validatorRegistryAbi,
        functionName: 'registerValidatorByOwner',
        args: [validator],
      }),
    })),
  ])
  return registries
}
