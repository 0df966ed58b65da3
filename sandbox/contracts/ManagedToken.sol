// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// What the issuer of a permissioned token does beside its standard: mint, burn, pause, say who may hold it; each by a
/// role of its own. A pause stops holders, not the issuer.
abstract contract ManagedToken is ERC20, AccessControl, Pausable {
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");
    bytes32 public constant BURNER_ROLE = keccak256("BURNER_ROLE");
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    bytes32 public constant WHITELIST_ROLE = keccak256("WHITELIST_ROLE");

    error NotAnAccount();
    error HolderNotWhitelisted(address account);

    event Whitelisted(address indexed account, bool status);

    mapping(address account => bool whitelisted) public isWhitelisted;

    uint8 private immutable _decimals;

    /// `admin` gives and takes roles; `agent` has them.
    constructor(string memory name, string memory symbol, uint8 decimals_, address admin, address agent)
        ERC20(name, symbol)
    {
        _decimals = decimals_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(MINTER_ROLE, agent);
        _grantRole(BURNER_ROLE, agent);
        _grantRole(PAUSER_ROLE, agent);
        _grantRole(WHITELIST_ROLE, agent);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function mint(address to, uint256 amount) external onlyRole(MINTER_ROLE) {
        _mint(to, amount);
    }

    /// Takes what its holder may not move as well.
    function burn(address from, uint256 amount) external onlyRole(BURNER_ROLE) {
        _beforeTaking(from, amount);
        _burn(from, amount);
    }

    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    function unpause() external onlyRole(PAUSER_ROLE) {
        _unpause();
    }

    function changeWhitelist(address account, bool status) external onlyRole(WHITELIST_ROLE) {
        require(account != address(0), NotAnAccount());
        isWhitelisted[account] = status;
        emit Whitelisted(account, status);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0)) _requireMayReceive(to);
        else if (to != address(0)) _requireTransferable(from, to, amount);
        super._update(from, to, amount);
    }

    /// @dev Reverts when a holder may not move this much to another.
    function _requireTransferable(address from, address to, uint256 amount) internal view virtual;

    /// @dev Reverts when nothing may come to this account.
    function _requireMayReceive(address account) internal view virtual {
        require(isWhitelisted[account], HolderNotWhitelisted(account));
    }

    /// @dev Before the issuer takes from a holder, with or without the holder's leave.
    function _beforeTaking(address from, uint256 amount) internal virtual {}
}
