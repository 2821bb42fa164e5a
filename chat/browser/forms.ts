/**
 * The script of the pages with forms: their styles, the button that shows the password, the room to open afterwards, the removal of
 * stored texts after a log-out, and what panel/ adds to settings and administration. The pages work without this script.
 */
import { isLanguage, translator } from '../locale/index.ts';
import { watchCopyButtons } from './panel/copy-buttons.ts';
import { watchPictureForm } from './panel/picture-form.ts';
import { passRoomOn } from './session/address.ts';
import { openStorage } from './storage/memory-storage.ts';
import { removeSignedOut } from './storage/signed-out.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/forms.css';
import './styles/panel.css';
import './styles/admin.css';

removeSignedOut(openStorage(), document);
const followAddress = (): void => passRoomOn(document, location.hash);
window.addEventListener('hashchange', followAddress);
followAddress();

const { lang } = document.documentElement;
const t = translator(isLanguage(lang) ? lang : 'en');

for (const button of document.querySelectorAll<HTMLButtonElement>('.password-toggle')) {
  const input = document.getElementById(button.getAttribute('aria-controls') ?? '');
  if (!(input instanceof HTMLInputElement)) continue;
  const show = (isShown: boolean): void => {
    input.type = isShown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(isShown));
    const label = t(isShown ? 'hidePassword' : 'showPassword');
    button.setAttribute('aria-label', label);
    button.title = label;
  };
  button.hidden = false;
  button.addEventListener('click', () => show(input.type === 'password'));
  // A password manager saves only a field of type password.
  input.form?.addEventListener('submit', () => show(false));
}

watchCopyButtons(document);
const pictureForm = document.querySelector<HTMLFormElement>('.picture-form');
if (pictureForm) watchPictureForm(pictureForm, document.querySelector('#picture-error'));
