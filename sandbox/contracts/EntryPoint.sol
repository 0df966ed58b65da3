// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

struct PackedUserOperation {
    address sender;
    uint256 nonce; // a key of 192 bits, then a sequence of 64
    bytes initCode; // factory, then its calldata; empty once the account exists
    bytes callData;
    bytes32 accountGasLimits; // gas for validation (128 bits), then for execution
    uint256 preVerificationGas;
    bytes32 gasFees;
    bytes paymasterAndData;
    bytes signature;
}

interface IAccount {
    /// Returns 0 for a good signature, 1 for a bad one, or a time range in the layout of ERC-4337.
    function validateUserOp(PackedUserOperation calldata op, bytes32 opHash, uint256 missingFunds)
        external
        returns (uint256 validationData);
}

/// A minimal entry point written from the text of ERC-4337 at version 0.7: same operation, hash, events and refusals.
///
/// Two things differ on purpose. Gas is not charged: the relayer pays for everybody, as a sponsoring paymaster would, so
/// paymasters are named in the event but never called. And `initCode` for an account that already exists is
/// ignored, as version 0.9 does, so that two first operations of one account can be in flight at once.
contract EntryPoint is ReentrancyGuardTransient {
    error FailedOp(uint256 opIndex, string reason);
    error FailedOpWithRevert(uint256 opIndex, string reason, bytes inner);

    event UserOperationEvent(
        bytes32 indexed userOpHash,
        address indexed sender,
        address indexed paymaster,
        uint256 nonce,
        bool success,
        uint256 actualGasCost,
        uint256 actualGasUsed
    );
    event UserOperationRevertReason(
        bytes32 indexed userOpHash, address indexed sender, uint256 nonce, bytes revertReason
    );
    event AccountDeployed(bytes32 indexed userOpHash, address indexed sender, address factory, address paymaster);
    event BeforeExecution();

    mapping(address sender => mapping(uint192 key => uint64 sequence)) private _sequences;

    /// Validates all operations, then executes each. One that does not validate reverts the bundle; one that fails
    /// while executing is reported by its event and hinders nobody.
    function handleOps(PackedUserOperation[] calldata ops, address payable) external nonReentrant {
        bytes32[] memory hashes = new bytes32[](ops.length);
        for (uint256 i = 0; i < ops.length; i++) {
            hashes[i] = getUserOpHash(ops[i]);
            _validate(i, ops[i], hashes[i]);
        }
        emit BeforeExecution();
        for (uint256 i = 0; i < ops.length; i++) {
            _execute(i, ops[i], hashes[i]);
        }
    }

    function getUserOpHash(PackedUserOperation calldata op) public view returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(
                op.sender,
                op.nonce,
                keccak256(op.initCode),
                keccak256(op.callData),
                op.accountGasLimits,
                op.preVerificationGas,
                op.gasFees,
                keccak256(op.paymasterAndData)
            )
        );
        return keccak256(abi.encode(inner, address(this), block.chainid));
    }

    function getNonce(address sender, uint192 key) external view returns (uint256) {
        return (uint256(key) << 64) | _sequences[sender][key];
    }

    function _validate(uint256 index, PackedUserOperation calldata op, bytes32 opHash) private {
        _deploy(index, op, opHash);
        if (op.sender.code.length == 0) revert FailedOp(index, "AA20 account not deployed");
        uint256 gas = uint256(op.accountGasLimits) >> 128;
        try IAccount(op.sender).validateUserOp{gas: gas}(op, opHash, 0) returns (uint256 validationData) {
            _checkValidationData(index, validationData);
        } catch (bytes memory reason) {
            revert FailedOpWithRevert(index, "AA23 reverted", reason);
        }
        uint192 key = uint192(op.nonce >> 64);
        if (_sequences[op.sender][key]++ != uint64(op.nonce)) revert FailedOp(index, "AA25 invalid account nonce");
    }

    function _deploy(uint256 index, PackedUserOperation calldata op, bytes32 opHash) private {
        if (op.initCode.length == 0 || op.sender.code.length != 0) return;
        if (op.initCode.length < 20) revert FailedOp(index, "AA99 initCode too small");
        address factory = address(bytes20(op.initCode[:20]));
        (bool ok, bytes memory result) = factory.call(op.initCode[20:]);
        if (!ok || result.length < 32) revert FailedOp(index, "AA13 initCode failed or OOG");
        if (abi.decode(result, (address)) != op.sender) revert FailedOp(index, "AA14 initCode must return sender");
        if (op.sender.code.length == 0) revert FailedOp(index, "AA15 initCode must create sender");
        emit AccountDeployed(opHash, op.sender, factory, _paymaster(op));
    }

    function _checkValidationData(uint256 index, uint256 validationData) private view {
        if (validationData == 0) return;
        if (uint160(validationData) != 0) revert FailedOp(index, "AA24 signature error");
        uint48 validUntil = uint48(validationData >> 160);
        uint48 validAfter = uint48(validationData >> 208);
        if ((validUntil != 0 && block.timestamp > validUntil) || block.timestamp <= validAfter) {
            revert FailedOp(index, "AA22 expired or not due");
        }
    }

    function _execute(uint256 index, PackedUserOperation calldata op, bytes32 opHash) private {
        uint256 before = gasleft();
        uint256 limit = uint128(uint256(op.accountGasLimits));
        if ((gasleft() * 63) / 64 < limit + 10_000) revert FailedOp(index, "AA95 out of gas");
        (bool success, bytes memory result) = op.sender.call{gas: limit}(op.callData);
        if (!success && result.length > 0) {
            emit UserOperationRevertReason(opHash, op.sender, op.nonce, result);
        }
        emit UserOperationEvent(opHash, op.sender, _paymaster(op), op.nonce, success, 0, before - gasleft());
    }

    function _paymaster(PackedUserOperation calldata op) private pure returns (address) {
        return op.paymasterAndData.length < 20 ? address(0) : address(bytes20(op.paymasterAndData[:20]));
    }
}
