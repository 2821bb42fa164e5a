import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxPictureBytes, readPicture } from './picture.ts';

/** Bytes of hex, with zeros up to 40 bytes. */
function bytes(hex: string): Uint8Array {
  return Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), Buffer.alloc(40)]);
}

const files = {
  'image/png': '89504e470d0a1a0a 0000000d 49484452 00000100 00000100 0806000000',
  'image/jpeg': 'ffd8 ffe0 0010 4a46494600010100000100010000 ffc0 0011 08 0100 0100 03',
  'image/webp': '52494646 24000000 57454250 56503820 18000000 300100 9d012a 0001 0001',
};

for (const [type, hex] of Object.entries(files)) {
  test(`${type} is recognized by its bytes, cut anywhere without an error`, () => {
    const read = readPicture(bytes(hex));
    assert.ok('picture' in read);
    assert.equal(read.picture.type, type);
    const whole = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    for (let end = 0; end < whole.byteLength; end++) readPicture(whole.subarray(0, end));
  });
}

test('other files, and pictures with too many pixels or bytes, are refused', () => {
  assert.deepEqual(readPicture(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>')), {
    problem: 'pictureType',
  });
  assert.deepEqual(readPicture(Buffer.from('GIF89a')), { problem: 'pictureType' });
  assert.deepEqual(readPicture(bytes('89504e470d0a1a0a 0000000d 49484452 00001000 00001000')), {
    problem: 'pictureTooLarge',
  });
  assert.deepEqual(readPicture(Buffer.alloc(maxPictureBytes + 1)), { problem: 'pictureTooLarge' });
});
