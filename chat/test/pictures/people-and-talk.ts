/** What the chat of the pictures contains: people, rooms and messages in two languages, with long names and long words. */
import type { Language } from '../../locale/index.ts';

/** What a message has besides its text. People and messages are indexes. */
export interface SaidMore {
  readonly reply?: number;
  readonly edited?: true;
  readonly pinned?: true;
  /** Who deleted it. */
  readonly deleted?: number;
  readonly reactions?: Readonly<Record<string, readonly number[]>>;
}

/** A message: the index of its author among the people, minutes before now, and its text. In it, `<@3>` mentions a person. */
export type Said = readonly [author: number, minutesAgo: number, text: string, more?: SaidMore];

/** A room, or a direct conversation. */
export interface TalkRoom {
  /** Empty for a direct conversation. */
  readonly name: string;
  readonly said: readonly Said[];
  readonly unread?: number;
  readonly topic?: string;
  readonly kind?: 'public' | 'private' | 'direct';
  /** The other people of a direct conversation. */
  readonly with?: readonly number[];
  /** How many other members it has. */
  readonly members?: number;
  readonly isMuted?: true;
  readonly isArchived?: true;
}

/** The content of one chat. The first person looks at it. */
export interface Talk {
  readonly people: readonly string[];
  /** Rooms of the first person. */
  readonly rooms: readonly TalkRoom[];
  /** Rooms of other people. */
  readonly others: readonly TalkRoom[];
  /** The lobby. */
  readonly lobby: readonly Said[];
}

const code = `\`\`\`ts
// Retry until the store responds
export async function retry<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 5) throw new Error('No response', { cause: error });
    }
  }
}
\`\`\``;

const day = 24 * 60;

/** Small talk for rooms of which only the last line is seen. */
const small = (text: string, minutesAgo: number, author = 1): readonly Said[] => [[author, minutesAgo, text]];

