import type { Asset, Page } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type PageRequest } from '../page.ts';
/** Lists the tokens that can be paid with, newest first. */
export declare const listAssets: (services: Services, request: PageRequest) => Promise<Page<Asset>>;
