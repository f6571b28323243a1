import type { ArqName } from '../wire/terms.ts';
import { GO_BACK_N } from './go-back-n.ts';
import { SELECTIVE_REPEAT } from './selective-repeat.ts';
import { STOP_AND_WAIT } from './stop-and-wait.ts';
import type { ArqStrategy } from './strategy.ts';

/** Every ARQ protocol, by the name users give. */
export const ARQ_STRATEGIES = {
  'stop-and-wait': STOP_AND_WAIT,
  'go-back-n': GO_BACK_N,
  'selective-repeat': SELECTIVE_REPEAT,
} as const satisfies Record<ArqName, ArqStrategy>;

/** Window used when none is asked for, in packets. */
export const DEFAULT_WINDOWS: Record<ArqName, number> = {
  'stop-and-wait': 1,
  'go-back-n': 64,
  'selective-repeat': 16_384,
};
