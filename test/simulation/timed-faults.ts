import type { Host } from './host.ts';
import type { DiskCode, Fault, HostName, TimedFault } from './scenario.ts';
import type { SimulatedWorld } from './world.ts';

/** What the disk does for a while. */
export interface Trouble {
  readonly code: DiskCode;
  readonly where: 'store' | 'files' | 'everywhere';
  readonly reads: boolean;
}

/** Plans a fault; answers when it is over, in milliseconds from the beginning. */
export function befall(world: SimulatedWorld, fault: Fault): number {
  if (!('at' in fault)) return 0;
  world.timeline.after(fault.at, () => {
    world.trace(() => `FAULT: ${JSON.stringify(fault)}`);
    happen(world, fault);
  });
  return fault.at + ('ms' in fault ? fault.ms : 0);
}

function happen(world: SimulatedWorld, fault: TimedFault): void {
  switch (fault.kind) {
    case 'kill conductor':
      for (const conductor of conductorsOn(world, fault.host)) conductor.kill('by SIGKILL');
      return;
    case 'kill runner':
      for (const runner of world.runners) if (runner.host.name === fault.host) runner.kill();
      return;
    case 'terminate conductor':
      for (const conductor of conductorsOn(world, fault.host)) {
        for (let times = 0; times < fault.times; times++) conductor.terminate();
      }
      return;
    case 'stop conductor':
      for (const conductor of conductorsOn(world, fault.host)) conductor.stop(fault.ms);
      return;
    case 'stop runners':
      for (const runner of world.runners) if (runner.host.name === fault.host) runner.stop(fault.ms);
      return;
    case 'suspend host':
      suspend(world, hostOf(world, fault.host), fault.ms);
      return;
    case 'reboot host':
      reboot(world, hostOf(world, fault.host), fault.ms);
      return;
    case 'set clock':
      hostOf(world, fault.host).clockOffset += fault.by;
      return;
    case 'disk trouble':
      trouble(world, fault);
      return;
    case 'start conductor':
      world.user.start(fault.host);
      return;
    case 'cancel':
    case 'update':
    case 'pause':
    case 'cancel steps':
    case 'retry':
      world.requests.make(fault);
      return;
    case 'scheduler down':
      world.cluster.goDown(fault.ms);
      return;
    case 'scheduler restarts':
      world.cluster.restart(fault.ms, fault.jobsLive);
      return;
    case 'node fails':
      world.cluster.failNode();
  }
}

function hostOf(world: SimulatedWorld, name: HostName): Host {
  return world.hosts.get(name)!;
}

function conductorsOn(world: SimulatedWorld, host: HostName): SimulatedWorld['conductors'] {
  return world.conductors.filter((conductor) => conductor.isAlive && conductor.host.name === host);
}

function suspend(world: SimulatedWorld, host: Host, ms: number): void {
  if (!host.isUp) return;
  const conductors = conductorsOn(world, host.name as HostName);
  host.suspend();
  for (const conductor of conductors) conductor.stop();
  world.user.missConductor(ms);
  world.timeline.after(ms, () => {
    if (host.suspendedSince === undefined) return;
    host.wake();
    for (const conductor of conductors) conductor.resume();
  });
}

function reboot(world: SimulatedWorld, host: Host, ms: number): void {
  if (!host.isUp) return;
  host.isUp = false;
  for (const runner of world.runners) if (runner.host === host) runner.vanish();
  host.reboot();
  world.disk.losePower(host.name, world.dice(4, world.timeline.now));
  world.truth.losePower(host, world);
  for (const conductor of conductorsOn(world, host.name as HostName))
    conductor.kill('by its host going down');
  world.timeline.after(ms, () => {
    host.isUp = true;
  });
}

function trouble(world: SimulatedWorld, fault: Extract<TimedFault, { kind: 'disk trouble' }>): void {
  const { code, where, reads, ms } = fault;
  const trouble: Trouble = { code, where, reads: reads && code === 'EIO' };
  world.troubles.push(trouble);
  world.timeline.after(ms, () => {
    world.troubles = world.troubles.filter((other) => other !== trouble);
    world.disturb();
  });
}
