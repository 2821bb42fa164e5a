/**
 * A field for uploaded files: `fileField`. Name and type of a file are what the client says, so check the bytes too if they matter.
 * Settings such as `maxFileBytes` of the application limit what is received at all.
 */
import { readChoices, readIntegers, wrongValue } from '../../run/given-options.ts';
import type { UploadedFile } from '../multipart/uploaded-file.ts';
import { startTag } from './attributes.ts';
import { Field, type FieldReading, type InputState, type SentField } from './field.ts';
import {
  resolveFieldOptions,
  type AnySchema,
  type Checked,
  type CheckOptions,
  type FieldOptions,
  type ResolvedFieldOptions,
} from './field-options.ts';

/** Options of {@link fileField}. */
export interface FileFieldOptions<Multiple extends boolean> extends FieldOptions {
  /** Accepted types and endings, such as `image/png`, `image/*` and `.pdf`. @defaultValue all */
  readonly accept?: readonly string[];
  /** Maximum size of a file in bytes. @defaultValue 10 485 760 */
  readonly maxBytes?: number;
  /** Whether several files can be chosen. The value is an array then. @defaultValue false */
  readonly multiple?: Multiple;
  /** Maximum number of files, with `multiple`. @defaultValue 10 */
  readonly maxCount?: number;
}

/** The value of a file field. */
export type FileValue<Multiple> = Multiple extends true ? readonly UploadedFile[] : UploadedFile;

/** One uploaded file, or an array of them with `multiple: true`. The form must be multipart, as `openHtml` writes it. */
export function fileField<
  const Required extends boolean = true,
  const Multiple extends boolean = false,
  Schema extends AnySchema = undefined,
>(
  options: FileFieldOptions<Multiple> & CheckOptions<FileValue<Multiple>, Required, Schema>,
): Field<Checked<FileValue<Multiple>, Required, Schema>, never> {
  const common = resolveFieldOptions('fileField', options, ['accept', 'maxBytes', 'multiple', 'maxCount']);
  const { multiple } = readChoices(options, { multiple: [false, true] });
  const { maxBytes, maxCount } = readIntegers(options, {
    maxBytes: [10_485_760, 1, Number.MAX_SAFE_INTEGER],
    maxCount: [10, 1, 10_000],
  });
  return new FileField(common, { multiple, maxBytes, maxCount, accept: readAccept(options.accept) });
}

interface FileRules {
  readonly multiple: boolean;
  readonly maxBytes: number;
  readonly maxCount: number;
  readonly accept: readonly string[];
}

class FileField<Value> extends Field<Value, never> {
  override readonly kind = 'file';
  readonly #rules: FileRules;

  constructor(options: ResolvedFieldOptions, rules: FileRules) {
    super(options);
    this.#rules = rules;
  }

  override get hasFiles(): boolean {
    return true;
  }

  override read({ texts, files }: SentField): FieldReading {
    const { multiple, maxCount } = this.#rules;
    // A form that is not multipart sends the name of the file as text.
    if (texts.length > 0) return { rule: 'file' };
    if (files.length === 0) return this.options.required ? { rule: 'file' } : { value: undefined };
    if (!multiple && files.length > 1) return { rule: 'several' };
    if (files.length > maxCount) return { rule: 'tooManyFiles', values: { count: maxCount } };
    for (const file of files) {
      const broken = this.#check(file);
      if (broken !== undefined) return broken;
    }
    return { value: multiple ? files : files[0] };
  }

  override write(): readonly string[] {
    return [];
  }

  override keep(): readonly string[] {
    return [];
  }

  override inputHtml(state: InputState): string {
    const { multiple, accept } = this.#rules;
    const own = { type: 'file', accept: accept.join(',') || undefined, multiple, required: this.options.required };
    return startTag('input', this.attributes(state, own));
  }

  #check({ filename, type, size }: UploadedFile): FieldReading | undefined {
    const { maxBytes, accept } = this.#rules;
    if (size > maxBytes) return { rule: 'fileTooLarge', values: { size: { bytes: maxBytes } } };
    if (size === 0) return { rule: 'fileEmpty' };
    const isAccepted = accept.some((rule) => {
      if (rule.startsWith('.')) return filename.toLowerCase().endsWith(rule);
      return rule.endsWith('/*') ? type.startsWith(rule.slice(0, -1)) : type === rule;
    });
    return accept.length === 0 || isAccepted ? undefined : { rule: 'fileType' };
  }
}

function readAccept(accept: readonly string[] | undefined): readonly string[] {
  if (accept === undefined) return [];
  const isList = Array.isArray(accept) && accept.length > 0 && accept.length <= 100;
  const rule = /^(?:\.[a-z0-9.+-]{1,50}|[a-z0-9.+-]{1,100}\/(?:\*|[a-z0-9.+-]{1,100}))$/;
  if (isList && accept.every((text) => typeof text === 'string' && rule.test(text))) return [...accept];
  throw wrongValue('accept', 'an array of types in lower case such as "image/png", "image/*" and ".pdf"', accept);
}
