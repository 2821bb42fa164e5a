/** The page of the audit log, for administrators: `/admin/audit`. */
import { authenticated } from 'gale';
import { AdminHandler, type Verb } from '../pages/admin-handler.ts';
import { toSentence } from './audit-sentences.ts';

export class AuditHandler extends AdminHandler {
  readonly get: Verb = authenticated(async function (this: AuditHandler): Promise<void> {
    const { audit } = this.chat;
    const before = /^[1-9]\d{0,14}$/.exec(this.getQueryArgument('before', ''))?.[0];
    const page = await audit.page(before === undefined ? undefined : Number(before));
    await this.render('admin-audit.html', {
      days: audit.days,
      entries: page.entries.map((entry) => ({
        sentence: toSentence(entry, page, this.t),
        time: this.time(entry.at),
      })),
      next: page.next,
      isFirst: before === undefined,
    });
  });
}
