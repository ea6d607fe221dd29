import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerDomain } from '../../sandbox/control.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { trustFile, webRootsFile } from '../../sandbox/host/paths.ts';
import { buildPackage } from '../../setup/build.ts';
import { run } from '../../system/run.ts';
import { OrdinaryUser } from './ordinary-user.ts';
import { Owner } from './owner.ts';
import { publishReleases } from './publish-releases.ts';
import type { ReleaseServer } from './release-server.ts';
import { scratch } from './scratch.ts';
import type { Typed } from './type-command.ts';

/**
 * An owner who installed the tarball of `npm pack` in an empty directory, and types there as an ordinary user with nothing
 * but Node. Their cloud is not linked to the sandbox: like a real one it has only the variables of its environment, which
 * lead to the sandbox's APIs. Engine and plugins are downloaded, from `releases`.
 */
export class PackedOwner extends Owner {
  readonly releases: ReleaseServer;
  readonly #user: OrdinaryUser;
  readonly #environment: Record<string, string>;

  private constructor(
    user: OrdinaryUser,
    domain: string,
    releases: ReleaseServer,
    environment: Record<string, string>,
  ) {
    super(user.directory, domain);
    this.releases = releases;
    this.#user = user;
    this.#environment = environment;
  }

  /** Packs, and installs for one more owner in the sandbox that runs. */
  static async install(domain: string): Promise<PackedOwner> {
    await registerDomain(domain);
    const user = await OrdinaryUser.install(await packPackage());
    const releases = await publishReleases(user.package);
    // What brings images to a server is the sandbox's alone.
    const { HAVEN_IMAGES: _, ...apis } = sandboxEnvironment();
    return new PackedOwner(user, domain, releases, {
      ...apis,
      HAVEN_ACME_TRUST: readableCopy(trustFile, join(user.home, 'authority.pem')),
      HAVEN_WEB_TRUST: readableCopy(webRootsFile, join(user.home, 'web-roots.pem')),
      PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: releases.overrides,
    });
  }

  override haven(args: string[]): Promise<Typed> {
    return this.#user.haven(args, this.#environment);
  }

  /** The directory that the command is typed in. */
  protected override get initFlags(): string[] {
    return [];
  }

  /** Everything in the user's folders that is not a package. */
  files(): string[] {
    return this.#user.files();
  }
}

/** The tarball that is published. */
async function packPackage(): Promise<string> {
  const out = await buildPackage(scratch('package'));
  const folder = scratch('pack');
  const { stdout } = await run('npm', ['pack', out, '--silent'], { cwd: folder });
  return join(folder, stdout.trim());
}

/** The sandbox's files are root's, in a folder that nobody else may enter. */
function readableCopy(file: string, to: string): string {
  copyFileSync(file, to);
  chmodSync(to, 0o644);
  return to;
}
