#include "gateway/gateway.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "holdfast/directory/v1/directory.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "gateway/sessions.h"
#include "gateway/web_assets.h"
#include "http/connect.h"
#include "http/server.h"
#include "observability/metrics.h"
#include "rpc/client.h"
#include "rpc/routes.h"

namespace holdfast::gateway {
namespace {

namespace pb = google::protobuf;
using http::Headers;
using http::Request;
using http::Response;
using Respond = http::Server::Respond;

constexpr std::string_view kCookie = "holdfast-dev";
constexpr char kIssueToken[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";
constexpr char kListPeople[] = "/holdfast.directory.v1.DevelopmentIssuerService/ListPeople";
constexpr char kGetSession[] = "/holdfast.directory.v1.SessionService/GetSession";
// A token is renewed before it would end within a call.
constexpr absl::Duration kRenewBefore = absl::Minutes(2);

// What every answer carries (docs/security.md): nothing from elsewhere, nothing in a frame, nothing
// guessed.
Headers SecurityHeaders() {
  return {{"content-security-policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
           "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
           "require-trusted-types-for 'script'"},
          {"x-content-type-options", "nosniff"},
          {"referrer-policy", "no-referrer"},
          {"cross-origin-opener-policy", "same-origin"},
          {"cross-origin-resource-policy", "same-origin"},
          {"permissions-policy", "camera=(), geolocation=(), microphone=()"}};
}

Response Json(int status, const pb::Message& message) {
  Response response{
      status, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, ""};
  pb::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  if (!pb::util::MessageToJsonString(message, &response.body, options).ok()) response.status = 500;
  return response;
}

// Not being signed in is an answer, not an error: a browser writes every 401 to its console.
Response Nobody() {
  return {200, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, "null"};
}

Response Asset(const WebAsset& asset, const Request& request) {
  const bool packed = request.Header("accept-encoding").find("gzip") != std::string_view::npos;
  Response response{
      200, {{"content-type", std::string(asset.content_type)}, {"vary", "accept-encoding"}}, ""};
  // Names of scripts and styles carry a hash of their bytes; the page and the icon do not.
  const bool hashed = asset.name.find('-') != std::string_view::npos;
  response.headers.emplace_back("cache-control",
                                hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (packed) response.headers.emplace_back("content-encoding", "gzip");
  response.body = std::string(packed ? asset.gzip : asset.bytes);
  return response;
}

Response FilePage(const Request& request) {
  const std::string_view name = std::string_view(request.path).substr(1);
  const auto assets = WebAssets();
  if (assets.empty()) {
    return Response::Text(200,
                          "The console was not built into this program. Build it with: ./dev web\n"
                          "The services answer all the same: bin/holdfast board show SITE\n");
  }
  for (const WebAsset& asset : assets) {
    if (asset.name == name) return Asset(asset, request);
  }
  // A file that is not there is not a page; every other address is one of the console's own.
  if (name.find('.') != std::string_view::npos)
    return Response::Text(404, "There is no such file.\n");
  const auto page = std::find_if(assets.begin(), assets.end(),
                                 [](const WebAsset& asset) { return asset.name == "index.html"; });
  return page == assets.end() ? Response::Text(404, "There is no page.\n") : Asset(*page, request);
}

bool FromElsewhere(const Request& request) {
  const std::string_view site = request.Header("sec-fetch-site");
  return !site.empty() && site != "same-origin" && site != "none";
}

// A page of another name must not reach a gateway that listens on this machine only, where it would
// be of the same origin once its name is made to resolve to 127.0.0.1 (DNS rebinding).
bool NamesThisMachine(std::string_view host) {
  if (host.starts_with('[')) return host.starts_with("[::1]");
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "localhost" || name.ends_with(".localhost") ||
         (name.starts_with("127.") && name.find_first_not_of("0123456789.") == name.npos);
}

Response Refused(int status, std::string_view sentence) {
  return Response::Text(status, absl::StrCat(std::string(sentence), "\n"));
}

std::string CookieOf(std::string_view id, bool ended) {
  return absl::StrCat(std::string(kCookie), "=", std::string(id),
                      "; Path=/; HttpOnly; SameSite=Strict", ended ? "; Max-Age=0" : "");
}

rpc::Client ClientOf(const GatewayOptions& options) {
  if (options.doors.empty()) return rpc::Client(options.services);
  return rpc::Client(*rpc::Routes::Parse(options.doors));
}

class HttpGateway final : public Gateway {
 public:
  explicit HttpGateway(const GatewayOptions& options)
      : options_(options),
        client_(ClientOf(options)),
        sessions_(*options.clock, *options.random),
        backend_([this](http::UnaryCall call, auto done) {
          Forward(std::move(call), std::move(done));
        }) {}

  absl::Status Listen() {
    http::ServerOptions server;
    server.host = options_.host;
    server.port = options_.port;
    server.headers = SecurityHeaders();
    const auto start = [this](const http::ServerOptions& with) {
      return http::Server::Start(
          with, [this](Request request, Respond respond) { Serve(request, std::move(respond)); });
    };
    auto started = start(server);
    if (!started.ok() && options_.replace_taken_port) {
      server.port = 0;
      started = start(server);
    }
    if (!started.ok()) return started.status();
    server_ = *std::move(started);
    return absl::OkStatus();
  }

  std::uint16_t port() const override { return server_->port(); }
  void Stop(absl::Duration drain) override { server_->Stop(drain); }

 private:
  void Serve(const Request& request, Respond respond);
  Respond Measured(const Request& request, Respond respond) const;
  void ServeRpc(const Request& request, Respond respond);
  void ServeAuth(const Request& request, Respond respond);
  void SignIn(const Request& request, Respond respond);
  void SignOut(const Request& request, Respond respond);
  void ShowSession(const Request& request, Respond respond);
  void Forward(http::UnaryCall call,
               absl::AnyInvocable<void(absl::StatusOr<http::UnaryAnswer>)> done);
  // Calls `then` with the session's token, renewed where it is about to end; empty where there is
  // no session.
  void WithToken(std::string id, absl::AnyInvocable<void(std::string)> then);
  bool HasCsrfToken(const Request& request, std::string_view id) const {
    return request.Header("x-holdfast-csrf") == sessions_.CsrfToken(id);
  }

  template <class Wanted, class Answer>
  void Call(const char* method, Wanted request, std::string token,
            absl::AnyInvocable<void(absl::Status, const Answer&)> done) {
    struct State {
      Wanted request;
      Answer answer;
    };
    auto state = std::make_unique<State>(State{std::move(request), {}});
    State& ref = *state;
    rpc::CallOptions options;
    options.token = std::move(token);
    client_.Start(method, ref.request, ref.answer, options,
                  [state = std::move(state), done = std::move(done)](absl::Status status) mutable {
                    std::move(done)(std::move(status), state->answer);
                  });
  }

  const GatewayOptions options_;
  rpc::Client client_;
  Sessions sessions_;
  const http::Backend backend_;
  std::unique_ptr<http::Server> server_;
};

void HttpGateway::Serve(const Request& request, Respond respond) {
  Respond answer = Measured(request, std::move(respond));
  if (NamesThisMachine(options_.host) && !NamesThisMachine(request.Header("host"))) {
    return std::move(answer)(Refused(
        421, "This gateway answers on this machine only: use http://127.0.0.1 and its port."));
  }
  if (request.path.starts_with("/auth/")) return ServeAuth(request, std::move(answer));
  if (http::IsRpcPath(request.path)) return ServeRpc(request, std::move(answer));
  if (request.method != "GET" && request.method != "HEAD") {
    if (request.path.find('.') != std::string::npos) {
      return std::move(answer)(Refused(404, "There is no such service or method."));
    }
    Response refused = Refused(405, "A page can only be read.");
    refused.headers.emplace_back("allow", "GET, HEAD");
    return std::move(answer)(std::move(refused));
  }
  std::move(answer)(FilePage(request));
}

// Times the request. Routes and methods are closed sets: a stranger's words are no label.
Respond HttpGateway::Measured(const Request& request, Respond respond) const {
  static constexpr std::array<std::string_view, 3> kMethods = {"GET", "HEAD", "POST"};
  const auto method = std::ranges::find(kMethods, std::string_view(request.method));
  const std::string_view route = request.path.starts_with("/auth/") ? "auth"
                                 : http::IsRpcPath(request.path)    ? "rpc"
                                                                    : "page";
  return [method = method == kMethods.end() ? std::string_view("_OTHER") : *method, route,
          clock = options_.clock, began = options_.clock->SinceBoot(),
          respond = std::move(respond)](Response response) mutable {
    metrics::Process()
        .GetHistogram(metrics::kHttpSeconds, {method, route, std::to_string(response.status)})
        .Observe(clock->SinceBoot() - began);
    std::move(respond)(std::move(response));
  };
}

void HttpGateway::ServeRpc(const Request& request, Respond respond) {
  if (request.Count("authorization") > 1) {
    return std::move(respond)(Refused(400, "Send exactly one Authorization header."));
  }
  // An integrator brings a token of its own; a browser has a session, and must show that the call
  // is the page's own.
  if (const std::string_view own = request.Header("authorization"); !own.empty()) {
    return http::ServeConnect(backend_, request, {{"authorization", std::string(own)}},
                              std::move(respond));
  }
  const std::string id(request.Cookie(kCookie));
  if (!id.empty() && (FromElsewhere(request) || !HasCsrfToken(request, id))) {
    return std::move(respond)(http::ErrorResponse(ErrorWithReason(
        absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
        "The call did not come from this console's own page. Load the page again.")));
  }
  WithToken(id, [this, request, respond = std::move(respond)](const std::string& token) mutable {
    Headers extra;
    if (!token.empty()) extra.emplace_back("authorization", absl::StrCat("Bearer ", token));
    http::ServeConnect(backend_, request, extra, std::move(respond));
  });
}

void HttpGateway::WithToken(std::string id, absl::AnyInvocable<void(std::string)> then) {
  const std::optional<Session> session = sessions_.Find(id);
  if (!session) return std::move(then)("");
  if (session->token_expires > options_.clock->Now() + kRenewBefore)
    return std::move(then)(session->token);
  directory::v1::IssueTokenRequest request;
  request.set_tenant(session->tenant);
  request.set_as(session->as);
  Call<directory::v1::IssueTokenRequest, directory::v1::IssuedToken>(
      kIssueToken, std::move(request), "",
      [this, id = std::move(id), then = std::move(then)](
          const absl::Status& status, const directory::v1::IssuedToken& issued) mutable {
        if (!status.ok()) return std::move(then)("");
        sessions_.Renew(id, issued.token(), absl::FromUnixSeconds(issued.expires_at().seconds()));
        std::move(then)(issued.token());
      });
}

void HttpGateway::Forward(http::UnaryCall call,
                          absl::AnyInvocable<void(absl::StatusOr<http::UnaryAnswer>)> done) {
  struct State {
    std::unique_ptr<pb::Message> request;
    std::unique_ptr<pb::Message> answer;
  };
  rpc::CallOptions options;
  options.token = "";
  for (const auto& [name, value] : call.metadata) {
    if (name == "authorization" && value.starts_with("Bearer ")) options.token = value.substr(7);
    if (name == "idempotency-key") options.idempotency_key = value;
    if (name == "traceparent") options.traceparent = value;
    std::uint64_t version = 0;
    if (name == "holdfast-expected-version" && absl::SimpleAtoi(value, &version)) {
      options.expected_version = version;
    }
  }
  // Without a limit of its own the call has the method's.
  options.timeout = call.timeout;
  const pb::MethodDescriptor& method = *call.method;
  auto state = std::make_unique<State>();
  state->request = std::move(call.request);
  state->answer.reset(
      pb::MessageFactory::generated_factory()->GetPrototype(method.output_type())->New());
  State& ref = *state;
  client_.Start(absl::StrCat("/", method.service()->full_name(), "/", method.name()), *ref.request,
                *ref.answer, options,
                [state = std::move(state), done = std::move(done)](absl::Status status) mutable {
                  if (!status.ok()) return std::move(done)(std::move(status));
                  std::move(done)(http::UnaryAnswer{std::move(state->answer), {}});
                });
}

void HttpGateway::ServeAuth(const Request& request, Respond respond) {
  const bool post = request.method == "POST";
  if (post &&
      (FromElsewhere(request) || !request.Header("content-type").starts_with("application/json"))) {
    return std::move(respond)(Refused(403, "Only this console's own page may sign in or out."));
  }
  if (request.path == "/auth/session" && request.method == "GET") {
    return ShowSession(request, std::move(respond));
  }
  if (request.path == "/auth/people" && request.method == "GET") {
    return Call<directory::v1::ListPeopleRequest, directory::v1::People>(
        kListPeople, {}, "",
        [respond = std::move(respond)](const absl::Status& status,
                                       const directory::v1::People& people) mutable {
          std::move(respond)(status.ok() ? Json(200, people) : http::ErrorResponse(status));
        });
  }
  if (request.path == "/auth/development" && post) return SignIn(request, std::move(respond));
  if (request.path == "/auth/sign-out" && post) return SignOut(request, std::move(respond));
  std::move(respond)(Refused(404, "There is no such address."));
}

void HttpGateway::SignOut(const Request& request, Respond respond) {
  const std::string id(request.Cookie(kCookie));
  if (!HasCsrfToken(request, id)) return std::move(respond)(Refused(403, "Load the page again."));
  sessions_.End(id);
  std::move(respond)(Response{204, {{"set-cookie", CookieOf("", true)}}, ""});
}

void HttpGateway::SignIn(const Request& request, Respond respond) {
  directory::v1::IssueTokenRequest wanted;
  if (!pb::util::JsonStringToMessage(request.body, &wanted).ok()) {
    return std::move(respond)(Refused(400, "Send {\"tenant\": …, \"as\": …}."));
  }
  Session begun{wanted.tenant(), wanted.as(), "", absl::InfinitePast()};
  Call<directory::v1::IssueTokenRequest, directory::v1::IssuedToken>(
      kIssueToken, std::move(wanted), "",
      [this, begun = std::move(begun), respond = std::move(respond)](
          const absl::Status& status, const directory::v1::IssuedToken& issued) mutable {
        if (!status.ok()) return std::move(respond)(http::ErrorResponse(status));
        begun.token = issued.token();
        begun.token_expires = absl::FromUnixSeconds(issued.expires_at().seconds());
        const std::string id = sessions_.Begin(std::move(begun));
        std::move(respond)(Response{204, {{"set-cookie", CookieOf(id, false)}}, ""});
      });
}

void HttpGateway::ShowSession(const Request& request, Respond respond) {
  std::string id(request.Cookie(kCookie));
  const std::optional<Session> session = sessions_.Find(id);
  if (!session) return std::move(respond)(Nobody());
  WithToken(id,
            [this, id, as = session->as, respond = std::move(respond)](std::string token) mutable {
              Call<directory::v1::GetSessionRequest, directory::v1::Session>(
                  kGetSession, {}, std::move(token),
                  [this, id, as, respond = std::move(respond)](
                      const absl::Status& status, const directory::v1::Session& told) mutable {
                    if (absl::IsUnauthenticated(status)) return std::move(respond)(Nobody());
                    if (!status.ok()) return std::move(respond)(http::ErrorResponse(status));
                    pb::Struct body;
                    auto& fields = *body.mutable_fields();
                    fields["tenant"].set_string_value(told.tenant());
                    fields["tenantName"].set_string_value(told.tenant_name());
                    fields["as"].set_string_value(as);
                    fields["demonstration"].set_bool_value(told.demonstration());
                    fields["csrf"].set_string_value(sessions_.CsrfToken(id));
                    std::move(respond)(Json(200, body));
                  });
            });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const GatewayOptions& options) {
  if (!options.doors.empty()) RETURN_IF_ERROR(rpc::Routes::Parse(options.doors).status());
  auto gateway = std::make_unique<HttpGateway>(options);
  if (absl::Status listening = gateway->Listen(); !listening.ok()) return listening;
  return std::unique_ptr<Gateway>(std::move(gateway));
}

}  // namespace holdfast::gateway
