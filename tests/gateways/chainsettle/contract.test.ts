import { attestationProviderContract } from '../attestations/provider-contract.ts'
import { chainsettleWorld } from './support/world.ts'

attestationProviderContract('chainsettle', chainsettleWorld)
