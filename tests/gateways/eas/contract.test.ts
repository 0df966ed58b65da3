import { attestationProviderContract } from '../attestations/provider-contract.ts'
import { easWorld } from './world.ts'

attestationProviderContract('eas', easWorld)
