/** Types of the values of sessions without a declaration for the whole program; checked by `tsc --noEmit`. */
import { Application } from '../application.ts';
import { RequestHandler } from '../handler.ts';
import type { Session } from './session.ts';
import { sessions, type Sessions } from './sessions.ts';

/** Two applications of one program, each with values of its own. */
interface ShopValues {
  cart: readonly string[];
  visits: number;
}
const shop: Sessions<ShopValues> = sessions<ShopValues>({ maxKeys: 5 });
const forum: Sessions<{ cart: { readonly posts: number } }> = sessions();

class Cart extends RequestHandler {
  get shopSession(): Session<ShopValues> {
    return shop.sessionOf(this);
  }

  get(): string {
    return (this.shopSession.get('cart') ?? []).join();
  }
}

export const shopApp: object = new Application(
  [
    ['/class', Cart],
    [
      '/function',
      async (_, handler) => {
        const session = shop.sessionOf(handler);
        const cart: readonly string[] = session.get('cart') ?? [];
        session.set('cart', [...cart, 'book']);
        const visits: number | undefined = await session.update('visits', (before = 0) => before + 1);
        session.delete('visits');
        // @ts-expect-error A value of another type.
        session.set('visits', 'many');
        // @ts-expect-error A misspelt key.
        session.get('card');
        // @ts-expect-error Not the value of another application.
        const { posts } = session.get('cart');
        return { visits, posts };
      },
    ],
  ],
  { sessions: shop },
);

export const forumApp: object = new Application(
  [['/', (_, handler) => ({ posts: forum.sessionOf(handler).get('cart')?.posts ?? 0 })]],
  { sessions: forum },
);

/** Without types, every key is allowed and values are unknown. */
export const untyped: object = new Application(
  [
    [
      '/',
      async (_, handler) => {
        handler.session.set('anything', [1]);
        const value: unknown = sessions().sessionOf(handler).get('other');
        const [first] = await handler.session.all.of('ada');
        // @ts-expect-error The value is unknown.
        const text: string = handler.session.get('anything');
        return { value, text, handle: first?.handle };
      },
    ],
  ],
  { sessions: sessions() },
);