const chinese: Talk = {
  people: [
    '林晓雨',
    '王老师',
    '张伟',
    '欧阳娜娜',
    '李娜',
    '陈思远',
    'Ada Lovelace',
    '周杰87',
    '☕ 小咖啡',
    '刘洋',
    '赵敏',
    '孙悟空',
    'مريم',
    '司马相如的忠实读者和朋友',
    '吴芳',
    '郑成功',
    'Maximiliane von Hohenfels',
    '黄磊',
    '徐静',
    '何炅',
    '高圆圆',
    '马冬梅',
    '罗永浩',
    '梁朝伟',
    '宋佳',
    '唐嫣',
    '许知远',
    '韩寒',
  ],
  lobby: [
    [
      1,
      day + 190,
      '各位同学，明天下午三点在 302 教室讨论**毕业设计选题**，请提前准备好三分钟的介绍。',
      { pinned: true, reactions: { '👍': [2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15], '🎉': [0, 4] } },
    ],
    [2, day + 186, '收到！'],
    [3, day + 184, '王老师，可以线上参加吗？我那天在外地。'],
    [1, day + 180, '可以，会议链接开会前十分钟发在这里：https://meeting.example/room/302', { reply: 2, pinned: true }],
    [0, day + 178, '好的，谢谢王老师 😊'],
    [7, 95, '有人带了**投影仪的转接头**吗？我的是 Type-C 接口，教室里那台只有 HDMI。'],
    [5, 93, '我有，等会儿带过去', { reply: 5, reactions: { '🙏': [7] } }],
    [5, 92, '另外提醒一下，今天 302 的空调坏了，多穿点', { edited: true }],
    [
      0,
      90,
      '我整理了一下大家的选题，重复的两组再商量一下：\n1. 校园二手书交易平台\n2. 基于语音的课堂笔记\n3. 食堂排队人数预测\n\n> 选题不要太大，一个学期能做完最重要\n\n王老师上次说的这句话请大家记住。',
    ],
    [8, 88, '食堂排队那个我支持，每天中午都用得上 😂😂😂'],
    [
      6,
      61,
      'I can help with the data for the queue prediction, we collected something similar last year. The CSV is about 40 MB.',
    ],
    [0, 58, '太好了！<@6> 你方便的话，明天带过来一起看看？'],
    [11, 57, '', { deleted: 11 }],
    [6, 57, '😊', { reply: 11 }],
    [
      13,
      31,
      '我有一个不太成熟的小建议：要不要把三个组的进度放在同一张表里，这样谁卡住了大家都能看到，也方便王老师每周检查？',
      { reactions: { '👍': [0, 1, 3, 5], '❤️': [8], '👀': [2, 7] } },
    ],
    [0, 12, '同意，我来建表，晚上把链接发出来'],
    [3, 3, '<@0> 到时候 @ 我一下，我怕看漏了', { reply: 15 }],
  ],
  rooms: [
    {
      name: '代码与作业',
      topic: '贴代码请用三个反引号，截图看不清',
      members: 31,
      said: [
        [5, 41, '昨天那个断线的问题找到了，是重试的时候没有等前一个请求结束。**不要**直接循环调用 `fetch`。'],
        [0, 39, '能发一下改完的版本吗？', { reply: 0 }],
        [5, 38, `改成这样就好了：\n${code}`],
        [0, 36, '明白了，原来要用 `await`。~~我还以为是网络不好~~'],
        [5, 35, '*注意：*第五次失败以后才会抛出错误', { reactions: { '👍': [0, 2], '💡': [3] } }],
        [2, 33, '- 先跑一遍测试\n- 再提交\n  - 记得写清楚改了什么\n- 最后通知组长'],
      ],
    },
    {
      name: '读书会',
      unread: 128,
      said: Array.from({ length: 100 }, (_, index): Said => [
        1 + (index % 9),
        700 - index * 6,
        [
          '这一章我读了两遍，还是觉得作者写得太含蓄了。',
          '同感',
          '第 47 页那段对话特别好，建议大家朗读一遍。',
          '下周换谁来主持？',
          '我觉得主人公最后的选择并不是妥协，而是终于明白了自己想要什么，前面铺垫了那么多，都是为了这一刻。',
          '😂',
        ][index % 6]!,
      ]),
    },
    {
      name: '长文分享',
      said: [
        [3, 300, '大家好，这是上周讲座的记录，有点长，可以慢慢看。'],
        [
          3,
          299,
          Array.from(
            { length: 26 },
            (_, index) =>
              `${index + 1}. ${['讲者先介绍了项目的背景，然后讨论了三个常见的误解。', '第一个误解是把速度当成唯一的目标。', '现场有同学问到数据从哪里来，讲者说全部公开。'][index % 3]}`,
          ).join('\n'),
        ],
        [0, 290, '整理得真细，辛苦了！'],
      ],
    },
    {
      name: '周末爬山',
      unread: 7,
      said: [
        ...Array.from({ length: 6 }, (_, i): Said => [2, 50 - i, `集合地点改了 ${i + 1} 次了`]),
        [4, 20, '香山还是百望山？大家投票吧'],
      ],
    },
    { name: '摄影', isMuted: true, said: small('昨晚的银河拍到了！', 2 * day + 60, 9), unread: 1 },
    { name: '餐厅推荐', isMuted: true, said: small('学校东门新开的那家兰州拉面真的不错', 3 * day, 4) },
    { name: '羽毛球', kind: 'private', members: 3, said: small('周四晚上八点，**三号场地**', 26 * 60, 7) },
    { name: '失物招领', said: small('<@0> 在图书馆二楼捡到一把蓝色雨伞，是你的吗？', 5 * 60, 10), unread: 1 },
    { name: '实验室值班表与仪器预约通知（2026 年秋季学期）', said: small('离心机本周维修', 9 * day, 1) },
    { name: '电影', said: small('今晚放《花样年华》', 40, 11) },
    { name: '算法', said: small('`O(n log n)` 就够了', 7 * 60, 5) },
    { name: '求职', said: small('这家公司的笔试题和去年一样', 4 * day, 12) },
    { name: '英语角', said: small('See you on Friday!', 6 * day, 6) },
    { name: '吉他', isArchived: true, said: small('求一个变调夹', 20 * day, 14) },
    { name: '', kind: 'direct', with: [3], said: small('明天几点出发？', 15, 3), unread: 2 },
    { name: '', kind: 'direct', with: [1], said: small('选题表我看过了，没问题', 190, 1) },
    { name: '', kind: 'direct', with: [13, 16, 6], said: small('那就定周六吧', 27 * 60, 16) },
    { name: '', kind: 'direct', with: [], said: small('买转接头', 2 * day, 0) },
    { name: '新生答疑', topic: '宿舍、选课、食堂，什么都可以问', said: [] },
  ],
  others: [
    { name: '宿舍三号楼', members: 1, topic: '报修、团购和热水通知', said: small('你好', 40, 1) },
    { name: '围棋', members: 38, said: small('你好', 80, 2) },
    {
      name: '天文',
      members: 75,
      topic: '观测预报，每月一次郊外活动，需要自己带保暖的衣服和手电筒，请提前在群里报名并填写紧急联系人',
      said: small('你好', 200, 3),
    },
    { name: '二手交易', members: 112, topic: '只发校内可以面交的', said: small('你好', 400, 4) },
    { name: '志愿者', members: 149, said: small('你好', 680, 5) },
    { name: '舞蹈社', members: 6, said: small('你好', 1040, 6) },
    { name: '桌游', members: 43, said: small('你好', 1480, 7) },
    { name: '马拉松', members: 80, said: small('你好', 2000, 8) },
    { name: '猫猫', members: 117, topic: '校园里每一只都有名字', said: small('你好', 2600, 9) },
    { name: '旅行', members: 154, said: small('你好', 3280, 1) },
    { name: '书法', members: 11, said: small('你好', 4040, 2) },
    { name: '骑行', members: 48, said: small('你好', 4880, 3) },
    { name: '合唱团', members: 85, said: small('你好', 5800, 4) },
    { name: '辩论', members: 122, said: small('你好', 6800, 5) },
  ],
};

