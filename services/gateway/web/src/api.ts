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

/** A sentence for a person: what happened and what to do. */
export function sentenceOf(error: unknown): string {
  const failure = ConnectError.from(error);
  if (failure.code === Code.Unavailable || failure.code === Code.Unknown) {
    return "The service did not answer. Nothing is lost: try again in a moment.";
  }
  return failure.rawMessage || "The service refused without saying why. Try again, or ask your administrator.";
}
