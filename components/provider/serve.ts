import * as grpc from '@grpc/grpc-js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';

/**
 * A Pulumi resource provider over the engine's own protocol (pulumi/provider.proto). `@pulumi/pulumi/provider` has no
 * preview, no detailed diff and no configuration; a provider whose plans are accurate needs all three.
 */
export type Properties = Record<string, unknown>;

/** The placeholder for a value that isn't known yet, in a preview (sdk/go/common/resource/plugin/rpc.go). */
export const unknownValue = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export interface Difference {
  /** Properties that changed. */
  changed: string[];
  /** Those that can't be changed in place. */
  replaces?: string[];
  deleteBeforeReplace?: boolean;
}

export interface ResourceHandler {
  /** Checks inputs before anything happens. Returns what is wrong, for each property. */
  check?(inputs: Properties): { property: string; reason: string }[];
  diff(id: string, outputs: Properties, inputs: Properties, oldInputs: Properties): Difference;
  /** In a preview, computes only what is known; unknown outputs are {@link unknownValue}. */
  create(inputs: Properties, preview: boolean): Promise<{ id: string; outputs: Properties }>;
  /** The resource's real state; undefined when it no longer exists. */
  read(
    id: string,
    outputs: Properties,
    inputs: Properties,
  ): Promise<{ id: string; outputs: Properties; inputs: Properties } | undefined>;
  update(id: string, outputs: Properties, inputs: Properties, preview: boolean): Promise<Properties>;
  delete(id: string, outputs: Properties): Promise<void>;
}

export interface ProviderSpec {
  name: string;
  version: string;
  resources: Record<string, ResourceHandler>;
  functions?: Record<string, (args: Properties) => Promise<Properties>>;
  /** Called once before anything else. Throws when something required is missing. */
  configure?(): Promise<void> | void;
}

type Call = grpc.ServerUnaryCall<never, never>;
type Callback = (error: grpc.ServiceError | Partial<grpc.StatusObject> | null, value?: unknown) => void;
// The generated classes are untyped JavaScript where they are built; their shape is the .proto's.
type Message = { [method: string]: (...args: unknown[]) => unknown };
const toJs = (value: unknown): Properties =>
  ((value as { toJavaScript(): Properties } | undefined)?.toJavaScript() ?? {}) as Properties;
const toStruct = (value: Properties) => struct.Struct.fromJavaScript(clean(value) as never);

/** A Struct can't hold undefined. The engine's internal keys are left out. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, clean(each)]])),
    );
  }
  return value;
}

const typeOf = (urn: string): string => {
  // urn:pulumi:stack::project::parent$type::name
  const qualified = urn.split('::')[2] ?? '';
  return qualified.split('$').pop() ?? '';
};

/** Serves a provider until the engine ends it. Prints its port on standard output, as the engine expects. */
export async function serveProvider(spec: ProviderSpec): Promise<void> {
  // The engine ends us with these signals once everything has been answered, and waits a long time for a process that
  // ignores them.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
  const { port } = await listenProvider(spec);
  process.stdout.write(`${port}\n`);
}

/** A provider that listens on a loopback port; any number of engines can attach to it. */
export interface ListeningProvider {
  port: number;
  close(): void;
}

