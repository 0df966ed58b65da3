import { parseAbi } from 'viem'

/** What is read of the Ethereum Attestation Service. An attestation that does not exist is all zero. */
export const easAbi = parseAbi([
  'struct Attestation { bytes32 uid; bytes32 schema; uint64 time; uint64 expirationTime; uint64 revocationTime; bytes32 refUID; address recipient; address attester; bool revocable; bytes data; }',
  'function getAttestation(bytes32 uid) view returns (Attestation)',
  'event Attested(address indexed recipient, address indexed attester, bytes32 uid, bytes32 indexed schemaUID)',
])

/** What is read of an indexer such as Coinbase's: the newest attestation of a schema about somebody; zero where there is none. */
export const indexerAbi = parseAbi([
  'function getAttestationUid(address recipient, bytes32 schemaUid) view returns (bytes32)',
])
