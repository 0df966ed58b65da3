import type { App } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
/** @throws NOT_FOUND */
export declare function getApp(services: Services, { appId }: {
    appId: string;
}): Promise<App>;
