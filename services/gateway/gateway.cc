#include "gateway/gateway.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "holdfast/config/v1/config.pb.h"
#include "holdfast/directory/v1/directory.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "gateway/provider_sign_in.h"
#include "gateway/sessions.h"
#include "gateway/web_assets.h"
#include "http/connect.h"
#include "http/fetch.h"
#include "http/server.h"
#include "observability/metrics.h"
#include "rpc/client.h"
#include "rpc/routes.h"
#include "rpc/worker_pool.h"

namespace holdfast::gateway {
namespace {

namespace pb = google::protobuf;
using http::Headers;
using http::Request;
using http::Response;
using Respond = http::Server::Respond;

// Browsers take a name with this prefix only over TLS, for the whole host and no other.
constexpr std::string_view kSecureCookie = "__Host-holdfast";
constexpr std::string_view kPlainCookie = "holdfast-dev";
constexpr std::string_view kLoginSuffix = "-login";
constexpr char kIssueToken[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";
constexpr char kListPeople[] = "/holdfast.directory.v1.DevelopmentIssuerService/ListPeople";
constexpr std::string_view kNotEnrolled = "NOT_ENROLLED";
constexpr std::string_view kTokenInvalid = "TOKEN_INVALID";
constexpr char kGetSession[] = "/holdfast.directory.v1.SessionService/GetSession";
// A token is renewed before it would end within a call.
constexpr absl::Duration kRenewBefore = absl::Minutes(2);
// What asks a provider waits for it.
constexpr std::size_t kSignInThreads = 4;
constexpr std::size_t kSignInsWaiting = 64;
constexpr absl::Duration kProviderPatience = absl::Seconds(5);

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

// Somebody whom the provider knows and the directory does not: the sentence holds the code that an
// administrator enrols them by.
Response Stranger(const absl::Status& status, const std::string& csrf) {
  constexpr char kNoCode[] =
      "Your provider has signed you in, but nothing here is open to you. Ask an administrator of "
      "your partnership.";
  pb::Struct body;
  auto& fields = *body.mutable_fields();
  fields["notEnrolled"].set_string_value(
      ReasonOf(status) == kNotEnrolled ? std::string(status.message()) : kNoCode);
  fields["csrf"].set_string_value(csrf);
  return Json(200, body);
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

Response SeeOther(std::string location) {
  return {303, {{"location", std::move(location)}, {"cache-control", "no-store"}}, ""};
}

// The page says what a refused sign-in means.
Response NotSignedIn(const absl::Status& status) {
  const char* why = absl::IsUnavailable(status)        ? "away"
                    : absl::IsPermissionDenied(status) ? "refused"
                                                       : "again";
  return SeeOther(absl::StrCat("/?sign-in=", why));
}

std::string_view AuthorityOf(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == origin.npos ? std::string_view() : origin.substr(scheme + 3);
}

rpc::Client ClientOf(const GatewayOptions& options) {
  if (options.doors.empty()) return rpc::Client(options.services);
  return rpc::Client(*rpc::Routes::Parse(options.doors), nullptr, options.transport);
}

class HttpGateway final : public Gateway {
 public:
  explicit HttpGateway(const GatewayOptions& options)
      : options_(options),
        client_(ClientOf(options)),
        sessions_(*options.clock, *options.random),
        providers_({options.issuers,
                    [development = options.development](const http::Outgoing& outgoing,
                                                        const config::v1::Issuer& issuer) {
                      http::FetchRules rules;
                      rules.ca_file = issuer.ca_file();
                      rules.plain_loopback = development;
                      rules.patience = kProviderPatience;
                      return http::Fetch(outgoing, rules);
                    },
                    options.clock, options.random}),
        backend_([this](http::UnaryCall call, auto done) {
          Forward(std::move(call), std::move(done));
        }) {}

  absl::Status Listen() {
    http::ServerOptions server;
    server.host = options_.host;
    server.port = options_.port;
    server.headers = SecurityHeaders();
    if (IsSecure()) {
      server.headers.emplace_back("strict-transport-security", "max-age=31536000");
    }
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
  Response SessionPage(const std::string& id, const Session& session, const absl::Status& status,
                       const directory::v1::Session& told) const;
  void ShowProviders(Respond respond) const;
  // To the provider, and back from it.
  void BeginSignIn(const Request& request, Respond respond);
  void FinishSignIn(const Request& request, Respond respond);
  void TakeTokens(Tokens tokens, Respond respond);
  // On a thread that may wait for a provider.
  void WhereItMayWait(Respond respond, absl::AnyInvocable<void(Respond)> work);

  // Browsers reach the gateway over TLS.
  bool IsSecure() const { return providers_.PublicOrigin().starts_with("https://"); }
  std::string CookieName() const { return std::string(IsSecure() ? kSecureCookie : kPlainCookie); }
  std::string SessionId(const Request& request) const {
    return std::string(request.Cookie(CookieName()));
  }
  // Ended where the value is empty.
  std::string CookieOf(std::string_view id) const {
    return absl::StrCat(CookieName(), "=", std::string(id), "; Path=/; HttpOnly; SameSite=Strict",
                        IsSecure() ? "; Secure" : "", id.empty() ? "; Max-Age=0" : "");
  }
  // What a browser brings back from the provider: sent with that one navigation from elsewhere.
  std::string LoginCookieOf(std::string_view ticket) const {
    const std::int64_t seconds =
        ticket.empty() ? 0 : absl::ToInt64Seconds(ProviderSignIn::kPatience);
    return absl::StrCat(CookieName(), std::string(kLoginSuffix), "=", std::string(ticket),
                        "; Path=/; HttpOnly; SameSite=Lax", IsSecure() ? "; Secure" : "",
                        "; Max-Age=", seconds);
  }
  bool IsForUs(std::string_view host) const {
    if (!NamesThisMachine(options_.host) || NamesThisMachine(host)) return true;
    return !host.empty() && host == AuthorityOf(providers_.PublicOrigin());
  }
  void Forward(http::UnaryCall call,
               absl::AnyInvocable<void(absl::StatusOr<http::UnaryAnswer>)> done);
  using Then = absl::AnyInvocable<void(std::string)>;
  // Calls `then` with the session's token, renewed where it is about to end; empty where there is
  // no session.
  void WithToken(std::string id, Then then);
  void RenewAtIssuer(std::string id, const Session& session, Then then);
  void RenewAtProvider(const std::string& id, const Session& session, Then then);
  // The token that goes on; empty where the session is over.
  std::string Renewed(const std::string& id, const Session& session);
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
  ProviderSignIn providers_;
  absl::Mutex renewing_mutex_;
  // Who waits for the renewal of a session: a provider takes a refresh token once.
  std::map<std::string, std::vector<Then>> renewing_ ABSL_GUARDED_BY(renewing_mutex_);
  const http::Backend backend_;
  std::unique_ptr<http::Server> server_;
  // Ends before what it answers through.
  rpc::WorkerPool sign_ins_{"sign-in", kSignInThreads, kSignInsWaiting};
};

void HttpGateway::Serve(const Request& request, Respond respond) {
  Respond answer = Measured(request, std::move(respond));
  if (!IsForUs(request.Header("host"))) {
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
  const std::string id = SessionId(request);
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

void HttpGateway::WithToken(std::string id, Then then) {
  const std::optional<Session> session = sessions_.Find(id);
  if (!session) return std::move(then)("");
  if (session->token_expires > options_.clock->Now() + kRenewBefore) {
    return std::move(then)(session->token);
  }
  if (session->issuer.empty()) return RenewAtIssuer(std::move(id), *session, std::move(then));
  RenewAtProvider(id, *session, std::move(then));
}

void HttpGateway::RenewAtIssuer(std::string id, const Session& session, Then then) {
  directory::v1::IssueTokenRequest request;
  request.set_tenant(session.tenant);
  request.set_as(session.as);
  Call<directory::v1::IssueTokenRequest, directory::v1::IssuedToken>(
      kIssueToken, std::move(request), "",
      [this, id = std::move(id), then = std::move(then)](
          const absl::Status& status, const directory::v1::IssuedToken& issued) mutable {
        if (!status.ok()) return std::move(then)("");
        sessions_.Renew(id, issued.token(), absl::FromUnixSeconds(issued.expires_at().seconds()));
        std::move(then)(issued.token());
      });
}

void HttpGateway::RenewAtProvider(const std::string& id, const Session& session, Then then) {
  {
    const absl::MutexLock lock(&renewing_mutex_);
    std::vector<Then>& waiting = renewing_[id];
    waiting.push_back(std::move(then));
    if (waiting.size() > 1) return;
  }
  const auto answer = [this, id](const std::string& token) {
    std::vector<Then> waiting;
    {
      const absl::MutexLock lock(&renewing_mutex_);
      waiting = std::move(renewing_.extract(id).mapped());
    }
    for (Then& each : waiting) std::move(each)(token);
  };
  // Where too many wait already, the old one serves to its end.
  if (!sign_ins_.TryPost([this, id, session, answer] { answer(Renewed(id, session)); })) {
    answer(session.token);
  }
}

std::string HttpGateway::Renewed(const std::string& id, const Session& session) {
  const absl::StatusOr<Tokens> renewed = providers_.Renew(
      {session.issuer, session.token, session.token_expires, session.refresh_token, session.as});
  if (renewed.ok()) {
    sessions_.Renew(id, renewed->access_token, renewed->expires_at, renewed->refresh_token);
    return renewed->access_token;
  }
  if (session.token_expires > options_.clock->Now()) return session.token;
  if (!absl::IsUnavailable(renewed.status())) sessions_.End(id);
  return "";
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
    if (name == "holdfast-purpose") options.purpose = value;
    if (name == "holdfast-justification-bin") options.justification = value;
    if (name == "holdfast-break-glass") options.break_glass = value == "1";
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
          // Without a demonstration nobody is handed a token.
          if (absl::IsUnimplemented(status)) return std::move(respond)(Json(200, people));
          std::move(respond)(status.ok() ? Json(200, people) : http::ErrorResponse(status));
        });
  }
  const bool get = request.method == "GET";
  if (request.path == "/auth/providers" && get) return ShowProviders(std::move(respond));
  if (request.path == "/auth/sign-in" && get) return BeginSignIn(request, std::move(respond));
  if (request.path == "/auth/callback" && get) return FinishSignIn(request, std::move(respond));
  if (request.path == "/auth/development" && post) return SignIn(request, std::move(respond));
  if (request.path == "/auth/sign-out" && post) return SignOut(request, std::move(respond));
  std::move(respond)(Refused(404, "There is no such address."));
}

void HttpGateway::ShowProviders(Respond respond) const {
  pb::Struct body;
  pb::ListValue& list = *(*body.mutable_fields())["providers"].mutable_list_value();
  for (const ProviderSignIn::Provider& provider : providers_.Providers()) {
    auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
    fields["id"].set_string_value(provider.id);
    fields["name"].set_string_value(provider.name);
  }
  std::move(respond)(Json(200, body));
}

void HttpGateway::WhereItMayWait(Respond respond, absl::AnyInvocable<void(Respond)> work) {
  // Shared by the work and by the answer where it is not taken: one of the two is given.
  const auto waiting = std::make_shared<Respond>(std::move(respond));
  const bool taken = sign_ins_.TryPost(
      [waiting, work = std::move(work)]() mutable { std::move(work)(std::move(*waiting)); });
  if (!taken) std::move (*waiting)(NotSignedIn(absl::UnavailableError("too many sign in at once")));
}

void HttpGateway::BeginSignIn(const Request& request, Respond respond) {
  std::string provider;
  if (FromElsewhere(request) || !http::QueryParameter(request.query, "provider", provider)) {
    return std::move(respond)(Refused(403, "Sign in from this console's own page."));
  }
  sessions_.End(SessionId(request));
  WhereItMayWait(std::move(respond), [this, provider](Respond answer) {
    absl::StatusOr<ProviderSignIn::Begun> begun = providers_.Begin(provider);
    if (!begun.ok()) return std::move(answer)(NotSignedIn(begun.status()));
    Response response = SeeOther(std::move(begun->location));
    response.headers.emplace_back("set-cookie", LoginCookieOf(begun->ticket));
    std::move(answer)(std::move(response));
  });
}

void HttpGateway::FinishSignIn(const Request& request, Respond respond) {
  const std::string ticket(request.Cookie(absl::StrCat(CookieName(), std::string(kLoginSuffix))));
  WhereItMayWait(std::move(respond), [this, ticket, query = request.query](Respond answer) {
    absl::StatusOr<Tokens> tokens = providers_.Finish(ticket, query);
    if (tokens.ok()) return TakeTokens(*std::move(tokens), std::move(answer));
    Response response = NotSignedIn(tokens.status());
    response.headers.emplace_back("set-cookie", LoginCookieOf(""));
    std::move(answer)(std::move(response));
  });
}

// A new session, whatever the browser brought: an id that was planted there is worth nothing.
void HttpGateway::TakeTokens(Tokens tokens, Respond respond) {
  const std::string id = sessions_.Begin(
      {"", std::move(tokens.name), std::move(tokens.access_token), tokens.expires_at,
       std::move(tokens.issuer), std::move(tokens.refresh_token)});
  Response response = SeeOther("/");
  response.headers.emplace_back("set-cookie", CookieOf(id));
  response.headers.emplace_back("set-cookie", LoginCookieOf(""));
  std::move(respond)(std::move(response));
}

void HttpGateway::SignOut(const Request& request, Respond respond) {
  const std::string id = SessionId(request);
  if (!HasCsrfToken(request, id)) return std::move(respond)(Refused(403, "Load the page again."));
  sessions_.End(id);
  std::move(respond)(Response{204, {{"set-cookie", CookieOf("")}}, ""});
}

void HttpGateway::SignIn(const Request& request, Respond respond) {
  directory::v1::IssueTokenRequest wanted;
  if (!pb::util::JsonStringToMessage(request.body, &wanted).ok()) {
    return std::move(respond)(Refused(400, "Send {\"tenant\": …, \"as\": …}."));
  }
  Session begun{wanted.tenant(), wanted.as(), "", absl::InfinitePast(), "", ""};
  sessions_.End(SessionId(request));
  Call<directory::v1::IssueTokenRequest, directory::v1::IssuedToken>(
      kIssueToken, std::move(wanted), "",
      [this, begun = std::move(begun), respond = std::move(respond)](
          const absl::Status& status, const directory::v1::IssuedToken& issued) mutable {
        if (!status.ok()) return std::move(respond)(http::ErrorResponse(status));
        begun.token = issued.token();
        begun.token_expires = absl::FromUnixSeconds(issued.expires_at().seconds());
        const std::string id = sessions_.Begin(std::move(begun));
        std::move(respond)(Response{204, {{"set-cookie", CookieOf(id)}}, ""});
      });
}

// What the page hears of a session, of which the services said `status` and `told`.
Response HttpGateway::SessionPage(const std::string& id, const Session& session,
                                  const absl::Status& status,
                                  const directory::v1::Session& told) const {
  const std::string reason = ReasonOf(status);
  // Whoever signed in with a provider is not sent there again and again.
  const bool stranger =
      reason == kNotEnrolled || (reason == kTokenInvalid && !session.issuer.empty());
  if (stranger) return Stranger(status, sessions_.CsrfToken(id));
  if (absl::IsUnauthenticated(status)) return Nobody();
  if (!status.ok()) return http::ErrorResponse(status);
  pb::Struct body;
  auto& fields = *body.mutable_fields();
  fields["tenant"].set_string_value(told.tenant());
  fields["tenantName"].set_string_value(told.tenant_name());
  fields["as"].set_string_value(session.as);
  fields["demonstration"].set_bool_value(told.demonstration());
  fields["csrf"].set_string_value(sessions_.CsrfToken(id));
  return Json(200, body);
}

void HttpGateway::ShowSession(const Request& request, Respond respond) {
  const std::string id = SessionId(request);
  const std::optional<Session> session = sessions_.Find(id);
  if (!session) return std::move(respond)(Nobody());
  WithToken(
      id, [this, id, session = *session, respond = std::move(respond)](std::string token) mutable {
        Call<directory::v1::GetSessionRequest, directory::v1::Session>(
            kGetSession, {}, std::move(token),
            [this, id, session = std::move(session), respond = std::move(respond)](
                const absl::Status& status, const directory::v1::Session& told) mutable {
              std::move(respond)(SessionPage(id, session, status, told));
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
