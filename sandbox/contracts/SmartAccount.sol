// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";
import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {IAccount, PackedUserOperation} from "./EntryPoint.sol";

struct Call {
    address target;
    uint256 value;
    bytes data;
}

struct Grant {
    address signer;
    uint48 validUntil; // unix seconds; the highest value means for ever
}

/// A wallet that is a contract: one owner, further signers with an end, calls only through the entry point.
/// Used behind minimal proxies made by SmartAccountFactory.
contract SmartAccount is IAccount, IERC1271, ERC721Holder, ERC1155Holder {
    error NotEntryPoint();
    error NotItself();
    error AlreadyInitialized();
    error UnsupportedMode(bytes32 mode);

    event SignerSet(address indexed signer, uint48 validUntil);

    /// Under this type a signature over a message is bound to one account on one chain, so that it cannot be replayed on
    /// another account of the same owner.
    bytes32 public constant MESSAGE_TYPEHASH = keccak256("AccountMessage(uint256 chainId,address account,bytes32 hash)");

    bytes32 private constant SINGLE = bytes32(0);
    bytes32 private constant BATCH = bytes32(uint256(1) << 248);

    address public immutable ENTRY_POINT;

    address public owner;
    mapping(address signer => uint48 validUntil) public signers;

    constructor(address entryPoint) {
        ENTRY_POINT = entryPoint;
        owner = address(this); // the master copy itself belongs to nobody
    }

    receive() external payable {}

    modifier onlyEntryPoint() {
        if (msg.sender != ENTRY_POINT) revert NotEntryPoint();
        _;
    }

    function initialize(address owner_, Grant[] calldata grants) external {
        if (owner != address(0)) revert AlreadyInitialized();
        owner = owner_;
        for (uint256 i = 0; i < grants.length; i++) {
            signers[grants[i].signer] = grants[i].validUntil;
        }
    }

    /// ERC-7579: `execution` is target, value and calldata packed (mode 0x00…), or an ABI-encoded array of calls (mode 0x01…)
    /// that happens all or not at all.
    function execute(bytes32 mode, bytes calldata execution) external payable onlyEntryPoint {
        if (mode == SINGLE) {
            _call(address(bytes20(execution[:20])), uint256(bytes32(execution[20:52])), execution[52:]);
        } else if (mode == BATCH) {
            Call[] memory calls = abi.decode(execution, (Call[]));
            for (uint256 i = 0; i < calls.length; i++) {
                _call(calls[i].target, calls[i].value, calls[i].data);
            }
        } else {
            revert UnsupportedMode(mode);
        }
    }

    function supportsExecutionMode(bytes32 mode) external pure returns (bool) {
        return mode == SINGLE || mode == BATCH;
    }

    /// Lets `signer` act for this account until `validUntil`; 0 ends it. The account itself calls this.
    function setSigner(address signer, uint48 validUntil) external {
        if (msg.sender != address(this)) revert NotItself();
        signers[signer] = validUntil;
        emit SignerSet(signer, validUntil);
    }

    function validateUserOp(PackedUserOperation calldata op, bytes32 opHash, uint256)
        external
        view
        onlyEntryPoint
        returns (uint256)
    {
        (address signer, ECDSA.RecoverError problem,) =
            ECDSA.tryRecover(MessageHashUtils.toEthSignedMessageHash(opHash), op.signature);
        if (problem != ECDSA.RecoverError.NoError) return 1;
        if (signer == owner) return 0;
        uint48 validUntil = signers[signer];
        return validUntil == 0 ? 1 : uint256(validUntil) << 160;
    }

    /// What a signer has to sign (as an EIP-191 message) for `hash` to count as signed by this account.
    function messageHash(bytes32 hash) public view returns (bytes32) {
        return keccak256(abi.encode(MESSAGE_TYPEHASH, block.chainid, address(this), hash));
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError problem,) =
            ECDSA.tryRecover(MessageHashUtils.toEthSignedMessageHash(messageHash(hash)), signature);
        bool ok = problem == ECDSA.RecoverError.NoError && (signer == owner || block.timestamp < signers[signer]);
        return ok ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function _call(address target, uint256 value, bytes memory data) private {
        (bool ok, bytes memory result) = target.call{value: value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result))
            }
        }
    }
}
