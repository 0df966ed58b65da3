import { parseAbi } from 'viem'

/** The parts of the registries of attestations that TypeScript calls, readable. The whole ABIs are in `compiled/`. */
export const validatorRegistryAbi = parseAbi([
  'function registerValidatorByOwner(address validator)',
  'function getValidators() view returns (address[])',
  'function getValidatorCount() view returns (uint256)',
])

export const docusignRegistryAbi = parseAbi([
  'struct Settlement { uint8 status; bytes32 metadataHash; string assetName; string assetTag; string geoId; string jurisdiction; string documentURI; address counterparty; address witness; address sender; uint256 postedAmount; bytes32 docHash; uint256 timestamp; }',
  'function initAttest(bytes32 idHash, bytes32 metadataHash, string assetName, string assetTag, string geoId, string jurisdiction, string documentURI, address counterparty, address witness)',
  'function registerSettlement(bytes32 idHash, bytes32 docHash)',
  'function attest(bytes32 idHash)',
  'function postProof(bytes32 idHash, uint8 statusProposal, uint256 amountAfterFees, bytes32 docHash)',
  'function voteOnSettlement(bytes32 idHash, bool agree)',
  'function settlementExists(bytes32 idHash) view returns (bool)',
  'function getSettlement(bytes32 idHash) view returns (Settlement)',
  'function isFinalized(bytes32 idHash) view returns (bool)',
  'function agreeVotes(bytes32 idHash) view returns (uint256)',
  'function disagreeVotes(bytes32 idHash) view returns (uint256)',
  'function proposalNonce(bytes32 idHash) view returns (uint256)',
  'function lastVotedNonce(bytes32 idHash, address validator) view returns (uint256)',
])

export const easAbi = parseAbi([
  'struct AttestationRequestData { address recipient; uint64 expirationTime; bool revocable; bytes32 refUID; bytes data; uint256 value; }',
  'struct AttestationRequest { bytes32 schema; AttestationRequestData data; }',
  'struct RevocationRequestData { bytes32 uid; uint256 value; }',
  'struct RevocationRequest { bytes32 schema; RevocationRequestData data; }',
  'function attest(AttestationRequest request) payable returns (bytes32)',
  'function revoke(RevocationRequest request) payable',
  'event Attested(address indexed recipient, address indexed attester, bytes32 uid, bytes32 indexed schemaUID)',
])

export const indexerAbi = parseAbi([
  'function index(bytes32 attestationUid)',
  'function getAttestationUid(address recipient, bytes32 schemaUid) view returns (bytes32)',
])
