import * as z from 'zod';
import type { Address, ChainName, Hash, Page } from '../contract/entities.ts';
export declare const id: z.ZodUUID;
export declare const name: z.ZodString;
export declare const title: z.ZodString;
export declare const reason: z.ZodString;
/** An app's own reference to an owner: letters, digits and `._:-`, so that it never carries a name or a mail address. */
export declare const owner: z.ZodString;
export declare const listName: z.ZodString;
export declare const idempotencyKey: z.ZodString;
/** An address in one case, or with a correct EIP-55 checksum. Comes out checksummed. */
export declare const addressInput: z.ZodPipe<z.ZodString & z.ZodType<`0x${string}`, string, z.core.$ZodTypeInternals<`0x${string}`, string>>, z.ZodTransform<`0x${string}`, `0x${string}`>>;
/** An amount in base units, more than nothing and within 256 bits. */
export declare const amountInput: z.ZodBigInt;
/** A moment that databases, logs and JavaScript agree on. */
export declare const momentInput: z.ZodDate;
/** How long access lasts, in seconds: up to a hundred years. */
export declare const secondsInput: z.ZodInt;
export declare const chainId: z.ZodInt;
export declare const pageRequest: z.ZodObject<{
    cursor: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    limit: z.ZodDefault<z.ZodInt>;
}, z.core.$strip>;
export declare const address: z.core.$ZodType<Address, Address>;
export declare const hash: z.core.$ZodType<Hash, Hash>;
export declare const chain: z.core.$ZodType<ChainName, ChainName>;
export declare const pageOf: <T>(item: z.core.$ZodType<T, T>) => z.core.$ZodType<Page<T>, Page<T>>;
