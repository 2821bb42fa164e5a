/**
 * Serves the built scripts and styles. Their names contain a hash of the content, so caches may keep them forever.
 */
import { StaticFileHandler } from 'gale';

export class AssetHandler extends StaticFileHandler {
  override setExtraHeaders(): void {
    this.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    // The Etag is enough for a file that does not change, and the first visit waits for each byte.
    this.clearHeader('Last-Modified');
    // A script or style opened as a page of its own loads nothing. The policy of the pages is longer than some of these files.
    this.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  }
}
