import { type Address, type Hash, type Log } from 'viem';
/** Where a chain is, and when it is believed. */
export interface ChainOptions {
    chainId: number;
    rpcUrl: string;
    /** Blocks that must carry or follow a transaction before it settles a payment; at least 1. */
    confirmations: number;
    /** Blocks after which a settled transaction is no longer looked at again. */
    finality: number;
    /** The ERC-4337 entry points whose events tell what became of a user operation. */
    entryPoints: readonly Address[];
}
/** What a chain says about one transaction. */
export interface Receipt {
    transactionHash: Hash;
    blockNumber: bigint;
    blockHash: Hash;
    succeeded: boolean;
    logs: readonly Log[];
}
/** How a user operation ended, by the entry point's event. */
export interface UserOperation {
    userOperationHash: Hash;
    transactionHash: Hash;
    succeeded: boolean;
}
/** One chain, read over JSON-RPC. Every method throws `ChainUnavailable` when the chain does not answer. */
export interface Chain extends ChainOptions {
    blockNumber(): Promise<bigint>;
    balanceOf(token: Address, holder: Address): Promise<bigint>;
    /** Symbol and decimals of an ERC-20 token, or null if there is none at this address. */
    token(address: Address): Promise<{
        symbol: string;
        decimals: number;
    } | null>;
    /** Null while no block carries the transaction. */
    receipt(hash: Hash): Promise<Receipt | null>;
    /** The user operations that ended in these blocks, both ends included. */
    userOperations(fromBlock: bigint, toBlock: bigint): Promise<UserOperation[]>;
    /** What became of one user operation, looked for in the last `LOOK_BACK` blocks. Null if no block carries it. */
    userOperation(hash: Hash): Promise<UserOperation | null>;
}
/** The chain did not answer, or not sensibly. */
export declare class ChainUnavailable extends Error {
    readonly name = "ChainUnavailable";
}
export declare const userOperationEvent: {
    readonly name: "UserOperationEvent";
    readonly type: 'event';
    readonly inputs: readonly [{
        readonly type: "bytes32";
        readonly name: "userOpHash";
        readonly indexed: true;
    }, {
        readonly type: "address";
        readonly name: "sender";
        readonly indexed: true;
    }, {
        readonly type: "address";
        readonly name: "paymaster";
        readonly indexed: true;
    }, {
        readonly type: "uint256";
        readonly name: "nonce";
    }, {
        readonly type: "bool";
        readonly name: "success";
    }, {
        readonly type: "uint256";
        readonly name: "actualGasCost";
    }, {
        readonly type: "uint256";
        readonly name: "actualGasUsed";
    }];
};
/** Public nodes answer log queries over at most so many blocks. */
export declare const LOOK_BACK = 2000n;
export declare function connectChain(options: ChainOptions): Chain;
