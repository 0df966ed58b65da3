// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

struct Attestation {
    bytes32 uid;
    bytes32 schema;
    uint64 time;
    uint64 expirationTime;
    uint64 revocationTime;
    bytes32 refUID;
    address recipient;
    address attester;
    bool revocable;
    bytes data;
}

struct AttestationRequestData {
    address recipient;
    uint64 expirationTime;
    bool revocable;
    bytes32 refUID;
    bytes data;
    uint256 value;
}

struct AttestationRequest {
    bytes32 schema;
    AttestationRequestData data;
}

struct RevocationRequestData {
    bytes32 uid;
    uint256 value;
}

struct RevocationRequest {
    bytes32 schema;
    RevocationRequestData data;
}

/// A small Ethereum Attestation Service: the functions, events and refusals of the real one that concern a single attestation, own code.
/// Any schema uid will do here; the real one knows only those of its schema registry.
contract EAS {
    event Attested(address indexed recipient, address indexed attester, bytes32 uid, bytes32 indexed schemaUID);
    event Revoked(address indexed recipient, address indexed attester, bytes32 uid, bytes32 indexed schemaUID);

    error AccessDenied();
    error AlreadyRevoked();
    error InvalidExpirationTime();
    error InvalidSchema();
    error Irrevocable();
    error NotFound();
    error NotPayable();

    mapping(bytes32 uid => Attestation) private _attestations;

    function attest(AttestationRequest calldata request) external payable returns (bytes32) {
        AttestationRequestData calldata given = request.data;
        if (msg.value != 0 || given.value != 0) revert NotPayable();
        if (request.schema == 0) revert InvalidSchema();
        if (given.expirationTime != 0 && given.expirationTime <= block.timestamp) revert InvalidExpirationTime();
        if (given.refUID != 0 && !isAttestationValid(given.refUID)) revert NotFound();

        Attestation memory attestation = Attestation({
            uid: 0,
            schema: request.schema,
            time: uint64(block.timestamp),
            expirationTime: given.expirationTime,
            revocationTime: 0,
            refUID: given.refUID,
            recipient: given.recipient,
            attester: msg.sender,
            revocable: given.revocable,
            data: given.data
        });
        uint32 bump = 0;
        do {
            attestation.uid = _uid(attestation, bump++);
        } while (isAttestationValid(attestation.uid));
        _attestations[attestation.uid] = attestation;
        emit Attested(attestation.recipient, msg.sender, attestation.uid, attestation.schema);
        return attestation.uid;
    }

    function revoke(RevocationRequest calldata request) external payable {
        Attestation storage attestation = _attestations[request.data.uid];
        if (msg.value != 0 || request.data.value != 0) revert NotPayable();
        if (attestation.uid == 0) revert NotFound();
        if (attestation.schema != request.schema) revert InvalidSchema();
        if (attestation.attester != msg.sender) revert AccessDenied();
        if (!attestation.revocable) revert Irrevocable();
        if (attestation.revocationTime != 0) revert AlreadyRevoked();
        attestation.revocationTime = uint64(block.timestamp);
        emit Revoked(attestation.recipient, msg.sender, attestation.uid, attestation.schema);
    }

    /// All zero for a uid that does not exist.
    function getAttestation(bytes32 uid) external view returns (Attestation memory) {
        return _attestations[uid];
    }

    function isAttestationValid(bytes32 uid) public view returns (bool) {
        return _attestations[uid].uid != 0;
    }

    function _uid(Attestation memory attestation, uint32 bump) private pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                attestation.schema,
                attestation.recipient,
                attestation.attester,
                attestation.time,
                attestation.expirationTime,
                attestation.revocable,
                attestation.refUID,
                attestation.data,
                bump
            )
        );
    }
}
