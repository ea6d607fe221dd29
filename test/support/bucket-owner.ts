import type { Bucket } from '../../sandbox/internet/storage/names.ts';
import type { Owner } from './owner.ts';

/** An owner who has a bucket at the sandbox's object storage, and lets their cloud back itself up to it. */
export class BucketOwner {
  readonly bucket: Bucket;
  readonly #owner: Owner;
  readonly #yaml: string;

  private constructor(owner: Owner, bucket: Bucket) {
    this.#owner = owner;
    this.bucket = bucket;
    this.#yaml = owner.read();
  }

  static async create(owner: Owner, name: string): Promise<BucketOwner> {
    return new BucketOwner(owner, await owner.json<Bucket>(['sandbox', 'bucket', name]));
  }

  /** Names it in haven.yaml, and gives haven its keys. The next `up` sets backups up. */
  async name(): Promise<void> {
    const { endpoint, bucket, region, key, secret } = this.bucket;
    const place = `backups:\n  s3: { endpoint: "${endpoint}", bucket: ${bucket}, region: ${region} }\n`;
    this.#owner.write('haven.yaml', `${this.#yaml.trimEnd()}\n${place}`);
    await this.#owner.must(['secret', 'set', 'backup-s3-key'], { input: key });
    await this.#owner.must(['secret', 'set', 'backup-s3-secret'], { input: secret });
  }

  /** haven.yaml is as it was before. The next `up` ends backups. */
  async forget(): Promise<void> {
    this.#owner.write('haven.yaml', this.#yaml);
    for (const name of ['backup-s3-key', 'backup-s3-secret'])
      await this.#owner.must(['secret', 'remove', name, '--yes']);
  }
}
