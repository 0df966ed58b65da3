// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Stands in for the precompile of an Avalanche L1 that says who may send transactions; put at
/// 0x0200000000000000000000000000000000000002. A real L1 refuses what others send before it gets into a block.
contract TxAllowList {
    uint256 private constant NONE = 0;
    uint256 private constant ENABLED = 1;
    uint256 private constant ADMIN = 2;
    uint256 private constant MANAGER = 3;

    event RoleSet(uint256 indexed role, address indexed account, address indexed sender, uint256 oldRole);

    // the first one: whoever puts the code there names the first admin by writing to its slot
    mapping(address account => uint256 role) private _roles;

    function readAllowList(address account) external view returns (uint256 role) {
        return _roles[account];
    }

    function setNone(address account) external {
        _set(account, NONE);
    }

    function setEnabled(address account) external {
        _set(account, ENABLED);
    }

    function setManager(address account) external {
        _set(account, MANAGER);
    }

    function setAdmin(address account) external {
        _set(account, ADMIN);
    }

    /// Admins give any role; managers let accounts in and out that are neither.
    function _set(address account, uint256 role) private {
        uint256 sender = _roles[msg.sender];
        uint256 oldRole = _roles[account];
        bool lettingInOrOut = role <= ENABLED && oldRole <= ENABLED;
        require(sender == ADMIN || (sender == MANAGER && lettingInOrOut), "cannot modify allow list");
        _roles[account] = role;
        emit RoleSet(role, account, msg.sender, oldRole);
    }
}
