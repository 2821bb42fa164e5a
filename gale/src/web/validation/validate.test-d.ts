/** What a schema returns has the type of its output. Checked by tsc. */
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { Application } from '../application.ts';
import { RequestHandler } from '../handler.ts';

type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
const isSame = <_ extends true>(): void => {};

export class Typed extends RequestHandler {
  async post(): Promise<void> {
    const zod = await this.body(z.object({ title: z.string(), count: z.coerce.number().default(1) }));
    isSame<Same<typeof zod, { title: string; count: number }>>();
    const valibot = await this.query(v.object({ page: v.pipe(v.string(), v.transform(Number)) }));
    isSame<Same<typeof valibot, { page: number }>>();
    const arktype = await this.params(type({ id: 'string.integer.parse' }));
    isSame<Same<typeof arktype, { id: number }>>();
    const json = await this.readJson();
    isSame<Same<typeof json, unknown>>();
    // @ts-expect-error -- Not a schema.
    await this.body({ title: String });
    // @ts-expect-error -- The output has no such member.
    this.write(zod.name);
  }
}

const item = z.object({ id: z.coerce.number() });

export const typed: unknown = new Application([
  [
    '/items/:id',
    {
      post(raw, { validated }) {
        isSame<Same<typeof raw.id, string>>();
        isSame<Same<typeof validated.params, { id: number }>>();
        isSame<Same<typeof validated.body, { title: string }>>();
        // @ts-expect-error -- The route has no schema for the query.
        return String(validated.query.page);
      },
    },
    { schemas: { params: item, body: v.object({ title: v.string() }) } },
  ],
]);
