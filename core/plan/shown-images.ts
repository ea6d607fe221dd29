/** An image that a server will have and does not have now, as a plan shows it. */
export interface ShownImage {
  name: string;
  /** The tag of the program's image; of an image with nothing but Debian's packages, Debian's. */
  version: string;
  /** Of the image that is downloaded: the program's, or Debian's where there is no other. */
  digest: string;
  /** What is downloaded for it, in MB (10^6 bytes), compressed. What several images are built on counts for each. */
  megabytes: number;
  /** Where it comes from, by name: images at their registries, Debian's packages. */
  from: string[];
  /** Whether the server builds it itself, on Debian's image. */
  isBuilt: boolean;
  services: string[];
}

export interface ShownImages {
  /** All that is downloaded, in MB (10^6 bytes), each image once. */
  megabytes: number;
  list: ShownImage[];
}

/** What is downloaded of a registry: an image without its digest, the digest, and its compressed size. */
export interface Download {
  image: string;
  digest: string;
  bytes: number;
}

const inMegabytes = (downloads: Download[]): number =>
  Math.ceil(downloads.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6);

/** An image and what is downloaded for it: itself, or those that it is built on, the program's before Debian's. */
export interface ImageDownloads {
  name: string;
  services: string[];
  isBuilt: boolean;
  downloads: Download[];
}

/** `there`: what servers have already of what images are built on. */
export function showImages(images: ImageDownloads[], there: ReadonlySet<string> = new Set()): ShownImages {
  const isNew = ({ image }: Download) => !there.has(image);
  const list = images.map(({ name, services, isBuilt, downloads }): ShownImage => {
    const [main] = downloads as [Download, ...Download[]];
    return {
      name,
      version: main.image.slice(main.image.lastIndexOf(':') + 1),
      digest: main.digest,
      megabytes: inMegabytes(downloads.filter(isNew)),
      from: [...downloads.map(({ image }) => image), ...(isBuilt ? ['Debian trixie packages'] : [])],
      isBuilt,
      services,
    };
  });
  const all = new Map(
    images.flatMap(({ downloads }) => downloads.map((each) => [each.image, each] as const)),
  );
  return { megabytes: inMegabytes([...all.values()].filter(isNew)), list };
}

/** All of them in one sentence. */
export function summariseImages({ megabytes, list }: ShownImages): string {
  const built = list.filter(({ isBuilt }) => isBuilt).length;
  const count = `${list.length} ${list.length === 1 ? 'image' : 'images'}`;
  return `${count}: ${megabytes} MB to download${built === 0 ? '' : `, ${built} built on the server`}.`;
}

/** One line for each, in columns. */
export function listImages({ list }: ShownImages): string[] {
  const rows = list.map(({ name, version, digest, megabytes, from, isBuilt }) => [
    name,
    version,
    digest.slice(0, 'sha256:'.length + 12),
    `${megabytes} MB`,
    `${from.join(', ')}${isBuilt ? " (built on the server on Debian's image)" : ''}`,
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  return rows.map(([name, version, digest, size, from]) =>
    [
      name!.padEnd(width(0)),
      version!.padEnd(width(1)),
      digest!.padEnd(width(2)),
      size!.padStart(width(3)),
      from!,
    ].join('  '),
  );
}
