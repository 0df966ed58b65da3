// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// Pays whoever is registered under a handle, and logs what for. Own code, with the functions and the event of Payer Tiger's router.
///
/// The log tells that its amount of some token has arrived: not of which token, and not that it was the price. Whoever unlocks something
/// looks for the token's own transfer in the same transaction.
contract PayerRouter is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    event ContentAccessed(
        bytes32 indexed contentId, address indexed payer, address indexed creator, uint256 amount
    );
    event PayeeSet(string handle, address indexed payee);

    error BadHandle();
    error HandleTaken();
    error NotThePayee();
    error ZeroAddress();
    error ZeroAmount();
    error NotPaidInFull(uint256 received);

    uint256 private constant LONGEST_HANDLE = 32;

    mapping(string handle => address payee) private _payees;

    /// Registers the caller under a handle that nobody has. It says nothing of who the caller is: read `getPayee` before you pay.
    function addPayee(string calldata handle, address payee) external {
        require(payee != address(0), ZeroAddress());
        require(payee == msg.sender, NotThePayee());
        require(bytes(handle).length > 0 && bytes(handle).length <= LONGEST_HANDLE, BadHandle());
        require(_payees[handle] == address(0), HandleTaken());
        _setPayee(handle, payee);
    }

    /// Hands a handle on. Only its payee may.
    function updatePayee(string calldata handle, address newPayee) external {
        require(newPayee != address(0), ZeroAddress());
        require(getPayee(handle) == msg.sender, NotThePayee());
        _setPayee(handle, newPayee);
    }

    /// Moves the caller's tokens to the payee, as far as the caller has approved this contract, and logs it once they are there.
    function payAndLogAccess(bytes32 contentId, string calldata creatorHandle, address token, uint256 amount)
        external
        nonReentrant
    {
        require(token != address(0), ZeroAddress());
        require(amount > 0, ZeroAmount());
        address creator = getPayee(creatorHandle);

        uint256 before = IERC20(token).balanceOf(creator);
        IERC20(token).safeTransferFrom(msg.sender, creator, amount);
        // some tokens keep a part, and some say that they moved what they did not
        uint256 received = IERC20(token).balanceOf(creator) - before;
        require(received >= amount, NotPaidInFull(received));

        emit ContentAccessed(contentId, msg.sender, creator, amount);
    }

    function getPayee(string calldata handle) public view returns (address) {
        address payee = _payees[handle];
        // callers of the first router know this sentence
        require(payee != address(0), "Handle not found");
        return payee;
    }

    function _setPayee(string calldata handle, address payee) private {
        _payees[handle] = payee;
        emit PayeeSet(handle, payee);
    }
}
