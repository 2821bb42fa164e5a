/** The only account of the tutorial. A real program stores a hash of each password, as in docs/guide/forms.md. */

/** Whether this is the name and the password of the tutorial: `zhanggen` and `123.com`. */
export function isAccount(name: string, password: string): boolean {
  return name === 'zhanggen' && password === '123.com';
}
