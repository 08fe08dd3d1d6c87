// The services as the page calls them: Connect over HTTP, same origin, the session's CSRF token on every call.
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { BoardService } from "./gen/holdfast/board/v1/board_pb";
import { MetricsService } from "./gen/holdfast/metrics/v1/metrics_pb";
import { csrf, signOutHere } from "./session";

const withSession: Interceptor = (next) => async (request) => {
  request.header.set("X-Holdfast-CSRF", csrf());
  try {
    return await next(request);
  } catch (error) {
    if (ConnectError.from(error).code === Code.Unauthenticated) signOutHere();
    throw error;
  }
};

const transport = createConnectTransport({ baseUrl: location.origin, interceptors: [withSession] });

export const boards = createClient(BoardService, transport);
export const metrics = createClient(MetricsService, transport);

export interface Failure {
  /** gone: not there. closed: not for this role; said without a hint whether it exists. broken: may pass by itself. */
  kind: "gone" | "closed" | "broken";
  /** For a person: what happened and what to do. */
  sentence: string;
  /** For a report; empty where nothing answered. */
  code: string;
}

export function failureOf(error: unknown): Failure {
  const failure = ConnectError.from(error);
  const code = Code[failure.code] ?? "";
  switch (failure.code) {
    case Code.NotFound:
      return { kind: "gone", code, sentence: "There is no such page. It may have another address, or another tenant has it." };
    case Code.PermissionDenied:
      return { kind: "closed", code, sentence: "Nothing here is open to your role. Sign out and choose another, or ask your administrator." };
    case Code.Unavailable:
    case Code.Unknown:
    case Code.Internal:
      return { kind: "broken", code: failure.code === Code.Internal ? code : "",
        sentence: "The service did not answer. Nothing is lost: try again in a moment." };
    case Code.DeadlineExceeded:
      return { kind: "broken", code, sentence: "The answer took too long. Try again; if it stays so, ask for less." };
    default:
      return { kind: "broken", code,
        sentence: failure.rawMessage || "The service refused without saying why. Try again, or ask your administrator." };
  }
}
