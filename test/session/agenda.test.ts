import { expect, test } from 'vitest';
import { Agenda } from '../../src/session/agenda.ts';

/** Has so many datagrams to send and a deadline; counts how often it is asked anything. */
class Item {
  readonly name: number;
  toSend = 0;
  deadline: number | undefined;
  heard: number[] = [];
  asked = 0;

  constructor(name: number) {
    this.name = name;
  }

  handleTimeout(now: number): void {
    this.asked++;
    this.heard.push(now);
    if (this.deadline !== undefined && this.deadline <= now) this.deadline = undefined;
  }

  pollTransmit(): number {
    this.asked++;
    if (this.toSend === 0) return 0;
    this.toSend--;
    return 100;
  }

  pollTimeout(): number | undefined {
    this.asked++;
    return this.deadline;
  }
}

const out = new Uint8Array(0);
const create = (count: number): Item[] => Array.from({ length: count }, (_, i) => new Item(i));

/** Takes a turn; returns who sent, in order. */
function turn(agenda: Agenda<Item>, now: number): number[] {
  agenda.handleTimeout(now, () => {});
  const order: number[] = [];
  for (let sent = agenda.pollTransmit(now, out); sent !== undefined; sent = agenda.pollTransmit(now, out)) {
    order.push(sent.item.name);
  }
  return order;
}

test('of a thousand sessions only the busy one is asked anything', () => {
  const agenda = new Agenda<Item>();
  const items = create(1000);
  for (const item of items) {
    item.deadline = 1000 + item.name;
    agenda.touch(item);
  }
  turn(agenda, 0);
  const [busy, ...idle] = items as [Item, ...Item[]];
  for (const item of items) item.asked = 0;
  for (let now = 1; now <= 100; now++) {
    busy.toSend = 3;
    agenda.touch(busy);
    expect(turn(agenda, now)).toEqual([0, 0, 0]);
    expect(agenda.pollTimeout()).toBe(1000);
  }
  expect(idle.reduce((sum, { asked }) => sum + asked, 0)).toBe(0);
  expect(busy.asked).toBeLessThanOrEqual(100 * 6);
});

test('everyone with something to send gets a turn before anyone gets a second', () => {
  const agenda = new Agenda<Item>();
  const items = create(3);
  for (const [i, item] of items.entries()) {
    item.toSend = i + 1;
    agenda.touch(item);
  }
  expect(turn(agenda, 0)).toEqual([0, 1, 2, 1, 2, 2]);
});

test('a turn that was broken off goes on with those that were not asked yet', () => {
  const agenda = new Agenda<Item>();
  const items = create(3);
  for (const item of items) {
    item.toSend = 10;
    agenda.touch(item);
  }
  const order: (number | undefined)[] = [];
  for (let round = 0; round < 3; round++) {
    for (const item of items) agenda.touch(item);
    order.push(agenda.pollTransmit(0, out)?.item.name, agenda.pollTransmit(0, out)?.item.name);
  }
  expect(order).toEqual([0, 1, 2, 0, 1, 2]);
});

test('a deadline wakes the session it belongs to, the others sleep on', () => {
  const agenda = new Agenda<Item>();
  const items = create(3);
  for (const item of items) {
    item.deadline = 10 * (item.name + 1);
    agenda.touch(item);
  }
  turn(agenda, 0);
  for (const item of items) item.heard = [];
  expect(agenda.pollTimeout()).toBe(10);
  turn(agenda, 10);
  expect(items.map(({ heard }) => heard)).toEqual([[10], [], []]);
  expect(agenda.pollTimeout()).toBe(20);
});

test('a session that has not been drained shows its own deadline', () => {
  const agenda = new Agenda<Item>();
  const [item] = create(1) as [Item];
  item.toSend = 2;
  item.deadline = 7;
  agenda.touch(item);
  agenda.pollTransmit(0, out);
  expect(agenda.pollTimeout()).toBe(7);
});

test('one that was removed is never asked again, even from within its own visit', () => {
  const agenda = new Agenda<Item>();
  const items = create(2);
  for (const item of items) {
    item.deadline = 5;
    agenda.touch(item);
  }
  turn(agenda, 0);
  agenda.handleTimeout(5, (item) => {
    if (item.name === 0) agenda.remove(item);
  });
  const asked = items[0]?.asked;
  turn(agenda, 6);
  expect(items[0]?.asked).toBe(asked);
  expect(agenda.pollTimeout()).toBeUndefined();
});
