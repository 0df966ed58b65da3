import { z } from 'zod';
declare const transactionError: z.ZodObject<{
    reason: z.ZodString;
    message: z.ZodString;
    revert: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        type: z.ZodOptional<z.ZodString>;
        reason: z.ZodOptional<z.ZodString>;
        reasonData: z.ZodOptional<z.ZodUnknown>;
    }, z.core.$loose>>>;
}, z.core.$loose>;
declare const userOperation: z.ZodObject<{
    sender: z.ZodPipe<z.ZodString & z.ZodType<`0x${string}`, string, z.core.$ZodTypeInternals<`0x${string}`, string>>, z.ZodTransform<`0x${string}`, `0x${string}`>>;
    nonce: z.ZodCustom<`0x${string}`, `0x${string}`>;
    callData: z.ZodCustom<`0x${string}`, `0x${string}`>;
    callGasLimit: z.ZodCustom<`0x${string}`, `0x${string}`>;
    verificationGasLimit: z.ZodCustom<`0x${string}`, `0x${string}`>;
    preVerificationGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
    maxFeePerGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
    maxPriorityFeePerGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
    signature: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
    paymaster: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
    paymasterData: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
    paymasterVerificationGasLimit: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
    paymasterPostOpGasLimit: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
    factory: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
    factoryData: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
}, z.core.$loose>;
export declare const wallet: z.ZodObject<{
    chainType: z.ZodString;
    type: z.ZodString;
    address: z.ZodPipe<z.ZodString & z.ZodType<`0x${string}`, string, z.core.$ZodTypeInternals<`0x${string}`, string>>, z.ZodTransform<`0x${string}`, `0x${string}`>>;
    owner: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    alias: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    config: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        adminSigner: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            type: z.ZodOptional<z.ZodString>;
            address: z.ZodOptional<z.ZodString>;
            locator: z.ZodOptional<z.ZodString>;
        }, z.core.$loose>>>;
        recoveryMethods: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{
            type: z.ZodOptional<z.ZodString>;
            address: z.ZodOptional<z.ZodString>;
            locator: z.ZodOptional<z.ZodString>;
        }, z.core.$loose>>>>;
    }, z.core.$loose>>>;
    createdAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
}, z.core.$loose>;
export declare const transaction: z.ZodObject<{
    id: z.ZodString;
    chainType: z.ZodString;
    walletType: z.ZodString;
    status: z.ZodEnum<{
        "awaiting-approval": "awaiting-approval";
        failed: "failed";
        pending: "pending";
        success: "success";
    }>;
    params: z.ZodObject<{
        calls: z.ZodOptional<z.ZodArray<z.ZodObject<{
            to: z.ZodOptional<z.ZodString>;
            value: z.ZodOptional<z.ZodString>;
            data: z.ZodOptional<z.ZodString>;
        }, z.core.$loose>>>;
        chain: z.ZodOptional<z.ZodString>;
    }, z.core.$loose>;
    onChain: z.ZodObject<{
        userOperation: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            sender: z.ZodPipe<z.ZodString & z.ZodType<`0x${string}`, string, z.core.$ZodTypeInternals<`0x${string}`, string>>, z.ZodTransform<`0x${string}`, `0x${string}`>>;
            nonce: z.ZodCustom<`0x${string}`, `0x${string}`>;
            callData: z.ZodCustom<`0x${string}`, `0x${string}`>;
            callGasLimit: z.ZodCustom<`0x${string}`, `0x${string}`>;
            verificationGasLimit: z.ZodCustom<`0x${string}`, `0x${string}`>;
            preVerificationGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
            maxFeePerGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
            maxPriorityFeePerGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
            signature: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            paymaster: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            paymasterData: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            paymasterVerificationGasLimit: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            paymasterPostOpGasLimit: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            factory: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            factoryData: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
        }, z.core.$loose>>>;
        userOperationHash: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
        txId: z.ZodCatch<z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>>;
        explorerLink: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    }, z.core.$loose>;
    approvals: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        pending: z.ZodDefault<z.ZodArray<z.ZodObject<{
            signer: z.ZodUnion<readonly [z.ZodObject<{
                type: z.ZodOptional<z.ZodString>;
                address: z.ZodOptional<z.ZodString>;
                locator: z.ZodOptional<z.ZodString>;
            }, z.core.$loose>, z.ZodString]>;
            message: z.ZodString;
        }, z.core.$loose>>>;
        submitted: z.ZodDefault<z.ZodArray<z.ZodObject<{
            signer: z.ZodUnion<readonly [z.ZodObject<{
                type: z.ZodOptional<z.ZodString>;
                address: z.ZodOptional<z.ZodString>;
                locator: z.ZodOptional<z.ZodString>;
            }, z.core.$loose>, z.ZodString]>;
            message: z.ZodString;
        }, z.core.$loose>>>;
        required: z.ZodOptional<z.ZodNumber>;
    }, z.core.$loose>>>;
    error: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        reason: z.ZodString;
        message: z.ZodString;
        revert: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            type: z.ZodOptional<z.ZodString>;
            reason: z.ZodOptional<z.ZodString>;
            reasonData: z.ZodOptional<z.ZodUnknown>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>>;
    createdAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
    completedAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
}, z.core.$loose>;
export declare const transactions: z.ZodObject<{
    transactions: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        chainType: z.ZodString;
        walletType: z.ZodString;
        status: z.ZodEnum<{
            "awaiting-approval": "awaiting-approval";
            failed: "failed";
            pending: "pending";
            success: "success";
        }>;
        params: z.ZodObject<{
            calls: z.ZodOptional<z.ZodArray<z.ZodObject<{
                to: z.ZodOptional<z.ZodString>;
                value: z.ZodOptional<z.ZodString>;
                data: z.ZodOptional<z.ZodString>;
            }, z.core.$loose>>>;
            chain: z.ZodOptional<z.ZodString>;
        }, z.core.$loose>;
        onChain: z.ZodObject<{
            userOperation: z.ZodOptional<z.ZodNullable<z.ZodObject<{
                sender: z.ZodPipe<z.ZodString & z.ZodType<`0x${string}`, string, z.core.$ZodTypeInternals<`0x${string}`, string>>, z.ZodTransform<`0x${string}`, `0x${string}`>>;
                nonce: z.ZodCustom<`0x${string}`, `0x${string}`>;
                callData: z.ZodCustom<`0x${string}`, `0x${string}`>;
                callGasLimit: z.ZodCustom<`0x${string}`, `0x${string}`>;
                verificationGasLimit: z.ZodCustom<`0x${string}`, `0x${string}`>;
                preVerificationGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
                maxFeePerGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
                maxPriorityFeePerGas: z.ZodCustom<`0x${string}`, `0x${string}`>;
                signature: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
                paymaster: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
                paymasterData: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
                paymasterVerificationGasLimit: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
                paymasterPostOpGasLimit: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
                factory: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
                factoryData: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            }, z.core.$loose>>>;
            userOperationHash: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
            txId: z.ZodCatch<z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>>;
            explorerLink: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        }, z.core.$loose>;
        approvals: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            pending: z.ZodDefault<z.ZodArray<z.ZodObject<{
                signer: z.ZodUnion<readonly [z.ZodObject<{
                    type: z.ZodOptional<z.ZodString>;
                    address: z.ZodOptional<z.ZodString>;
                    locator: z.ZodOptional<z.ZodString>;
                }, z.core.$loose>, z.ZodString]>;
                message: z.ZodString;
            }, z.core.$loose>>>;
            submitted: z.ZodDefault<z.ZodArray<z.ZodObject<{
                signer: z.ZodUnion<readonly [z.ZodObject<{
                    type: z.ZodOptional<z.ZodString>;
                    address: z.ZodOptional<z.ZodString>;
                    locator: z.ZodOptional<z.ZodString>;
                }, z.core.$loose>, z.ZodString]>;
                message: z.ZodString;
            }, z.core.$loose>>>;
            required: z.ZodOptional<z.ZodNumber>;
        }, z.core.$loose>>>;
        error: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            reason: z.ZodString;
            message: z.ZodString;
            revert: z.ZodOptional<z.ZodNullable<z.ZodObject<{
                type: z.ZodOptional<z.ZodString>;
                reason: z.ZodOptional<z.ZodString>;
                reasonData: z.ZodOptional<z.ZodUnknown>;
            }, z.core.$loose>>>;
        }, z.core.$loose>>>;
        createdAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
        completedAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
    }, z.core.$loose>>;
}, z.core.$loose>;
export declare const signature: z.ZodObject<{
    id: z.ZodString;
    type: z.ZodString;
    status: z.ZodEnum<{
        "awaiting-approval": "awaiting-approval";
        failed: "failed";
        pending: "pending";
        success: "success";
    }>;
    params: z.ZodObject<{}, z.core.$loose>;
    approvals: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        pending: z.ZodDefault<z.ZodArray<z.ZodObject<{
            signer: z.ZodUnion<readonly [z.ZodObject<{
                type: z.ZodOptional<z.ZodString>;
                address: z.ZodOptional<z.ZodString>;
                locator: z.ZodOptional<z.ZodString>;
            }, z.core.$loose>, z.ZodString]>;
            message: z.ZodString;
        }, z.core.$loose>>>;
        submitted: z.ZodDefault<z.ZodArray<z.ZodObject<{
            signer: z.ZodUnion<readonly [z.ZodObject<{
                type: z.ZodOptional<z.ZodString>;
                address: z.ZodOptional<z.ZodString>;
                locator: z.ZodOptional<z.ZodString>;
            }, z.core.$loose>, z.ZodString]>;
            message: z.ZodString;
        }, z.core.$loose>>>;
        required: z.ZodOptional<z.ZodNumber>;
    }, z.core.$loose>>>;
    outputSignature: z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>;
    error: z.ZodOptional<z.ZodUnknown>;
    createdAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
    completedAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
}, z.core.$loose>;
/** `rawAmount` is in base units. */
export declare const balances: z.ZodArray<z.ZodObject<{
    symbol: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    name: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    decimals: z.ZodNumber;
    amount: z.ZodString;
    rawAmount: z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>;
    chains: z.ZodRecord<z.ZodString, z.ZodObject<{
        locator: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        amount: z.ZodString;
        rawAmount: z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>;
        contractAddress: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    }, z.core.$loose>>;
}, z.core.$loose>>;
/** One movement of a token, in the transfer history and in webhooks alike. */
export declare const transfer: z.ZodObject<{
    type: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    sender: z.ZodObject<{
        address: z.ZodString;
        chain: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        locator: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        owner: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    }, z.core.$loose>;
    recipient: z.ZodObject<{
        address: z.ZodString;
        chain: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        locator: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        owner: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    }, z.core.$loose>;
    token: z.ZodObject<{
        type: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        chain: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        locator: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        contractAddress: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        symbol: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        decimals: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
        amount: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        rawAmount: z.ZodOptional<z.ZodNullable<z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>>>;
    }, z.core.$loose>;
    status: z.ZodString;
    transferId: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    onChain: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        txId: z.ZodCatch<z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>>;
        explorerLink: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    }, z.core.$loose>>>;
    completedAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
    error: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        reason: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        message: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        revert: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            type: z.ZodOptional<z.ZodString>;
            reason: z.ZodOptional<z.ZodString>;
            reasonData: z.ZodOptional<z.ZodUnknown>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>>;
}, z.core.$loose>;
export declare const transfers: z.ZodObject<{
    data: z.ZodArray<z.ZodObject<{
        type: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        sender: z.ZodObject<{
            address: z.ZodString;
            chain: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            locator: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            owner: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        }, z.core.$loose>;
        recipient: z.ZodObject<{
            address: z.ZodString;
            chain: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            locator: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            owner: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        }, z.core.$loose>;
        token: z.ZodObject<{
            type: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            chain: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            locator: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            contractAddress: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            symbol: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            decimals: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
            amount: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            rawAmount: z.ZodOptional<z.ZodNullable<z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>>>;
        }, z.core.$loose>;
        status: z.ZodString;
        transferId: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        onChain: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            txId: z.ZodCatch<z.ZodOptional<z.ZodNullable<z.ZodCustom<`0x${string}`, `0x${string}`>>>>;
            explorerLink: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        }, z.core.$loose>>>;
        completedAt: z.ZodPipe<z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>>>, z.ZodTransform<Date | null, string | number | null | undefined>>;
        error: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            reason: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            message: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            revert: z.ZodOptional<z.ZodNullable<z.ZodObject<{
                type: z.ZodOptional<z.ZodString>;
                reason: z.ZodOptional<z.ZodString>;
                reasonData: z.ZodOptional<z.ZodUnknown>;
            }, z.core.$loose>>>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>;
    nextCursor: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    previousCursor: z.ZodOptional<z.ZodNullable<z.ZodString>>;
}, z.core.$loose>;
/** Of any answer that is not a success: `error` is a flag, or the reason as an object. */
export declare const failure: z.ZodObject<{
    error: z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodObject<{
        reason: z.ZodString;
        message: z.ZodString;
        revert: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            type: z.ZodOptional<z.ZodString>;
            reason: z.ZodOptional<z.ZodString>;
            reasonData: z.ZodOptional<z.ZodUnknown>;
        }, z.core.$loose>>>;
    }, z.core.$loose>, z.ZodBoolean, z.ZodString]>>>;
    message: z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>>;
    code: z.ZodOptional<z.ZodNullable<z.ZodString>>;
}, z.core.$loose>;
export type Wallet = z.infer<typeof wallet>;
export type Transaction = z.infer<typeof transaction>;
export type UserOperation = z.infer<typeof userOperation>;
export type Signature = z.infer<typeof signature>;
export type Balances = z.infer<typeof balances>;
export type Transfer = z.infer<typeof transfer>;
export type Transfers = z.infer<typeof transfers>;
export type Failure = z.infer<typeof failure>;
export type TransactionFailure = z.infer<typeof transactionError>;
export {};
