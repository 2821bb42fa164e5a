/**
 * A form (tutorial 2, "custom form component", which the tutorial leaves open): one class makes the HTML and checks what was sent. The
 * labels and messages are in Chinese for browsers that prefer it.
 */
import { join } from 'node:path';
import { Application, RequestHandler, type Settings } from 'gale';
import { emailField, Form, integerField, passwordField, textField } from 'gale/forms';
import { loadTranslations } from 'gale/locale';

class RegisterForm extends Form.of(
  {
    user: textField({ label: 'User', maxLength: 20, autocomplete: 'username' }),
    email: emailField({ label: 'E-mail', required: false }),
    age: integerField({ label: 'Age', min: 1, max: 150 }),
    password: passwordField({ label: 'Password', minLength: 6, autocomplete: 'new-password' }),
    again: passwordField({ label: 'Password again', autocomplete: 'new-password' }),
  },
  { submit: 'Register' },
) {
  /** Runs after the checks of the single fields. */
  override check(): void {
    if (this.values.password !== this.values.again) this.addError('The passwords differ.', { field: 'again' });
  }
}

class Register extends RequestHandler {
  get(): Promise<void> {
    return this.render('form.html', { form: new RegisterForm(this) });
  }

  async post(): Promise<void> {
    const form = new RegisterForm(this);
    if (await form.validate()) {
      // The values have types: user is a string, age a number.
      const { user, age } = form.values;
      return this.render('registered.html', { user, nextAge: age + 1 });
    }
    this.setStatus(422);
    return this.render('form.html', { form });
  }
}

/** The form at `/`. */
export async function createForm(settings: Settings): Promise<Application> {
  return new Application([['/', Register]], {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    staticPath: join(import.meta.dirname, 'static'),
    xsrfCookies: true,
    locale: { translations: await loadTranslations(join(import.meta.dirname, 'locale')), fallback: 'en' },
  });
}
