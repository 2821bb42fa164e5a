/** The schema of an order in three libraries, with the same rules as order.ts and the schema of Fastify. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import type { Order } from './order.ts';

const zodText = (max: number): z.ZodString => z.string().min(1).max(max);
const zod = z.object({
  id: zodText(64),
  customer: z.object({ name: zodText(100), email: zodText(200).includes('@'), city: zodText(100) }),
  express: z.boolean(),
  lines: z
    .array(
      z.object({
        sku: zodText(40),
        title: zodText(100),
        quantity: z.number().int().min(1).max(1000),
        cents: z.number().int().min(0).max(100_000_000),
      }),
    )
    .min(1)
    .max(100),
});

const valibot = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  customer: v.object({
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
    email: v.pipe(v.string(), v.minLength(1), v.maxLength(200), v.includes('@')),
    city: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  }),
  express: v.boolean(),
  lines: v.pipe(
    v.array(
      v.object({
        sku: v.pipe(v.string(), v.minLength(1), v.maxLength(40)),
        title: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)),
        cents: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000_000)),
      }),
    ),
    v.minLength(1),
    v.maxLength(100),
  ),
});

const arktype = type({
  id: '1 <= string <= 64',
  customer: { name: '1 <= string <= 100', email: '/@/ & 1 <= string <= 200', city: '1 <= string <= 100' },
  express: 'boolean',
  lines: type({
    sku: '1 <= string <= 40',
    title: '1 <= string <= 100',
    quantity: '1 <= number.integer <= 1000',
    cents: '0 <= number.integer <= 100000000',
  })
    .array()
    .atLeastLength(1)
    .atMostLength(100),
});

/** By name of the library. */
export const orderSchemas: Readonly<Record<'zod' | 'valibot' | 'arktype', StandardSchemaV1<unknown, Order>>> = {
  zod,
  valibot,
  arktype,
};
