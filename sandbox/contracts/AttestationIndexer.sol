// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attestation, EAS} from "./EAS.sol";

/// The newest attestation of a schema about a recipient. The functions and events of Coinbase's indexer, own code; anybody may index here.
/// What is revoked or expired later stays indexed: whoever asks has to look at the attestation itself.
contract AttestationIndexer {
    event AttestationIndexed(
        address indexed indexer, address indexed recipient, bytes32 indexed schema, bytes32 attestationUid
    );

    error AttestationExpired(bytes32 attestationUid, uint256 expirationTime);
    error AttestationMissingRecipient(bytes32 attestationUid);
    error AttestationNotFound();
    error AttestationRevoked(bytes32 attestationUid, uint256 revocationTime);

    EAS private immutable _eas;
    mapping(address recipient => mapping(bytes32 schemaUid => bytes32 attestationUid)) private _newest;

    constructor(address eas) {
        _eas = EAS(eas);
    }

    function index(bytes32 attestationUid) external {
        Attestation memory found = _eas.getAttestation(attestationUid);
        if (found.uid == 0) revert AttestationNotFound();
        if (found.expirationTime != 0 && found.expirationTime <= block.timestamp) {
            revert AttestationExpired(found.uid, found.expirationTime);
        }
        if (found.revocationTime != 0) revert AttestationRevoked(found.uid, found.revocationTime);
        if (found.recipient == address(0)) revert AttestationMissingRecipient(found.uid);
        _newest[found.recipient][found.schema] = found.uid;
        emit AttestationIndexed(msg.sender, found.recipient, found.schema, found.uid);
    }

    function getAttestationUid(address recipient, bytes32 schemaUid) external view returns (bytes32) {
        return _newest[recipient][schemaUid];
    }
}
