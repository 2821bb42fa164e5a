/**
 * Passwords that many people choose, so that programs try them first: words and runs of keys that lists of leaked passwords begin with, of 8
 * characters or more. Compared in small letters; digits and marks at the end do not make one of these better.
 */

const words =
  'password passwort passw0rd p@ssword p@ssw0rd pa55word pass1234 iloveyou ilovechina ilovegod sunshine princess football baseball ' +
  'basketball superman batman123 starwars pokemon1 whatever trustno1 jennifer michelle jessica1 computer internet samsung1 liverpool ' +
  'chelsea1 arsenal1 mustang1 corvette mercedes ferrari1 welcome1 welcome welcome123 admin123 administrator letmein1 letmein123 changeme ' +
  'changeit default1 testtest test1234 guest123 root1234 master123 dragon123 monkey123 shadow123 michael1 charlie1 jordan23 ' +
  'butterfly chocolate elephant hello123 helloworld secret123 qwertyui qwertyuiop qwerty123 qwerty1234 qwerty12 qwer1234 qwert123 ' +
  '1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1zaq1 q1w2e3r4 q1w2e3r4t5 1q2w3e4r 1q2w3e4r5t asdfghjk asdfghjkl asdf1234 zxcvbnm1 ' +
  'zxcvbnm123 zxcvbnma qazwsxedc qazwsx123 abcdefgh abcd1234 abc12345 abc123456 a1b2c3d4 a1234567 a12345678 a123456789 aa123456 ' +
  'aa12345678 1234567a 123456aa 123456abc 12345678a 123456789a 123abc123 00000000 11111111 111111111 1111111111 22222222 ' +
  '33333333 44444444 55555555 66666666 77777777 88888888 888888888 8888888888 99999999 0123456789 01234567 12341234 123123123 12312312 ' +
  '11223344 1122334455 112233445566 12121212 13131313 12344321 123454321 1234567890 123456789 12345678 1234567891 12345678910 87654321 ' +
  '987654321 9876543210 147258369 741852963 159357123 159753456 789456123 7894561230 456789123 123698745 147852369 10203040 11112222 ' +
  'woaini1314 woaini520 woaini521 woaini123 woaiwojia woainima 5201314520 52013145 5201314a a5201314 13145200 1314520520 woshishui ' +
  'wodemima mima1234 nihao123 nihaoma123 zhongguo zhangwei wangwei123 caonima123 iloveyou1314 qq123456 qq123456789 wang1234 zxc123456 ' +
  'asd123456 abc123abc qwe123456 qweasdzxc qweqweqwe asdasdasd zxczxczxc qwe12345 asd12345 zxc12345 1qaz1qaz aaaaaaaa abababab xxxxxxxx ' +
  'zzzzzzzz qqqqqqqq 爱你一万年 我的密码 一二三四五六七八';

const common: ReadonlySet<string> = new Set(words.split(' '));
/** Digits and marks after a word, such as in `Password123!`. */
const ending = /[\d!@#$%*.?_-]+$/;

/** @param password - In NFC. */
export function isCommonPassword(password: string): boolean {
  const text = password.toLowerCase();
  if (common.has(text)) return true;
  const word = text.replace(ending, '');
  // `password2026!` is as easy to guess as `password`; a short ending of digits belongs to the listed ones.
  return word !== text && text.length - word.length <= 5 && common.has(word);
}
