// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Who may vote on settlements. The functions of Chainsettle's contract of this name, own code.
contract ValidatorRegistry {
    address public immutable owner = msg.sender;
    uint256 public constant depositAmount = 0;

    address[] public validatorList;
    address[] public whitelist;
    mapping(address account => bool) public isValidator;
    mapping(address account => bool) private _whitelisted;

    modifier onlyOwner() {
        require(msg.sender == owner, "Unauthorized");
        _;
    }

    function addToWhitelist(address[] calldata addresses) external onlyOwner {
        for (uint256 i = 0; i < addresses.length; i++) {
            if (_whitelisted[addresses[i]]) continue;
            _whitelisted[addresses[i]] = true;
            whitelist.push(addresses[i]);
        }
    }

    function removeFromWhitelist(address[] calldata addresses) external onlyOwner {
        for (uint256 i = 0; i < addresses.length; i++) {
            if (!_whitelisted[addresses[i]]) continue;
            _whitelisted[addresses[i]] = false;
            _remove(whitelist, addresses[i]);
        }
    }

    function registerValidator() external payable {
        require(_whitelisted[msg.sender], "Not whitelisted");
        require(msg.value == depositAmount, "Incorrect deposit");
        _register(msg.sender);
    }

    function registerValidatorByOwner(address validator) external onlyOwner {
        _register(validator);
    }

    function unregisterValidator() external {
        _unregister(msg.sender);
    }

    function unregisterValidatorByOwner(address validator) external onlyOwner {
        _unregister(validator);
    }

    function checkValidator(address validator) external view returns (bool) {
        return isValidator[validator];
    }

    function getValidatorCount() external view returns (uint256 count) {
        return validatorList.length;
    }

    function getValidators() external view returns (address[] memory) {
        return validatorList;
    }

    function _register(address validator) private {
        require(!isValidator[validator], "Already registered");
        isValidator[validator] = true;
        validatorList.push(validator);
    }

    function _unregister(address validator) private {
        require(isValidator[validator], "Not registered");
        isValidator[validator] = false;
        _remove(validatorList, validator);
    }

    function _remove(address[] storage list, address account) private {
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] != account) continue;
            list[i] = list[list.length - 1];
            list.pop();
            return;
        }
    }
}
