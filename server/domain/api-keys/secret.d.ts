/** A new secret: 256 random bits behind a mark that secret scanners can look for. */
export declare const newSecret: () => string;
/** What is stored of a secret. It has too many random bits for a slow hash to add anything. */
export declare const secretHash: (secret: string) => Buffer;
/** Enough of a secret to recognise it by, and too little to use. */
export declare const prefixOf: (secret: string) => string;