const english: Talk = {
  people: [
    'Ada Lovelace',
    'Grace Hopper',
    'Linus',
    'Maximiliane von Hohenfels',
    'Alan Turing',
    '林晓雨',
    'Barbara Liskov',
    'guest_87',
    '☕ Espresso',
    'Tim',
    'Radia Perlman',
    'Ken',
    'مريم',
    'Edsger W. Dijkstra',
    'Margaret Hamilton',
    'Don',
    'Sophie Wilson',
    'Vint',
    'Hedy Lamarr',
    'Katherine Johnson',
    'Dennis',
    'Frances Allen',
    'Niklaus',
    'Anita Borg',
  ],
  lobby: [
    [
      1,
      day + 190,
      'The release is planned for **Thursday, 10:00**. Please finish reviews by Wednesday evening.',
      { pinned: true, reactions: { '👍': [2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15], '🎉': [0, 4] } },
    ],
    [2, day + 186, 'Will do'],
    [3, day + 184, 'Can the migration notes go into the same document? Two people asked me about them this week.'],
    [1, day + 180, 'Yes: https://docs.example/releases/2026-11#migration', { reply: 2, pinned: true }],
    [0, day + 178, 'Thanks 😊'],
    [7, 95, 'Has anybody seen the **adapter for the projector**? Mine is USB-C, and the room only has HDMI.'],
    [4, 93, 'I have one, will bring it', { reply: 5, reactions: { '🙏': [7] } }],
    [4, 92, 'The heating in room 302 is broken today, so bring a jumper', { edited: true }],
    [
      0,
      90,
      'Here is what is left. Two of these overlap, let us decide today:\n1. Search by date\n2. Notes by voice\n3. Queue prediction\n\n> Keep it small. Done in a month matters most.\n\nThat is still the rule.',
    ],
    [8, 88, 'Queue prediction gets my vote, I would use it every day 😂😂😂'],
    [5, 61, '我可以帮忙整理数据，去年我们收集过类似的，大概 40 MB。'],
    [0, 58, 'Great! <@5>, could you bring it tomorrow?'],
    [11, 57, '', { deleted: 11 }],
    [5, 57, '😊', { reply: 11 }],
    [
      13,
      31,
      'A suggestion, not fully thought through: what if all three groups keep their progress in one table, so that everyone sees who is stuck, and the weekly check takes five minutes and not an hour?',
      { reactions: { '👍': [0, 1, 3, 5], '❤️': [8], '👀': [2, 7] } },
    ],
    [0, 12, 'Agreed, I will make the table and send the link tonight'],
    [3, 3, '<@0> ping me when it is there, please', { reply: 15 }],
  ],
  rooms: [
    {
      name: 'engineering',
      topic: 'Paste code as text, not as pictures',
      members: 31,
      said: [
        [4, 41, 'Found it: the retry does not wait for the request before it. **Never** call `fetch` in a bare loop.'],
        [0, 39, 'Can you send the fixed version?', { reply: 0 }],
        [4, 38, `Like this:\n${code}`],
        [0, 36, 'Now I see, it needs `await`. ~~I blamed the network~~'],
        [4, 35, '*Note:* it throws after the fifth attempt', { reactions: { '👍': [0, 2], '💡': [3] } }],
        [2, 33, '- run the tests\n- commit\n  - say what changed\n- tell the others'],
      ],
    },
    {
      name: 'book club',
      unread: 128,
      said: Array.from({ length: 100 }, (_, index): Said => [
        1 + (index % 9),
        700 - index * 6,
        [
          'I read this chapter twice, and it still feels unfinished.',
          'Same here',
          'The dialogue on page 47 is the best part, read it aloud.',
          'Who hosts next week?',
          'I do not think the ending is a compromise. The whole book prepares for the moment in which she finally understands what she wants.',
          '😂',
        ][index % 6]!,
      ]),
    },
    {
      name: 'long reads',
      said: [
        [3, 300, 'Notes of the talk last week, they are long.'],
        [
          3,
          299,
          Array.from(
            { length: 26 },
            (_, index) =>
              `${index + 1}. ${['The speaker began with the history of the project.', 'The first misunderstanding is to take speed as the only aim.', 'Somebody asked where the data is from; all of it is public.'][index % 3]}`,
          ).join('\n'),
        ],
        [0, 290, 'So detailed, thank you!'],
      ],
    },
    {
      name: 'weekend hikes',
      unread: 7,
      said: [
        ...Array.from({ length: 6 }, (_, i): Said => [2, 50 - i, `Meeting point changed, ${i + 1}`]),
        [6, 20, 'North ridge or the lake?'],
      ],
    },
    { name: 'photography', isMuted: true, said: small('Got the milky way last night!', 2 * day + 60, 9), unread: 1 },
    { name: 'lunch', isMuted: true, said: small('The new noodle place at the east gate is good', 3 * day, 4) },
    { name: 'badminton', kind: 'private', members: 3, said: small('Thursday at eight, **court three**', 26 * 60, 7) },
    { name: 'lost and found', said: small('<@0> a blue umbrella, second floor, is it yours?', 5 * 60, 10), unread: 1 },
    { name: 'Donaudampfschifffahrtsgesellschaft', said: small('Wartung diese Woche', 9 * day, 3) },
    { name: 'movies', said: small('In the Mood for Love, tonight', 40, 11) },
    { name: 'algorithms', said: small('`O(n log n)` is enough', 7 * 60, 13) },
    { name: 'jobs', said: small('Same questions as last year', 4 * day, 12) },
    { name: '中文角', said: small('周五见！', 6 * day, 5) },
    { name: 'guitar', isArchived: true, said: small('Looking for a capo', 20 * day, 14) },
    { name: '', kind: 'direct', with: [3], said: small('When do we leave tomorrow?', 15, 3), unread: 2 },
    { name: '', kind: 'direct', with: [1], said: small('I read your table, all good', 190, 1) },
    { name: '', kind: 'direct', with: [13, 6, 5], said: small('Saturday, then', 27 * 60, 6) },
    { name: '', kind: 'direct', with: [], said: small('buy an adapter', 2 * day, 0) },
    { name: 'new here', topic: 'Ask everything', said: [] },
  ],
  others: [
    {
      name: 'astronomy',
      members: 1,
      topic:
        'Monthly trips. Bring warm clothes and a torch, and write your name into the list at least two days before we leave',
      said: small('Hello', 40, 1),
    },
    { name: 'board games', members: 38, said: small('Hello', 80, 2) },
    { name: 'cats', members: 75, topic: 'Every cat of the campus has a name', said: small('Hello', 200, 3) },
    { name: 'choir', members: 112, said: small('Hello', 400, 4) },
    { name: 'cycling', members: 149, said: small('Hello', 680, 5) },
    { name: 'dance', members: 6, said: small('Hello', 1040, 6) },
    { name: 'debate', members: 43, said: small('Hello', 1480, 7) },
    { name: 'go', members: 80, said: small('Hello', 2000, 8) },
    { name: 'marathon', members: 117, said: small('Hello', 2600, 9) },
    { name: 'sale', members: 154, topic: 'Only what can be handed over in person', said: small('Hello', 3280, 1) },
    { name: 'travel', members: 11, said: small('Hello', 4040, 2) },
    { name: 'volunteers', members: 48, said: small('Hello', 4880, 3) },
    { name: 'writing', members: 85, said: small('Hello', 5800, 4) },
    { name: 'yoga', members: 122, said: small('Hello', 6800, 5) },
  ],
};

/** The content by language. */
export const talks: Readonly<Record<Language, Talk>> = { 'zh-CN': chinese, en: english };
