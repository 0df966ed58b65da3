import { type Address, concat, encodeAbiParameters, getAddress, getContractAddress, type Hex } from 'viem'
import { rpc } from '../chain/rpc.ts'
import { sendAs } from '../chain/send-as.ts'
import indexerContract from '../contracts/compiled/AttestationIndexer.json' with { type: 'json' }
import easContract from '../contracts/compiled/EAS.json' with { type: 'json' }

const account = (name: string): Address => getAddress(`0x${Buffer.from(name.padEnd(20, '.')).toString('hex')}`)

const deployer = account('eas deployer')

/** Whom the sandbox believes. */
export const attester = account('eas attester')

export interface EasContracts {
  eas: Address
  indexer: Address
}

/** The same on every sandbox chain, and known before anything is deployed. */
export const easContracts: EasContracts = {
  eas: getContractAddress({ from: deployer, nonce: 0n }),
  indexer: getContractAddress({ from: deployer, nonce: 1n }),
}

/** Puts an attestation service and its indexer on a chain, if they are not there yet. */
export async function deployEas(url: string): Promise<EasContracts> {
  if ((await rpc(url, 'eth_getCode', [easContracts.eas, 'latest'])) !== '0x') return easContracts
  await sendAs(url, deployer, [
    { data: easContract.bytecode as Hex },
    {
      data: concat([indexerContract.bytecode as Hex, encodeAbiParameters([{ type: 'address' }], [easContracts.eas])]),
    },
  ])
  return easContracts
}
