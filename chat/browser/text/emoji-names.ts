/** The names by which the offered emoji are found: English words, and the pinyin of a Chinese word. */

/** An emoji and its names. */
export interface NamedEmoji {
  readonly emoji: string;
  /** Words, the one that is shown first. */
  readonly en: string;
  readonly zh: string;
  /** Syllables of `zh`. */
  readonly pinyin: string;
}

/** Most emoji that are found. */
const mostFound = 8;

/** In the order of the picker. */
export const emojiNames: readonly NamedEmoji[] = [
  ['👍', 'thumbsup +1 yes', '点赞', 'dian zan'],
  ['👎', 'thumbsdown -1 no', '反对', 'fan dui'],
  ['❤️', 'heart love', '爱心', 'ai xin'],
  ['😂', 'joy lol', '笑哭', 'xiao ku'],
  ['😊', 'smile blush', '微笑', 'wei xiao'],
  ['😍', 'heart_eyes', '喜欢', 'xi huan'],
  ['😮', 'open_mouth wow', '惊讶', 'jing ya'],
  ['😢', 'cry sad', '流泪', 'liu lei'],
  ['😡', 'rage angry', '生气', 'sheng qi'],
  ['🎉', 'tada party', '庆祝', 'qing zhu'],
  ['🙏', 'pray thanks please', '拜托', 'bai tuo'],
  ['👏', 'clap applause', '鼓掌', 'gu zhang'],
  ['🔥', 'fire hot', '火', 'huo'],
  ['💯', 'hundred perfect', '满分', 'man fen'],
  ['✅', 'check done', '完成', 'wan cheng'],
  ['❌', 'x wrong', '错误', 'cuo wu'],
  ['👀', 'eyes look', '围观', 'wei guan'],
  ['🤔', 'thinking hmm', '思考', 'si kao'],
  ['😅', 'sweat_smile', '尴尬', 'gan ga'],
  ['😎', 'sunglasses cool', '酷', 'ku'],
  ['🥳', 'partying birthday', '欢庆', 'huan qing'],
  ['😴', 'sleeping tired', '睡觉', 'shui jiao'],
  ['🤝', 'handshake deal', '握手', 'wo shou'],
  ['💪', 'muscle strong', '加油', 'jia you'],
  ['🙌', 'raised_hands hooray', '万岁', 'wan sui'],
  ['👌', 'ok_hand okay', '好的', 'hao de'],
  ['✌️', 'v victory peace', '胜利', 'sheng li'],
  ['🤞', 'fingers_crossed luck', '好运', 'hao yun'],
  ['👋', 'wave hello bye', '挥手', 'hui shou'],
  ['🫡', 'salute', '敬礼', 'jing li'],
  ['🫶', 'heart_hands', '比心', 'bi xin'],
  ['🤗', 'hug', '抱抱', 'bao bao'],
  ['😭', 'sob', '大哭', 'da ku'],
  ['🙄', 'roll_eyes', '白眼', 'bai yan'],
  ['😱', 'scream fear', '害怕', 'hai pa'],
  ['🤯', 'exploding_head mind_blown', '震惊', 'zhen jing'],
  ['😇', 'innocent angel', '天使', 'tian shi'],
  ['🤣', 'rofl', '笑翻', 'xiao fan'],
  ['😉', 'wink', '眨眼', 'zha yan'],
  ['😋', 'yum delicious', '好吃', 'hao chi'],
  ['⭐', 'star', '星星', 'xing xing'],
  ['💡', 'bulb idea', '主意', 'zhu yi'],
  ['🚀', 'rocket launch', '火箭', 'huo jian'],
  ['☕', 'coffee tea', '咖啡', 'ka fei'],
  ['🍻', 'beers cheers', '干杯', 'gan bei'],
  ['🎂', 'cake', '蛋糕', 'dan gao'],
  ['🌹', 'rose flower', '玫瑰', 'mei gui'],
  ['🧧', 'red_envelope', '红包', 'hong bao'],
].map(([emoji = '', en = '', zh = '', pinyin = '']) => ({ emoji, en, zh, pinyin }));

/** The emoji whose names begin with a text, then those of which a later word does; by initials of the pinyin too. @param text - In lower case. */
export function findEmoji(text: string): readonly NamedEmoji[] {
  const ranked = emojiNames.flatMap((named) => {
    const syllables = named.pinyin.split(' ');
    const names = [...named.en.split(' '), syllables.join(''), syllables.map(([first]) => first).join('')];
    const isFull = names.includes(text);
    if (isFull || names.some((name) => name.startsWith(text))) return [{ named, rank: isFull ? 0 : 1 }];
    return names.some((name) => name.includes(`_${text}`)) ? [{ named, rank: 2 }] : [];
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, mostFound)
    .map(({ named }) => named);
}
