/** The page with the rooms: creates the chat, synchronizes it with the address and the window, and renders it. */
import { render } from 'preact';
import { RoomsClient } from 'gale/client';
import { isLanguage } from '../locale/index.ts';
import { deactivated, endedByPerson, type MessageData } from '../wire.ts';
import { addressOf, hashAfterLogOut } from './session/address.ts';
import { watchAttention } from './session/attention.ts';
import { Chat, type FailedEntry } from './session/chat.ts';
import { followAddress } from './session/follow-address.ts';
import { refuseFiles } from './session/refused-files.ts';
import { askSignedIn } from './session/signed-in.ts';
import { replaceAddress } from './session/steps-from-list.ts';
import { showTheme } from './session/theme.ts';
import { watchConnection } from './session/watch-connection.ts';
import { noteOpening, startStay } from './session/whereabouts.ts';
import { Drafts } from './storage/drafts.ts';
import { Intents } from './storage/intents.ts';
import { KeptTexts } from './storage/kept-texts.ts';
import { LastRoom } from './storage/last-room.ts';
import { openStorage, openWindowStorage } from './storage/memory-storage.ts';
import { PeoplePanel } from './storage/people-panel.ts';
import { Places } from './storage/places.ts';
import { removeSignedOut } from './storage/signed-out.ts';
import { StoredEntries } from './storage/stored-entries.ts';
import { App } from './view/app.tsx';
import { loadTexts } from './view/page-texts.ts';
import { watchViewport } from './view/viewport.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/people.css';
import './styles/rooms.css';
import './styles/disclosure.css';
import './styles/dialog.css';
import './styles/timeline.css';
import './styles/message.css';
import './styles/message-parts.css';
import './styles/rich-text.css';
import './styles/composer.css';
import './styles/mentions.css';

const root = document.querySelector<HTMLElement>('#app')!;
const { lang } = document.documentElement;
const language = isLanguage(lang) ? lang : 'en';
const me = { id: root.dataset['meId'] ?? '', name: root.dataset['meName'] ?? '' };
const storage = openStorage();
removeSignedOut(storage, document);

const client = new RoomsClient<MessageData>({
  url: new URL('/socket', location.href.replace(/^http/, 'ws')).href,
  outbox: new StoredEntries(storage, `outbox ${me.id}`),
  isSignedIn: async () => {
    const { isSignedIn, hasTooManyWindows } = await askSignedIn();
    chat.setTooManyWindows(hasTooManyWindows);
    return isSignedIn;
  },
  // Longer than the timeout of the store on the server, but short, because the banner waits for it.
  replyTimeoutMs: 7000,
});
const drafts = new Drafts(storage, me.id);
const chat = new Chat({
  client,
  me,
  language,
  drafts,
  intents: new Intents(storage, me.id),
  keptTexts: new KeptTexts(storage, me.id),
  peoplePanel: new PeoplePanel(storage),
  places: new Places(openWindowStorage()),
  failed: new StoredEntries<FailedEntry>(storage, `failed ${me.id}`),
  goTo: (roomId) => {
    noteOpening();
    location.hash = addressOf(roomId);
  },
  goToInstead: (roomId) => replaceAddress(addressOf(roomId)),
  startStay,
  onTheme: (theme) => showTheme(document, theme),
  onOtherPerson: () => location.reload(),
});
followAddress(chat, new LastRoom(storage, me.id, document));
chat.begin(root.dataset['opening']);
// A message may be deleted while the page is open.
delete root.dataset['opening'];
watchAttention(chat);
watchConnection(client);
watchViewport();
refuseFiles();
window.addEventListener('storage', ({ key, newValue }) => drafts.follow(key, newValue));
window.addEventListener('pagehide', () => chat.reportReads());
// The page came from the back-forward cache: only the server knows who is signed in now.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});
client.on('ended', ({ reason }) => {
  // Without `ended` the page for signing in does not say that the session ended, which the person knows.
  if (reason === endedByPerson) location.assign(`/login${hashAfterLogOut(location.hash)}`);
  else if (reason === deactivated) location.assign('/login?ended=deactivated');
  else location.assign(`/login?ended=1&next=${encodeURIComponent(`/${location.hash}`)}`);
});
client.connect();

void loadTexts(language).then((texts) => {
  // What the server has sent in its place looks the same.
  root.replaceChildren();
  render(<App chat={chat} texts={texts} />, root);
});