/** Serves a provider in this process. */
export function listenProvider(spec: ProviderSpec): Promise<ListeningProvider> {
  const handler = (urn: string): ResourceHandler => {
    const found = spec.resources[typeOf(urn)];
    if (found) return found;
    const types = Object.keys(spec.resources).join(', ');
    throw new Error(
      `The plugin "${spec.name}" (${spec.version}) has no resource type ${typeOf(urn)}. It has: ${types}`,
    );
  };

  const answer =
    (work: (request: Message) => Promise<unknown> | unknown) =>
    (call: Call, callback: Callback): void => {
      Promise.resolve()
        .then(() => work(call.request as unknown as Message))
        .then((value) => callback(null, value))
        .catch((error: unknown) =>
          callback({
            code: grpc.status.UNKNOWN,
            details: error instanceof Error ? error.message : String(error),
          }),
        );
    };
  const unimplemented = (_call: Call, callback: Callback): void =>
    callback({ code: grpc.status.UNIMPLEMENTED, details: 'not implemented' });
  const urnOf = (request: Message): string => request.getUrn!() as string;

  const difference = (request: Message): Difference =>
    handler(urnOf(request)).diff(
      request.getId!() as string,
      toJs(request.getOlds!()),
      toJs(request.getNews!()),
      toJs(request.getOldInputs!()),
    );

  const implementation: Record<string, (call: Call, callback: Callback) => void> = {
    handshake: unimplemented,
    parameterize: unimplemented,
    getSchema: unimplemented,
    getMapping: unimplemented,
    getMappings: unimplemented,
    construct: unimplemented,
    call: unimplemented,
    streamInvoke: unimplemented,
    list: unimplemented,
    attach: answer(() => new empty.Empty()),

    checkConfig: answer((request) => {
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews!() as never);
      return response;
    }),
    // Credentials come from the environment and are not in the state. A change of their endpoints never replaces a
    // resource.
    diffConfig: answer(() => new messages.DiffResponse()),
    configure: answer(async () => {
      await spec.configure?.();
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(false);
      response.setSupportspreview(true);
      response.setAcceptresources(false);
      response.setAcceptoutputs(false);
      return response;
    }),
    getPluginInfo: answer(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(spec.version);
      return info;
    }),

    check: answer((request) => {
      const inputs = toJs(request.getNews!());
      const failures = handler(urnOf(request)).check?.(inputs) ?? [];
      const response = new messages.CheckResponse();
      response.setInputs(toStruct(inputs));
      response.setFailuresList(
        failures.map(({ property, reason }) => {
          const failure = new messages.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    }),

    diff: answer((request) => {
      const { changed, replaces = [], deleteBeforeReplace = false } = difference(request);
      const response = new messages.DiffResponse();
      response.setChanges(
        changed.length > 0
          ? messages.DiffResponse.DiffChanges.DIFF_SOME
          : messages.DiffResponse.DiffChanges.DIFF_NONE,
      );
      response.setDiffsList(changed);
      response.setReplacesList(replaces);
      response.setDeletebeforereplace(deleteBeforeReplace);
      const detailed = response.getDetaileddiffMap();
      for (const property of changed) {
        const each = new messages.PropertyDiff();
        each.setKind(
          replaces.includes(property)
            ? messages.PropertyDiff.Kind.UPDATE_REPLACE
            : messages.PropertyDiff.Kind.UPDATE,
        );
        each.setInputdiff(true);
        detailed.set(property, each);
      }
      response.setHasdetaileddiff(true);
      return response;
    }),

    create: answer(async (request) => {
      const { id, outputs } = await handler(urnOf(request)).create(
        toJs(request.getProperties!()),
        request.getPreview!() as boolean,
      );
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(outputs));
      return response;
    }),

    read: answer(async (request) => {
      const found = await handler(urnOf(request)).read(
        request.getId!() as string,
        toJs(request.getProperties!()),
        toJs(request.getInputs!()),
      );
      const response = new messages.ReadResponse();
      if (!found) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.outputs));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),

    update: answer(async (request) => {
      const outputs = await handler(urnOf(request)).update(
        request.getId!() as string,
        toJs(request.getOlds!()),
        toJs(request.getNews!()),
        request.getPreview!() as boolean,
      );
      const response = new messages.UpdateResponse();
      response.setProperties(toStruct(outputs));
      return response;
    }),

    delete: answer(async (request) => {
      await handler(urnOf(request)).delete(request.getId!() as string, toJs(request.getProperties!()));
      return new empty.Empty();
    }),

    invoke: answer(async (request) => {
      const token = request.getTok!() as string;
      const found = spec.functions?.[token];
      if (!found) throw new Error(`The plugin "${spec.name}" (${spec.version}) has no function ${token}.`);
      const response = new messages.InvokeResponse();
      response.setReturn(toStruct(await found(toJs(request.getArgs!()))));
      return response;
    }),

    cancel: answer(() => new empty.Empty()),
  };

  const server = new grpc.Server({ 'grpc.max_receive_message_length': 400 * 1024 * 1024 });
  server.addService(services.ResourceProviderService, implementation as never);
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve({ port, close: () => server.forceShutdown() });
    });
  });
}
