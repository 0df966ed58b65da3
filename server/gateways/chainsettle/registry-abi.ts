import { parseAbi } from 'viem'

/** What is read of the registry of settlements of the type docusign, third generation. */
export const docusignRegistryAbi = parseAbi([
  'struct Settlement { uint8 status; bytes32 metadataHash; string assetName; string assetTag; string geoId; string jurisdiction; string documentURI; address counterparty; address witness; address sender; uint256 postedAmount; bytes32 docHash; uint256 timestamp; }',
  'function getSettlementsByCounterparty(address counterparty) view returns (bytes32[])',
  'function getSettlement(bytes32 idHash) view returns (Settlement)',
  'function getSettlementStatus(bytes32 idHash) view returns (uint8)',
  'function getSettlementParticipants(bytes32 idHash) view returns (address sender, address counterparty, address witness)',
  'function settlementExists(bytes32 idHash) view returns (bool)',
  'function isFinalized(bytes32 idHash) view returns (bool)',
  'function agreeVotes(bytes32 idHash) view returns (uint256)',
  'function disagreeVotes(bytes32 idHash) view returns (uint256)',
  'function getValidatorCount() view returns (uint256)',
  'event SettlementValidated(bytes32 indexed idHash, uint8 finalStatus, uint256 amount, address counterparty, address witness, address sender)',
])
