import * as grpc from '@grpc/grpc-js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';

/**
 * A Pulumi resource provider over the engine's own protocol (pulumi/provider.proto). `@pulumi/pulumi/provider` has no
 * preview, no detailed diff and no configuration; a provider that tells the truth in a plan needs all three.
 */
export type Properties = Record<string, unknown>;

/** What stands for a value that isn't known yet, in a preview (sdk/go/common/resource/plugin/rpc.go). */
export const unknownValue = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export interface Difference {
  /** Properties that changed. */
  changed: string[];
  /** Those of them that can't be changed in place. */
  replaces?: string[];
  deleteBeforeReplace?: boolean;
}

export interface ResourceHandler {
  /** Looks at inputs before anything happens; answers with what is wrong, for each property. */
  check?(inputs: Properties): { property: string; reason: string }[];
  diff(id: string, outputs: Properties, inputs: Properties, oldInputs: Properties): Difference;
  /** In a preview only computes what is known; unknown outputs are {@link unknownValue}. */
  create(inputs: Properties, preview: boolean): Promise<{ id: string; outputs: Properties }>;
  /** What is really there; undefined when it is gone. */
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
  /** Told once before anything else; throws when something that it needs is missing. */
  configure?(): Promise<void> | void;
}

type Call = grpc.ServerUnaryCall<never, never>;
type Callback = (error: grpc.ServiceError | Partial<grpc.StatusObject> | null, value?: unknown) => void;
// The generated classes are untyped JavaScript where they are built; their shape is the .proto's.
type Message = { [method: string]: (...args: unknown[]) => unknown };
const toJs = (value: unknown): Properties =>
  ((value as { toJavaScript(): Properties } | undefined)?.toJavaScript() ?? {}) as Properties;
const toStruct = (value: Properties) => struct.Struct.fromJavaScript(clean(value) as never);

/** Undefined has no place in a Struct; internal keys of the engine stay out. */
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

/** Serves a provider until the engine ends it; prints its port on standard output, as the engine expects. */
export async function serveProvider(spec: ProviderSpec): Promise<void> {
  // The engine ends us so, after everything has been answered; it waits long for whoever doesn't go.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
  const { port } = await listenProvider(spec);
  process.stdout.write(`${port}\n`);
}

/** A provider that listens on a port of loopback; any number of engines may attach to it. */
export interface ListeningProvider {
  port: number;
  close(): void;
}

/** Serves a provider in this very process. */
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
    // Credentials come from the environment and are in no state; where they lead may change without replacing anything.
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
