/**
 * The form for a picture: the chosen file is cut to a square, made small and sent at once. Without this script the form sends the file as
 * it is.
 */

/** Pixels of a side. */
const side = 256;
/** Quality of WebP and JPEG, from 0 to 1. */
const quality = 0.86;

/** Listens to the form. */
export function watchPictureForm(form: HTMLFormElement, failure: HTMLElement | null): void {
  const input = form.querySelector<HTMLInputElement>('input[type=file]');
  input?.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    void shrink(file).then(
      (small) => {
        const files = new DataTransfer();
        files.items.add(small);
        input.files = files.files;
        form.submit();
      },
      () => {
        input.value = '';
        if (failure === null) return;
        failure.textContent = form.dataset['unreadable'] ?? '';
        failure.hidden = false;
        // What it says is about the picture before.
        document.querySelector('.notice')?.remove();
      },
    );
  });
}

/** Draws the middle of a picture. Rejects for a file that the browser cannot decode. */
async function shrink(file: File): Promise<File> {
  const bitmap = await createImageBitmap(file);
  const cut = Math.min(bitmap.width, bitmap.height);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The browser has no canvas.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (bitmap.width - cut) / 2, (bitmap.height - cut) / 2, cut, cut, 0, 0, side, side);
  bitmap.close();
  // A browser that cannot write WebP writes PNG, which may be too large; JPEG has no transparency, so it is the second choice.
  const webp = await toBlob(canvas, 'image/webp');
  const blob = webp.type === 'image/webp' ? webp : await toBlob(onWhite(canvas), 'image/jpeg');
  return new File([blob], 'picture', { type: blob.type });
}

function onWhite(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = 'white';
  context.fillRect(0, 0, side, side);
  return canvas;
}

function toBlob(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be written.'))),
      type,
      quality,
    );
  });
}
