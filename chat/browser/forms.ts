/**
 * The script of the pages with forms: their styles, the button that shows the password, the room to open afterwards, the removal of
 * stored texts after a log-out, and what panel/ adds to settings and administration. The pages work without this script.
 */
import { watchCopyButtons } from './panel/copy-buttons.ts';
import { showLocalTimes } from './panel/local-times.ts';
import { watchPictureForm } from './panel/picture-form.ts';
import { passRoomOn } from './session/address.ts';
import { openStorage } from './storage/memory-storage.ts';
import { removeSignedOut } from './storage/signed-out.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/chinese.css';
import './styles/fields.css';
import './styles/forms.css';
import './styles/panel.css';
import './styles/admin.css';

removeSignedOut(openStorage(), document);
const followAddress = (): void => passRoomOn(document, location.hash);
window.addEventListener('hashchange', followAddress);
followAddress();

for (const button of document.querySelectorAll<HTMLButtonElement>('.password-toggle')) {
  const input = document.getElementById(button.getAttribute('aria-controls') ?? '');
  if (!(input instanceof HTMLInputElement)) continue;
  const [showLabel, hideLabel] = [button.title, button.dataset['hide'] ?? ''];
  const show = (isShown: boolean): void => {
    input.type = isShown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(isShown));
    const label = isShown ? hideLabel : showLabel;
    button.setAttribute('aria-label', label);
    button.title = label;
  };
  button.hidden = false;
  button.addEventListener('click', () => show(input.type === 'password'));
  // A password manager saves only a field of type password.
  input.form?.addEventListener('submit', () => show(false));
}

watchCopyButtons(document);
showLocalTimes(document);
const pictureForm = document.querySelector<HTMLFormElement>('.picture-form');
if (pictureForm) watchPictureForm(pictureForm, document.querySelector('#picture-error'));
