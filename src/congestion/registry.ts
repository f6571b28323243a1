import { BbrController } from './bbr.ts';
import type { CongestionController, ControllerContext } from './controller.ts';
import { CubicController } from './cubic.ts';
import { FixedController } from './fixed.ts';
import { NewRenoController } from './new-reno.ts';

/** Every congestion controller, by the name users give. */
export const CONTROLLERS = {
  'new-reno': (context) => new NewRenoController(context),
  cubic: (context) => new CubicController(context),
  bbr: (context) => new BbrController(context),
  fixed: () => new FixedController(),
} as const satisfies Record<string, (context: ControllerContext) => CongestionController>;

export type ControllerName = keyof typeof CONTROLLERS;
export const CONTROLLER_NAMES = Object.keys(CONTROLLERS) as readonly ControllerName[];
