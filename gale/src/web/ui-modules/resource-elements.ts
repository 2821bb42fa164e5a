/** The elements that load or contain the styles and scripts of UI modules. */
import { xhtmlEscape } from '../escape.ts';

/** Writes the elements. Handlers have these methods, and may override them. */
export interface ResourceElements {
  renderLinkedJs(urls: readonly string[], nonce: string | undefined): string;
  renderEmbedJs(texts: readonly string[], nonce: string | undefined): string;
  renderLinkedCss(urls: readonly string[], nonce: string | undefined): string;
  renderEmbedCss(texts: readonly string[], nonce: string | undefined): string;
}

/** The elements of a handler that overrides none of them. */
export const plainElements: ResourceElements = {
  renderLinkedJs: (urls, nonce) =>
    urls.map((url) => `<script src="${xhtmlEscape(url)}"${nonceAttribute(nonce)}></script>`).join(''),
  renderEmbedJs: (texts, nonce) => `<script${nonceAttribute(nonce)}>\n${texts.join('\n')}\n</script>`,
  renderLinkedCss: (urls, nonce) =>
    urls.map((url) => `<link href="${xhtmlEscape(url)}" rel="stylesheet"${nonceAttribute(nonce)}>`).join(''),
  renderEmbedCss: (texts, nonce) => `<style${nonceAttribute(nonce)}>\n${texts.join('\n')}\n</style>`,
};

function nonceAttribute(nonce: string | undefined): string {
  return nonce === undefined ? '' : ` nonce="${xhtmlEscape(nonce)}"`;
}
