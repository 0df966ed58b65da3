// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ValidatorRegistry} from "./ValidatorRegistry.sol";

/// Settlements that say "this document was signed". The functions and events of Chainsettle's registry of this name, whose source is
/// not published; own code, which behaves as its published predecessor does, down to what is odd about it: the owner's proposal is the
/// status before anybody has voted, and stays the status when the validators vote against it.
contract DocusignRegistry {
    enum Status {
        Initialized,
        Registered,
        Attested,
        Confirmed,
        Failed
    }

    struct Settlement {
        Status status;
        bytes32 metadataHash;
        string assetName;
        string assetTag;
        string geoId;
        string jurisdiction;
        string documentURI;
        address counterparty;
        address witness;
        address sender;
        uint256 postedAmount;
        bytes32 docHash;
        uint256 timestamp;
    }

    event SettlementInitialized(
        bytes32 indexed idHash, address indexed counterparty, uint256 amount, bytes32 metadataHash
    );
    event SettlementRegistered(bytes32 indexed idHash);
    event Attest(bytes32 indexed idHash);
    event PostProof(bytes32 indexed idHash, Status statusProposal);
    event SettlementValidated(
        bytes32 indexed idHash,
        Status finalStatus,
        uint256 amount,
        address counterparty,
        address witness,
        address sender
    );

    address public immutable owner = msg.sender;
    ValidatorRegistry public immutable validatorRegistry;

    bytes32[] public settlementHashes;
    mapping(bytes32 idHash => uint256) public agreeVotes;
    mapping(bytes32 idHash => uint256) public disagreeVotes;
    mapping(bytes32 idHash => uint256) public proposalNonce;
    mapping(bytes32 idHash => bool) public confirmedLock;
    mapping(bytes32 idHash => bool) public finalized;
    mapping(bytes32 idHash => mapping(address validator => bool)) public hasVoted;
    mapping(bytes32 idHash => mapping(address validator => uint256)) public lastVotedNonce;

    mapping(bytes32 idHash => Settlement) private _settlements;
    mapping(address account => bytes32[]) private _byAddress;
    mapping(address account => bytes32[]) private _byCounterparty;
    mapping(address account => bytes32[]) private _bySender;
    mapping(address account => bytes32[]) private _byWitness;

    modifier onlyOwner() {
        require(msg.sender == owner, "Unauthorized");
        _;
    }

    modifier known(bytes32 idHash) {
        require(settlementExists(idHash), "Not initialized");
        _;
    }

    constructor(address _validatorRegistry) {
        validatorRegistry = ValidatorRegistry(_validatorRegistry);
    }

    function initAttest(
        bytes32 idHash,
        bytes32 metadataHash,
        string memory assetName,
        string memory assetTag,
        string memory geoId,
        string memory jurisdiction,
        string memory documentURI,
        address counterparty,
        address witness
    ) external {
        require(!settlementExists(idHash), "Already initialized");
        Settlement storage settlement = _settlements[idHash];
        settlement.metadataHash = metadataHash;
        settlement.assetName = assetName;
        settlement.assetTag = assetTag;
        settlement.geoId = geoId;
        settlement.jurisdiction = jurisdiction;
        settlement.documentURI = documentURI;
        settlement.counterparty = counterparty;
        settlement.witness = witness;
        settlement.sender = msg.sender;
        settlement.timestamp = block.timestamp;

        _list(idHash, msg.sender, counterparty, witness);
        emit SettlementInitialized(idHash, counterparty, 0, metadataHash);
    }

    function registerSettlement(bytes32 idHash, bytes32 docHash) external onlyOwner known(idHash) {
        require(_settlements[idHash].status == Status.Initialized, "Already registered");
        _settlements[idHash].status = Status.Registered;
        _settlements[idHash].docHash = docHash;
        emit SettlementRegistered(idHash);
    }

    function attest(bytes32 idHash) external onlyOwner known(idHash) {
        require(!confirmedLock[idHash], "Already confirmed");
        _settlements[idHash].status = Status.Attested;
        emit Attest(idHash);
    }

    function postProof(bytes32 idHash, Status statusProposal, uint256 amountAfterFees, bytes32 docHash)
        external
        onlyOwner
        known(idHash)
    {
        require(statusProposal == Status.Confirmed || statusProposal == Status.Failed, "Not a proposal");
        require(!confirmedLock[idHash], "Already confirmed");
        Settlement storage settlement = _settlements[idHash];
        settlement.status = statusProposal;
        settlement.postedAmount = amountAfterFees;
        settlement.docHash = docHash;

        proposalNonce[idHash] += 1;
        agreeVotes[idHash] = 0;
        disagreeVotes[idHash] = 0;
        finalized[idHash] = false;
        emit PostProof(idHash, statusProposal);
    }

    function voteOnSettlement(bytes32 idHash, bool agree) external {
        require(isValidator(msg.sender), "Not a validator");
        require(lastVotedNonce[idHash][msg.sender] < proposalNonce[idHash], "Already voted this round");
        require(!finalized[idHash], "Already finalized");
        lastVotedNonce[idHash][msg.sender] = proposalNonce[idHash];
        hasVoted[idHash][msg.sender] = true;

        uint256 votes = agree ? ++agreeVotes[idHash] : ++disagreeVotes[idHash];
        if (votes >= (2 * getValidatorCount() + 2) / 3) _finalize(idHash, agree);
    }

    function settlementExists(bytes32 idHash) public view returns (bool) {
        return _settlements[idHash].timestamp != 0;
    }

    function getSettlement(bytes32 idHash) external view known(idHash) returns (Settlement memory) {
        return _settlements[idHash];
    }

    function getSettlementStatus(bytes32 idHash) external view known(idHash) returns (Status) {
        return _settlements[idHash].status;
    }

    function getSettlementTimestamp(bytes32 idHash) external view known(idHash) returns (uint256) {
        return _settlements[idHash].timestamp;
    }

    function getSettlementParticipants(bytes32 idHash)
        external
        view
        known(idHash)
        returns (address sender, address counterparty, address witness)
    {
        Settlement storage settlement = _settlements[idHash];
        return (settlement.sender, settlement.counterparty, settlement.witness);
    }

    function isFinalized(bytes32 idHash) external view returns (bool) {
        return finalized[idHash];
    }

    function getSettlementCount() external view returns (uint256) {
        return settlementHashes.length;
    }

    function getSettlementHashes() external view returns (bytes32[] memory) {
        return settlementHashes;
    }

    function getSettlementsByAddress(address a) external view returns (bytes32[] memory) {
        return _byAddress[a];
    }

    function getSettlementsByCounterparty(address counterparty) external view returns (bytes32[] memory) {
        return _byCounterparty[counterparty];
    }

    function getSettlementsBySender(address sender) external view returns (bytes32[] memory) {
        return _bySender[sender];
    }

    function getSettlementsByWitness(address witness) external view returns (bytes32[] memory) {
        return _byWitness[witness];
    }

    function isValidator(address a) public view returns (bool) {
        return validatorRegistry.isValidator(a);
    }

    function getValidatorCount() public view returns (uint256) {
        return validatorRegistry.getValidatorCount();
    }

    function _list(bytes32 idHash, address sender, address counterparty, address witness) private {
        settlementHashes.push(idHash);
        _bySender[sender].push(idHash);
        _byCounterparty[counterparty].push(idHash);
        _byWitness[witness].push(idHash);
        _byAddress[sender].push(idHash);
        if (counterparty != sender) _byAddress[counterparty].push(idHash);
        if (witness != sender && witness != counterparty) _byAddress[witness].push(idHash);
    }

    function _finalize(bytes32 idHash, bool agreed) private {
        Settlement storage settlement = _settlements[idHash];
        finalized[idHash] = true;
        if (agreed && settlement.status == Status.Confirmed) confirmedLock[idHash] = true;
        emit SettlementValidated(
            idHash,
            settlement.status,
            settlement.postedAmount,
            settlement.counterparty,
            settlement.witness,
            settlement.sender
        );
    }
}
