import type { ApiKey, Page } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type PageRequest } from '../page.ts';
/** Lists the keys of an app, newest first. */
export declare const listApiKeys: (services: Services, { appId, ...request }: {
    appId: string;
} & PageRequest) => Promise<Page<ApiKey>>;
