/**
 * Serves the built scripts and styles. Their names hold a hash of what is in them, so they may be kept for ever.
 */
import { StaticFileHandler } from 'gale';
import { setSecurityHeaders } from './security-headers.ts';

export class AssetHandler extends StaticFileHandler {
  override setDefaultHeaders(): void {
    setSecurityHeaders(this);
  }

  override setExtraHeaders(): void {
    this.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  }
}
