// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ManagedToken} from "./ManagedToken.sol";

/// An ERC-20 token of no standard but a `canTransfer` that says yes or no, own code.
contract GatedToken is ManagedToken {
    error TransferNotAllowed(address from, address to, uint256 amount);

    event MaximumTransferSet(uint256 amount);

    /// The most that one transfer may move.
    uint256 public maximumTransfer = type(uint256).max;

    constructor(string memory name, string memory symbol, uint8 decimals_, address admin, address agent)
        ManagedToken(name, symbol, decimals_, admin, agent)
    {}

    function setMaximumTransfer(uint256 amount) external onlyRole(DEFAULT_ADMIN_ROLE) {
        maximumTransfer = amount;
        emit MaximumTransferSet(amount);
    }

    function canTransfer(address from, address to, uint256 amount) public view returns (bool) {
        return !paused() && isWhitelisted[from] && isWhitelisted[to] && amount <= maximumTransfer;
    }

    function _requireTransferable(address from, address to, uint256 amount) internal view override {
        require(canTransfer(from, to, amount), TransferNotAllowed(from, to, amount));
    }
}
