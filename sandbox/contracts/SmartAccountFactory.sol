// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Grant, SmartAccount} from "./SmartAccount.sol";

/// Makes smart accounts at addresses known beforehand: a function of owner, first signers and salt, the same on every chain.
contract SmartAccountFactory {
    SmartAccount public immutable MASTER_COPY;

    constructor(address entryPoint) {
        // CREATE2 without a choice of salt: one master copy per factory address, so the same on every chain
        MASTER_COPY = new SmartAccount{salt: 0}(entryPoint);
    }

    /// Returns the account, making it first where it does not exist yet.
    function createAccount(address owner, Grant[] calldata grants, bytes32 salt) external returns (address account) {
        account = addressOf(owner, grants, salt);
        if (account.code.length == 0) {
            Clones.cloneDeterministic(address(MASTER_COPY), _salt(owner, grants, salt));
            SmartAccount(payable(account)).initialize(owner, grants);
        }
    }

    function addressOf(address owner, Grant[] calldata grants, bytes32 salt) public view returns (address) {
        return Clones.predictDeterministicAddress(address(MASTER_COPY), _salt(owner, grants, salt));
    }

    function _salt(address owner, Grant[] calldata grants, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(owner, grants, salt));
    }
}
