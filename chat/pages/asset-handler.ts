/**
 * Serves the built scripts and styles. Their names contain a hash of the content, so caches may keep them forever.
 */
import { StaticFileHandler } from 'gale';

export class AssetHandler extends StaticFileHandler {
  override setExtraHeaders(): void {
    this.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  }
}
