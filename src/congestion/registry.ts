import type { CongestionController, ControllerContext } from './controller.ts';
import { FixedController } from './fixed.ts';
import { NewRenoController } from './new-reno.ts';

/** Every congestion controller, by the name users give. */
export const CONTROLLERS = {
  'new-reno': (context) => new NewRenoController(context),
  fixed: () => new FixedController(),
} as const satisfies Record<string, (context: ControllerContext) => CongestionController>;

export type ControllerName = keyof typeof CONTROLLERS;
export const CONTROLLER_NAMES = Object.keys(CONTROLLERS) as readonly ControllerName[];
