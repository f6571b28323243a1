import { ARQ_STRATEGIES } from '../../src/arq/registry.ts';
import type { ArqName } from '../../src/wire/terms.ts';

export const ARQ_NAMES = Object.keys(ARQ_STRATEGIES) as readonly ArqName[];
