/**
 * The parameters of a path as types. TypeScript has no cheap way to test one character, so the letters are listed.
 */

/**
 * The object that the verbs of a handler receive for a path pattern. For a text that is known only at run time, any names.
 *
 * @example
 * type Params = PathParams<'/story/:id/*rest'>; // { id: string; rest: string }
 */
export type PathParams<Path extends string> = string extends Path
  ? Readonly<Record<string, string>>
  : { readonly [Name in ParamNames<Path>]: string };

/** Names of the parameters of a path. Split at `:` and `*`, since a walk over every character costs much more. A backslash makes text of them. */
export type ParamNames<Path extends string> = NameAfter<':', Path> | NameAfter<'*', Path>;

/** A tuple of `Item` with as many items as the path has parameters. */
export type ParamPositions<Path extends string, Item> = [
  ...PositionsAfter<':', Path, Item>,
  ...PositionsAfter<'*', Path, Item>,
];

type PositionsAfter<Mark extends string, Path extends string, Item> = Path extends `${infer Before}${Mark}${infer Rest}`
  ? [
      ...(Before extends `${string}\\` ? [] : [NameOf<Rest>] extends [never] ? [] : [Item]),
      ...PositionsAfter<Mark, Rest, Item>,
    ]
  : [];

type NameAfter<Mark extends string, Path extends string> = Path extends `${infer Before}${Mark}${infer Rest}`
  ? (Before extends `${string}\\` ? never : NameOf<Rest>) | NameAfter<Mark, Rest>
  : never;

type NameOf<Text extends string> = Text extends `${NameStart}${string}` ? WordOf<Text> : never;

type WordOf<Text extends string, Word extends string = ''> = Text extends `${infer First}${infer Rest}`
  ? First extends NameCharacter
    ? WordOf<Rest, `${Word}${First}`>
    : Word
  : Word;

type Lower =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'g'
  | 'h'
  | 'i'
  | 'j'
  | 'k'
  | 'l'
  | 'm'
  | 'n'
  | 'o'
  | 'p'
  | 'q'
  | 'r'
  | 's'
  | 't'
  | 'u'
  | 'v'
  | 'w'
  | 'x'
  | 'y'
  | 'z';
type NameStart = Lower | Uppercase<Lower> | '_';
type NameCharacter = NameStart | '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
