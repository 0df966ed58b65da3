// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ManagedToken} from "./ManagedToken.sol";

/// An ERC-20 token that tells by a number why a transfer is restricted (ERC-1404), own code.
contract RestrictedToken is ManagedToken {
    uint8 private constant NONE = 0;
    uint8 private constant SENDER = 1;
    uint8 private constant RECIPIENT = 2;
    uint8 private constant PAUSED = 3;
    uint8 private constant HOLDING = 4;

    event MaximumHoldingSet(uint256 amount);

    /// The most that a transfer may leave its recipient with.
    uint256 public maximumHolding = type(uint256).max;

    constructor(string memory name, string memory symbol, uint8 decimals_, address admin, address agent)
        ManagedToken(name, symbol, decimals_, admin, agent)
    {}

    function setMaximumHolding(uint256 amount) external onlyRole(DEFAULT_ADMIN_ROLE) {
        maximumHolding = amount;
        emit MaximumHoldingSet(amount);
    }

    function detectTransferRestriction(address from, address to, uint256 amount) public view returns (uint8) {
        if (paused()) return PAUSED;
        if (!isWhitelisted[from]) return SENDER;
        if (!isWhitelisted[to]) return RECIPIENT;
        uint256 held = from == to ? 0 : balanceOf(to);
        if (held > maximumHolding || amount > maximumHolding - held) return HOLDING;
        return NONE;
    }

    function messageForTransferRestriction(uint8 code) public pure returns (string memory) {
        if (code == NONE) return "No restriction";
        if (code == SENDER) return "The sender is not whitelisted";
        if (code == RECIPIENT) return "The recipient is not whitelisted";
        if (code == PAUSED) return "Transfers are paused";
        if (code == HOLDING) return "The recipient would hold more than one may";
        return "Unknown restriction";
    }

    function _requireTransferable(address from, address to, uint256 amount) internal view override {
        uint8 code = detectTransferRestriction(from, to, amount);
        require(code == NONE, messageForTransferRestriction(code));
    }
}
