// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ManagedToken} from "./ManagedToken.sol";

/// What the final ERC-7943 and its drafts have in common, for fungible tokens.
abstract contract FreezableToken is ManagedToken {
    bytes32 public constant FREEZER_ROLE = keccak256("FREEZER_ROLE");
    bytes32 public constant ENFORCER_ROLE = keccak256("ENFORCER_ROLE");

    event ForcedTransfer(address indexed from, address indexed to, uint256 amount);
    event Frozen(address indexed account, uint256 amount);

    error ERC7943CannotReceive(address account);
    error ERC7943InsufficientUnfrozenBalance(address account, uint256 amount, uint256 unfrozen);

    mapping(address account => uint256 amount) private _frozen;

    constructor(string memory name, string memory symbol, uint8 decimals_, address admin, address agent)
        ManagedToken(name, symbol, decimals_, admin, agent)
    {
        _grantRole(FREEZER_ROLE, agent);
        _grantRole(ENFORCER_ROLE, agent);
    }

    /// May be more than the account holds.
    function getFrozenTokens(address account) external view returns (uint256) {
        return _frozen[account];
    }

    /// True for an amount above the balance: that is ERC-20's refusal, and no permission.
    function canTransfer(address from, address to, uint256 amount) external view returns (bool) {
        if (paused() || !_maySend(from) || !_mayReceive(to)) return false;
        return amount > balanceOf(from) || amount <= _unfrozen(from);
    }

    function setFrozenTokens(address account, uint256 amount) external onlyRole(FREEZER_ROLE) returns (bool) {
        require(account != address(0), NotAnAccount());
        _setFrozen(account, amount);
        return true;
    }

    /// Ignores the pause, the freeze and whether the holder may send; what is moved of the frozen is frozen no longer.
    function forcedTransfer(address from, address to, uint256 amount) external onlyRole(ENFORCER_ROLE) returns (bool) {
        require(from != address(0), ERC20InvalidSender(from));
        require(to != address(0), ERC20InvalidReceiver(to));
        _requireMayReceive(to);
        _beforeTaking(from, amount);
        ERC20._update(from, to, amount);
        emit ForcedTransfer(from, to, amount);
        return true;
    }

    function _maySend(address account) internal view returns (bool) {
        return isWhitelisted[account];
    }

    function _mayReceive(address account) internal view returns (bool) {
        return isWhitelisted[account];
    }

    function _refuseSender(address account) internal pure virtual;

    function _requireTransferable(address from, address to, uint256 amount) internal view override {
        _requireNotPaused();
        if (!_maySend(from)) _refuseSender(from);
        _requireMayReceive(to);
        uint256 unfrozen = _unfrozen(from);
        require(amount <= unfrozen || amount > balanceOf(from), ERC7943InsufficientUnfrozenBalance(from, amount, unfrozen));
    }

    function _requireMayReceive(address account) internal view virtual override {
        require(_mayReceive(account), ERC7943CannotReceive(account));
    }

    function _beforeTaking(address from, uint256 amount) internal override {
        uint256 unfrozen = _unfrozen(from);
        if (amount > unfrozen && amount <= balanceOf(from)) _setFrozen(from, _frozen[from] - (amount - unfrozen));
    }

    function _unfrozen(address account) private view returns (uint256) {
        uint256 balance = balanceOf(account);
        uint256 frozen = _frozen[account];
        return balance > frozen ? balance - frozen : 0;
    }

    function _setFrozen(address account, uint256 amount) private {
        _frozen[account] = amount;
        emit Frozen(account, amount);
    }
}

/// An ERC-20 token after the final ERC-7943, own code. A sandbox's: only those may hold it who are whitelisted.
contract PermissionedToken is FreezableToken {
    error ERC7943CannotSend(address account);

    constructor(string memory name, string memory symbol, uint8 decimals_, address admin, address agent)
        FreezableToken(name, symbol, decimals_, admin, agent)
    {}

    function canSend(address account) external view returns (bool) {
        return _maySend(account);
    }

    function canReceive(address account) external view returns (bool) {
        return _mayReceive(account);
    }

    function supportsInterface(bytes4 id) public view override returns (bool) {
        return id == 0x3edbb4c4 || super.supportsInterface(id);
    }

    function _refuseSender(address account) internal pure override {
        revert ERC7943CannotSend(account);
    }
}
