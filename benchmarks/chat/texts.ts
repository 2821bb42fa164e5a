/** Texts of messages: Chinese and English in turn, from one word to some sentences. */

const texts: readonly string[] = [
  '好的，我马上看一下。',
  'Can somebody review the change before lunch?',
  '今天下午三点在二楼会议室开会，请大家准时参加，会议材料已经发到群里了。',
  'Done.',
  '这个版本的接口文档更新了，主要改动有三处：登录流程、分页参数和错误码。麻烦前端同学确认一下，有问题直接在这里回复，我今晚之前都在线。',
  'The build of this morning failed because the certificate of the test server has expired. I renewed it, and the next build passed.',
  '收到',
  'I will be ten minutes late, please begin without me. The slides are in the shared folder, and the numbers of last week are on page 4.',
  '周末有人一起去爬山吗？天气预报说是晴天。',
  'Thanks! 👍',
];

/** The text of a message by its number. */
export function textAt(number: number): string {
  return texts[number % texts.length] ?? '';
}
