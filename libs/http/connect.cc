#include "http/connect.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "google/rpc/error.pb.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error.h"
#include "http/json_form.h"

namespace holdfast::http {
namespace {

namespace pb = google::protobuf;

constexpr std::string_view kTypePrefix = "type.googleapis.com/";
constexpr std::size_t kMaxJsonDepth = 32;

enum class Encoding { kJson, kProto };

struct CodeName {
  absl::StatusCode code;
  std::string_view name;
  int http;
};

constexpr std::array<CodeName, 16> kCodes = {{
    {absl::StatusCode::kCancelled, "canceled", 499},
    {absl::StatusCode::kUnknown, "unknown", 500},
    {absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
    {absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
    {absl::StatusCode::kNotFound, "not_found", 404},
    {absl::StatusCode::kAlreadyExists, "already_exists", 409},
    {absl::StatusCode::kPermissionDenied, "permission_denied", 403},
    {absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
    {absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
    {absl::StatusCode::kAborted, "aborted", 409},
    {absl::StatusCode::kOutOfRange, "out_of_range", 400},
    {absl::StatusCode::kUnimplemented, "unimplemented", 501},
    {absl::StatusCode::kInternal, "internal", 500},
    {absl::StatusCode::kUnavailable, "unavailable", 503},
    {absl::StatusCode::kDataLoss, "data_loss", 500},
    {absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
}};

const CodeName& NameOf(absl::StatusCode code) {
  const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                   [code](const CodeName& name) { return name.code == code; });
  return found == kCodes.end() ? kCodes[1] : *found;
}

const pb::MethodDescriptor* FindMethod(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (path.empty() || path.front() != '/' || slash == 0 || slash == std::string_view::npos) {
    return nullptr;
  }
  const auto* service = pb::DescriptorPool::generated_pool()->FindServiceByName(
      std::string(path.substr(1, slash - 1)));
  return service == nullptr ? nullptr
                            : service->FindMethodByName(std::string(path.substr(slash + 1)));
}

std::optional<Encoding> EncodingOf(std::string_view content_type) {
  const std::string type = absl::AsciiStrToLower(std::string(content_type));
  std::string bare = type.substr(0, type.find(';'));
  while (!bare.empty() && bare.back() == ' ') bare.pop_back();
  if (bare == "application/proto" && bare.size() == type.size()) return Encoding::kProto;
  if (bare != "application/json") return std::nullopt;
  const std::size_t charset = type.find("charset=");
  if (charset != std::string::npos && type.compare(charset + 8, 5, "utf-8") != 0 &&
      type.compare(charset + 8, 7, "\"utf-8\"") != 0) {
    return std::nullopt;
  }
  return Encoding::kJson;
}

// Where the text that begins at `begin` has its closing quote; the end where it has none.
std::size_t EndOfText(std::string_view json, std::size_t begin) {
  for (std::size_t i = begin + 1; i < json.size(); ++i) {
    if (json[i] == '"') return i;
    if (json[i] == '\\') ++i;
  }
  return json.size();
}

// Nesting of objects and arrays; stops counting once it is too deep.
bool TooDeep(std::string_view json) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      i = EndOfText(json, i);
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxJsonDepth) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

bool IsQuery(const pb::MethodDescriptor& method) {
  return method.options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS;
}

std::unique_ptr<pb::Message> NewMessage(const pb::Descriptor& type) {
  return std::unique_ptr<pb::Message>(
      pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

absl::StatusOr<std::unique_ptr<pb::Message>> ReadBody(const pb::MethodDescriptor& method,
                                                      Encoding encoding, std::string body) {
  std::unique_ptr<pb::Message> message = NewMessage(*method.input_type());
  if (encoding == Encoding::kProto) {
    if (message->ParseFromString(body)) return message;
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
                           "The body is not a serialised message of the method's request.");
  }
  if (TooDeep(body)) return InvalidFields({{"(body)", "must not be nested deeper than 32 levels"}});
  if (body.empty()) body = "{}";
  // A typo in a command must not vanish; a query from a newer page may know more fields than we do.
  const UnknownFields unknown = IsQuery(method) ? UnknownFields::kIgnored : UnknownFields::kRefused;
  if (absl::Status form = CheckJsonForm(body, *method.input_type(), unknown); !form.ok())
    return form;
  pb::util::JsonParseOptions options;
  options.ignore_unknown_fields = unknown == UnknownFields::kIgnored;
  if (!pb::util::JsonStringToMessage(body, message.get(), options).ok())
    return InvalidFields({{"(body)", "must be the JSON form of the method's request"}});
  return message;
}

absl::StatusOr<std::string> WriteBody(Encoding encoding, const pb::Message& message) {
  if (encoding == Encoding::kProto) return message.SerializeAsString();
  std::string json;
  if (!pb::util::MessageToJsonString(message, &json).ok()) {
    return absl::InternalError("the answer of the service cannot be written as JSON");
  }
  return json;
}

bool Travels(std::string_view name) {
  return name == "idempotency-key" || name == "traceparent" || name.starts_with("holdfast-");
}

// What is binary comes in base64, padded or not, and goes on as bytes.
absl::Status AddTravelling(const Request& request, Headers& metadata) {
  for (const auto& [name, value] : request.headers) {
    if (!Travels(name)) continue;
    std::string bytes = value;
    if (name.ends_with("-bin") && !absl::Base64Unescape(value, &bytes)) {
      return InvalidFields({{name, "must be base64"}});
    }
    metadata.emplace_back(name, std::move(bytes));
  }
  return absl::OkStatus();
}

// "\"7\"" -> 7; empty where it is no strong entity tag of ours.
std::optional<std::uint64_t> Version(std::string_view tag) {
  std::uint64_t version = 0;
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"' ||
      !absl::SimpleAtoi(absl::string_view(tag.data() + 1, tag.size() - 2), &version)) {
    return std::nullopt;
  }
  return version;
}

absl::Status AddConditions(const Request& request, Headers& metadata) {
  if (const std::string_view tag = request.Header("if-match"); !tag.empty()) {
    const std::optional<std::uint64_t> version = Version(tag);
    if (!version)
      return InvalidFields({{"If-Match", "must be a version in quotes, such as \"7\""}});
    metadata.emplace_back("holdfast-expected-version", absl::StrCat(*version));
  }
  if (const std::string_view tag = request.Header("if-none-match"); !tag.empty()) {
    if (tag != "*") return InvalidFields({{"If-None-Match", "must be *"}});
    metadata.emplace_back("holdfast-expected-version", "0");
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Duration> Timeout(const Request& request) {
  const std::string_view text = request.Header("connect-timeout-ms");
  if (text.empty()) return absl::InfiniteDuration();
  std::int64_t ms = 0;
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.size() > 10 || !digits ||
      !absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &ms)) {
    return InvalidFields({{"Connect-Timeout-Ms", "must be at most ten digits"}});
  }
  return absl::Milliseconds(ms);
}

// The message of a GET request and its encoding.
absl::StatusOr<std::pair<Encoding, std::string>> GetMessage(const Request& request) {
  std::string encoding;
  std::string message;
  std::string base64;
  QueryParameter(request.query, "encoding", encoding);
  if (!QueryParameter(request.query, "message", message)) {
    return InvalidFields({{"message", "must be given as a query parameter"}});
  }
  if (encoding != "json" && encoding != "proto") {
    return InvalidFields({{"encoding", "must be json or proto"}});
  }
  if (QueryParameter(request.query, "base64", base64) && base64 == "1") {
    std::string decoded;
    while (!message.empty() && message.back() == '=') message.pop_back();
    if (!absl::WebSafeBase64Unescape(message, &decoded)) {
      return InvalidFields({{"message", "must be URL-safe base64"}});
    }
    message = std::move(decoded);
  }
  return std::make_pair(encoding == "json" ? Encoding::kJson : Encoding::kProto,
                        std::move(message));
}

struct Incoming {
  Encoding encoding = Encoding::kJson;
  UnaryCall call;
};

absl::StatusOr<Incoming> ReadCall(const pb::MethodDescriptor& method, const Request& request,
                                  Encoding encoding, const Headers& extra) {
  if (const std::string_view version = request.Header("connect-protocol-version");
      !version.empty() && version != "1") {
    return InvalidFields({{"Connect-Protocol-Version", "must be 1"}});
  }
  const std::string_view coding = request.Header("content-encoding");
  if (!coding.empty() && coding != "identity") {
    return absl::UnimplementedError("this content encoding is not supported; use identity");
  }
  Incoming in;
  std::string body = request.body;
  in.encoding = encoding;
  if (request.method == "GET") {
    auto message = GetMessage(request);
    if (!message.ok()) return message.status();
    in.encoding = message->first;
    body = std::move(message->second);
  }
  auto timeout = Timeout(request);
  if (!timeout.ok()) return timeout.status();
  if (*timeout == absl::ZeroDuration()) {
    return ErrorWithReason(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                           "The deadline passed before the call was passed on, so nothing has "
                           "changed. Send it again with more time.");
  }
  in.call.timeout = *timeout;
  in.call.method = &method;
  auto message = ReadBody(method, in.encoding, std::move(body));
  if (!message.ok()) return message.status();
  in.call.request = *std::move(message);
  if (absl::Status added = AddTravelling(request, in.call.metadata); !added.ok()) return added;
  if (absl::Status added = AddConditions(request, in.call.metadata); !added.ok()) return added;
  for (const auto& header : extra) in.call.metadata.push_back(header);
  return in;
}

Response ToResponse(Encoding encoding, absl::StatusOr<UnaryAnswer> answer) {
  if (!answer.ok()) return ErrorResponse(answer.status());
  absl::StatusOr<std::string> body = WriteBody(encoding, *answer->message);
  if (!body.ok()) return ErrorResponse(body.status());
  Response response;
  response.headers = {
      {"content-type", encoding == Encoding::kJson ? "application/json" : "application/proto"},
      {"cache-control", "no-store"}};
  for (auto& [name, value] : answer->trailers) {
    response.headers.emplace_back("trailer-" + name, std::move(value));
  }
  response.body = *std::move(body);
  return response;
}

// The end of a stream, as its only message: flags, length, {"error": …}.
Response EndOfStream(std::string content_type, const absl::Status& status) {
  constexpr char kEndStream = 2;
  const std::string json = absl::StrCat("{\"error\":", ErrorResponse(status).body, "}");
  std::string body(1, kEndStream);
  for (int shift = 24; shift >= 0; shift -= 8) {
    body.push_back(static_cast<char>(json.size() >> static_cast<unsigned>(shift) & 0xFFU));
  }
  return {
      200, {{"content-type", std::move(content_type)}, {"cache-control", "no-store"}}, body + json};
}

// In the form that the caller's protocol has for it.
Response OnlyByGrpc(std::string_view content_type) {
  const absl::Status status = ErrorWithReason(
      absl::StatusCode::kUnimplemented, "UNIMPLEMENTED",
      "This method is a stream of both directions, which HTTP/1.1 cannot carry. Call it by gRPC, "
      "or use a method of the service that is none.");
  if (content_type == "application/connect+json" || content_type == "application/connect+proto") {
    return EndOfStream(std::string(content_type), status);
  }
  if (EncodingOf(content_type)) return ErrorResponse(status);
  return {415, {{"accept-post", "application/json, application/proto"}}, ""};
}

}  // namespace

bool IsRpcPath(std::string_view path) {
  return FindMethod(path) != nullptr;
}

Response ErrorResponse(const absl::Status& status) {
  const CodeName& name = NameOf(status.code());
  pb::Struct body;
  (*body.mutable_fields())["code"].set_string_value(std::string(name.name));
  (*body.mutable_fields())["message"].set_string_value(std::string(status.message()));
  std::vector<std::pair<std::string, std::string>> details;
  status.ForEachPayload([&details](absl::string_view type, const absl::Cord& payload) {
    std::string bare(type.substr(0, type.find('#')));
    if (bare.starts_with(kTypePrefix)) bare.erase(0, kTypePrefix.size());
    details.emplace_back(absl::StrCat(bare, "\n", std::string(type)), std::string(payload));
  });
  std::sort(details.begin(), details.end());
  auto* list = (*body.mutable_fields())["details"].mutable_list_value();
  for (const auto& [type, payload] : details) {
    auto& fields = *list->add_values()->mutable_struct_value()->mutable_fields();
    fields["type"].set_string_value(type.substr(0, type.find('\n')));
    std::string encoded = absl::Base64Escape(payload);
    while (!encoded.empty() && encoded.back() == '=') encoded.pop_back();
    fields["value"].set_string_value(encoded);
  }
  if (details.empty()) body.mutable_fields()->erase("details");
  std::string json;
  if (!pb::util::MessageToJsonString(body, &json).ok()) json = "{\"code\":\"internal\"}";
  Response response{
      name.http, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, json};
  if (status.code() == absl::StatusCode::kUnauthenticated) {
    response.headers.emplace_back("www-authenticate", "Bearer");
  }
  // Two deviations of HTTP status, body unchanged: clients of HTTP alone know these numbers.
  const std::string reason = ReasonOf(status);
  if (reason == "COMMAND_ID_REUSED") response.status = 422;
  return response;
}

void ServeConnect(const Backend& backend, const Request& request, const Headers& extra,
                  absl::AnyInvocable<void(Response)> respond) {
  const pb::MethodDescriptor* const method = FindMethod(request.path);
  if (method == nullptr) return std::move(respond)(Response{404, {}, ""});
  const bool get = request.method == "GET";
  if (get ? !IsQuery(*method) : request.method != "POST") {
    return std::move(respond)(
        Response{405, {{"allow", IsQuery(*method) ? "GET, POST" : "POST"}}, ""});
  }
  if (method->client_streaming() && method->server_streaming()) {
    return std::move(respond)(OnlyByGrpc(request.Header("content-type")));
  }
  const std::optional<Encoding> encoding =
      get ? std::optional<Encoding>(Encoding::kJson) : EncodingOf(request.Header("content-type"));
  if (!encoding || method->client_streaming() || method->server_streaming()) {
    return std::move(respond)(
        Response{415, {{"accept-post", "application/json, application/proto"}}, ""});
  }
  absl::StatusOr<Incoming> in = ReadCall(*method, request, *encoding, extra);
  if (!in.ok()) return std::move(respond)(ErrorResponse(in.status()));
  const bool conditional = !request.Header("if-match").empty();
  backend(std::move(in->call), [encoding = in->encoding, conditional, respond = std::move(respond)](
                                   absl::StatusOr<UnaryAnswer> answer) mutable {
    const bool stale = conditional && absl::IsAborted(answer.status());
    Response response = ToResponse(encoding, std::move(answer));
    if (stale) response.status = 412;
    std::move(respond)(std::move(response));
  });
}

}  // namespace holdfast::http
