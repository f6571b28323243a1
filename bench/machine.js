import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** What the numbers were measured on; nothing that names the machine or its owner. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    /** Of the last minute, before anything was measured: other work disturbs. */
    load: loadavg()[0],
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
  };
}
