// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FreezableToken} from "./PermissionedToken.sol";

/// The same after ERC-7943 as it was before March 2026: one question for whoever takes part, `canTransact`.
contract PermissionedTokenDraft is FreezableToken {
    error ERC7943CannotTransact(address account);

    constructor(string memory name, string memory symbol, uint8 decimals_, address admin, address agent)
        FreezableToken(name, symbol, decimals_, admin, agent)
    {}

    function canTransact(address account) external view returns (bool) {
        return isWhitelisted[account];
    }

    function supportsInterface(bytes4 id) public view override returns (bool) {
        return id == 0x29388973 || super.supportsInterface(id);
    }

    function _refuseSender(address account) internal pure override {
        revert ERC7943CannotTransact(account);
    }

    function _requireMayReceive(address account) internal view override {
        require(_mayReceive(account), ERC7943CannotTransact(account));
    }
}
