import { type Logger } from 'pino';
export type Log = Logger;
/** A logger that writes JSON lines and never a secret. */
export declare const createLog: (level: string) => Log;
