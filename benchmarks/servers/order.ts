/** An order, validated by hand, without schemas. All JavaScript servers except Fastify use this validation. */

/** A valid order. */
export interface Order {
  readonly id: string;
  readonly customer: { readonly name: string; readonly email: string; readonly city: string };
  readonly express: boolean;
  readonly lines: readonly OrderLine[];
}

/** One line of an order. */
export interface OrderLine {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly cents: number;
}

/** Whether a value is a valid order. */
export function isOrder(value: unknown): value is Order {
  return (
    isObject(value) &&
    isText(value['id'], 64) &&
    isObject(value['customer']) &&
    isText(value['customer']['name'], 100) &&
    isText(value['customer']['email'], 200) &&
    value['customer']['email'].includes('@') &&
    isText(value['customer']['city'], 100) &&
    typeof value['express'] === 'boolean' &&
    Array.isArray(value['lines']) &&
    value['lines'].length >= 1 &&
    value['lines'].length <= 100 &&
    value['lines'].every(isLine)
  );
}

/** Total price of an order, in cents. */
export function totalOf(order: Order): number {
  return order.lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);
}

function isLine(value: unknown): value is OrderLine {
  return (
    isObject(value) &&
    isText(value['sku'], 40) &&
    isText(value['title'], 100) &&
    isCount(value['quantity'], 1, 1000) &&
    isCount(value['cents'], 0, 100_000_000)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxLength;
}

function isCount(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}
