/**
 * The schema of a room's messages: any Standard Schema (version 1), such as one of Zod, Valibot or ArkType.
 * It checks what is published, and its output is stored. Stored messages are not checked again.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { wrongValue } from '../run/given-options.ts';
import { inspect, isStandardSchema } from '../web/validation/validate.ts';
import { RoomError } from './room-error.ts';

/** A schema for the messages of all rooms, or a function that returns the schema of a room. */
export type MessageSchema<Data = unknown, Input = Data> =
  | StandardSchemaV1<Input, Data>
  | ((room: string) => StandardSchemaV1<Input, Data>);

/** The data of messages that a schema stores; for `RoomsClient<MessageData<typeof schema>>`. */
export type MessageData<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>;

/** The data that a schema accepts. It differs from {@link MessageData} if the schema has defaults or converts values. */
export type MessageInput<Schema extends StandardSchemaV1> = StandardSchemaV1.InferInput<Schema>;

/** Most wrong values that the message of an error names. */
const maxNamed = 3;

/** @throws {@link GaleError} `OPTION_VALUE` if it is neither a schema nor a function. */
export function assertMessageSchema(schema: unknown): void {
  if (schema === undefined || isStandardSchema(schema) || typeof schema === 'function') return;
  throw wrongValue(
    'schema',
    'a Standard Schema, such as one of Zod 4, Valibot or ArkType, or a function of a room',
    schema,
  );
}

/**
 * Checks the data of a message.
 *
 * @returns The output of the schema.
 * @throws {@link RoomError} `ROOM_BAD_DATA`, which names the path of each wrong value; {@link GaleError} `WEB_SCHEMA` if the schema fails itself.
 */
export async function checkMessage<Data, Input>(
  schema: MessageSchema<Data, Input>,
  room: string,
  data: unknown,
): Promise<Data> {
  const itsSchema = isStandardSchema(schema) ? schema : schema(room);
  const result = await inspect('messages', itsSchema, data);
  if (result.issues === undefined) return result.value;
  const { issues, count } = result;
  const named = issues.slice(0, maxNamed).map(({ path, message }) => `${toPath(path)}: ${message}`);
  const more = count > named.length ? `; and ${count - named.length} more` : '';
  throw new RoomError('ROOM_BAD_DATA', `The data of the message is not valid: ${named.join('; ')}${more}`);
}

/** `data`, `data.text`, `data[0]`. */
function toPath(path: string): string {
  if (path === '') return 'data';
  return path.startsWith('[') ? `data${path}` : `data.${path}`;
}
