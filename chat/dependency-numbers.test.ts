import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from 'gale';
import { createChat, type ChatDependencies } from './app.ts';

const cost = { memoryKib: 64, passes: 1, lanes: 1 };
const wrong: readonly (readonly [name: string, numbers: (value: number) => object])[] = [
  ['failuresPerAddress', (failuresPerAddress) => ({ signIn: { failuresPerAddress } })],
  ['signInsPerAddress', (signInsPerAddress) => ({ signIn: { signInsPerAddress } })],
  ['accountsPerHour', (accountsPerHour) => ({ signIn: { accountsPerHour } })],
  ['sessionsPerPerson', (sessionsPerPerson) => ({ signIn: { sessionsPerPerson } })],
  ['roomsPerHour', (roomsPerHour) => ({ roomsPerHour })],
  ['emptyRoomMs', (emptyRoomMs) => ({ emptyRoomMs })],
  ['memoryKib', (memoryKib) => ({ hashCost: { ...cost, memoryKib } })],
  ['passes', (passes) => ({ hashCost: { ...cost, passes } })],
  ['lanes', (lanes) => ({ hashCost: { ...cost, lanes } })],
];
for (const [name, numbers] of wrong) {
  test(`a chat refuses ${name} that is not an integer in its range`, async () => {
    for (const value of [Number.NaN, Infinity, -1, 0.5, '5'] as number[]) {
      await assert.rejects(createChat(numbers(value) as ChatDependencies), (error) => {
        assert.ok(error instanceof GaleError && error.code === 'OPTION_VALUE', String(error));
        const shown = typeof value === 'string' ? 'a string' : String(value);
        assert.match(error.message, new RegExp(`^${name} must be an integer from \\d+ to \\d+; got ${shown}\\.$`));
        return true;
      });
    }
  });
}
