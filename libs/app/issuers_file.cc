#include "app/issuers_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "app/secret_file.h"
#include "base/executor.h"
#include "base/status_macros.h"
#include "observability/log.h"
#include "rpc/field_validator.h"
#include "security/claim_rule.h"
#include "security/development_issuer.h"
#include "security/provider_metadata.h"
#include "security/signing_key.h"
#include "security/strict_json.h"

namespace holdfast::app {
namespace {

namespace pb = google::protobuf;
using config::v1::Issuer;
using config::v1::Issuers;

constexpr int kMaxDepth = 8;
constexpr std::uint32_t kLifetime = 900;
constexpr std::uint32_t kShortestLifetime = 60;
constexpr std::string_view kStandardType = "at+jwt";
constexpr std::string_view kPlainType = "JWT";
constexpr std::string_view kCallback = "/auth/callback";

absl::Status Wrong(const std::string& field, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", std::string(what)));
}

bool IsLoopback(std::string_view address) {
  return address.starts_with("http://127.") || address.starts_with("http://[::1]");
}

absl::Status CheckAddress(const std::string& address, const std::string& field,
                          Environment environment) {
  const bool allowed = address.starts_with("https://") ||
                       (environment == config::v1::Process::DEVELOPMENT && IsLoopback(address));
  if (allowed && !security::OriginOf(address).empty()) return absl::OkStatus();
  return Wrong(field,
               "it must be an address of https, without user or fragment; plain http is taken of "
               "127.0.0.0/8 and ::1 in development only");
}

void FillDefaults(Issuer& issuer) {
  if (issuer.type().empty()) issuer.set_type(std::string(kStandardType));
  if (issuer.subject_claim().empty()) issuer.set_subject_claim("sub");
  if (issuer.max_lifetime_s() == 0) issuer.set_max_lifetime_s(kLifetime);
}

absl::Status CheckAlgorithms(const Issuer& issuer, const std::string& at) {
  std::set<std::string> named;
  for (const std::string& name : issuer.algorithms()) {
    if (!security::AlgorithmNamed(name)) {
      return Wrong(at + "algorithms", "only RS256, PS256 and ES256 are taken; name those it uses");
    }
    if (!named.insert(name).second) return Wrong(at + "algorithms", "one stands twice");
  }
  return absl::OkStatus();
}

absl::Status CheckClaims(const Issuer& issuer, const std::string& at) {
  const bool plain = issuer.type() == kPlainType;
  if (!plain && issuer.type() != kStandardType) {
    return Wrong(at + "type", "it is at+jwt or JWT, to the letter");
  }
  if (plain && issuer.person_claim().empty() && issuer.client_claim().empty()) {
    return Wrong(at + "person_claim",
                 "tokens of type JWT may be identity tokens; name a claim that access tokens alone "
                 "carry, as scp or typ=Bearer, here or in client_claim");
  }
  for (const auto& [field, text] : {std::pair{"person_claim", issuer.person_claim()},
                                    std::pair{"client_claim", issuer.client_claim()}}) {
    const std::optional<security::ClaimRule> rule = security::ClaimRule::Parse(text);
    if (!rule)
      return Wrong(at + field, "write it as scp, as idtyp=app, or as a list of these: a,b=c");
    if (plain && !rule->empty() && rule->IdentityTokensMayPass()) {
      return Wrong(at + field,
                   "identity tokens may carry all that it asks for; add a claim that they never "
                   "do, as scp, azpacr, idtyp=app or typ=Bearer");
    }
  }
  if (issuer.subject_claim() != "sub" && issuer.subject_claim() != "oid") {
    return Wrong(at + "subject_claim", "it is sub or oid");
  }
  return absl::OkStatus();
}

absl::Status CheckAudiences(const Issuer& issuer, const std::string& at) {
  std::set<std::string> named;
  for (const config::v1::Audience& audience : issuer.audiences()) {
    if (!named.insert(audience.audience()).second) {
      return Wrong(at + "audiences", "an audience stands twice; each speaks to one tenant");
    }
    const std::set<std::string> agencies(audience.agencies().begin(), audience.agencies().end());
    if (static_cast<int>(agencies.size()) != audience.agencies_size() || agencies.contains("")) {
      return Wrong(at + "audiences.agencies", "an agency stands twice or is empty");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSignIn(const Issuer& issuer, const std::string& at, Environment environment) {
  if (!issuer.has_sign_in()) return absl::OkStatus();
  const config::v1::SignIn& sign_in = issuer.sign_in();
  const std::string field = at + "sign_in.redirect_uri";
  RETURN_IF_ERROR(CheckAddress(sign_in.redirect_uri(), field, environment));
  const std::string& redirect = sign_in.redirect_uri();
  const std::string path = redirect.substr(security::OriginOf(redirect).size());
  if (path != kCallback) {
    return Wrong(field, "the gateway takes people back at /auth/callback, with nothing after it");
  }
  if (!sign_in.client_secret_file().empty()) {
    RETURN_IF_ERROR(WithContext(ReadSecretFile(sign_in.client_secret_file()).status(),
                                at + "sign_in.client_secret_file"));
  }
  return absl::OkStatus();
}

absl::Status CheckIssuer(const Issuer& issuer, const std::string& at, Environment environment) {
  RETURN_IF_ERROR(CheckAddress(issuer.issuer(), at + "issuer", environment));
  if (issuer.issuer().find('?') != std::string::npos) {
    return Wrong(at + "issuer", "it has no query (OpenID Connect Discovery, section 3)");
  }
  if (!issuer.jwks_uri().empty()) {
    RETURN_IF_ERROR(CheckAddress(issuer.jwks_uri(), at + "jwks_uri", environment));
  }
  if (issuer.max_lifetime_s() < kShortestLifetime) {
    return Wrong(at + "max_lifetime_s", "it is 60 or more; 0 means 900");
  }
  if (!issuer.ca_file().empty() && !std::ifstream(issuer.ca_file())) {
    return Wrong(at + "ca_file", "the file cannot be read; name one of certificates in PEM");
  }
  RETURN_IF_ERROR(CheckAlgorithms(issuer, at));
  RETURN_IF_ERROR(CheckClaims(issuer, at));
  RETURN_IF_ERROR(CheckAudiences(issuer, at));
  return CheckSignIn(issuer, at, environment);
}

absl::Status CheckSense(const Issuers& issuers, Environment environment) {
  if (issuers.issuers().empty()) {
    return Wrong("issuers", "it names none, so nobody could sign in; name at least one");
  }
  std::set<std::string> named;
  std::set<std::string> origins;
  for (int i = 0; i < issuers.issuers_size(); ++i) {
    const Issuer& issuer = issuers.issuers(i);
    const std::string at = absl::StrCat("issuers[", i, "].");
    RETURN_IF_ERROR(CheckIssuer(issuer, at, environment));
    if (!named.insert(issuer.issuer()).second) {
      return Wrong(at + "issuer", "it stands twice; give all its audiences in one place");
    }
    if (issuer.has_sign_in()) origins.insert(security::OriginOf(issuer.sign_in().redirect_uri()));
    if (origins.size() > 1) {
      return Wrong(at + "sign_in.redirect_uri",
                   "a gateway has one address, so every redirect_uri begins with the same one");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Issuers> ParseIssuers(std::string_view json, std::string_view source,
                                     Environment environment) {
  const std::string where(source);
  if (!security::IsStrictJson(json, kMaxDepth)) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": it is no JSON, or a key stands twice; correct it"));
  }
  Issuers issuers;
  const auto parsed = pb::util::JsonStringToMessage({json.data(), json.size()}, &issuers);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": ", std::string(parsed.message()),
                     "; see proto/holdfast/config/v1/security.proto for what there is"));
  }
  for (Issuer& issuer : *issuers.mutable_issuers()) FillDefaults(issuer);
  rpc::FieldValidator validator;
  RETURN_IF_ERROR(validator.Prepare(*issuers.GetDescriptor()));
  RETURN_IF_ERROR(
      WithContext(validator.Check(issuers, absl::Now(), {.refuse_unknown = true}), where));
  RETURN_IF_ERROR(WithContext(CheckSense(issuers, environment), where));
  return issuers;
}

absl::StatusOr<Issuers> ReadIssuers(const std::string& path, Environment environment) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read; check security.issuers_file"));
  }
  std::ostringstream text;
  text << file.rdbuf();
  return ParseIssuers(text.str(), path, environment);
}

IssuersFile::Signature IssuersFile::SignatureOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec, status.st_ino,
          status.st_size};
}

absl::StatusOr<std::unique_ptr<IssuersFile>> IssuersFile::Open(Parts parts) {
  std::unique_ptr<IssuersFile> file(new IssuersFile(std::move(parts)));
  // Before it is read: a change that comes between is seen at the next look.
  file->seen_ = SignatureOf(file->parts_.path);
  ASSIGN_OR_RETURN(Issuers issuers, ReadIssuers(file->parts_.path, file->parts_.environment));
  file->Take(std::move(issuers));
  file->LookLater();
  return file;
}

IssuersFile::~IssuersFile() = default;

std::shared_ptr<const Issuers> IssuersFile::Current() const {
  const absl::MutexLock lock(&mutex_);
  return current_;
}

void IssuersFile::Take(Issuers issuers) {
  auto taken = std::make_shared<const Issuers>(std::move(issuers));
  {
    const absl::MutexLock lock(&mutex_);
    current_ = taken;
  }
  if (parts_.taken) parts_.taken(*taken);
}

void IssuersFile::LookLater() {
  parts_.executor->PostAfter(kLook, [this] { Look(); });
}

void IssuersFile::Look() {
  const Signature now = SignatureOf(parts_.path);
  if (now != seen_) {
    seen_ = now;
    absl::StatusOr<Issuers> issuers = ReadIssuers(parts_.path, parts_.environment);
    if (issuers.ok()) {
      log::Info("issuers_taken", log::Count(static_cast<std::uint64_t>(issuers->issuers_size())));
      Take(*std::move(issuers));
    } else {
      // Which field, --check-config says: a log takes no free text.
      log::Error("issuers_refused", log::Code(absl::StatusCodeToString(issuers.status().code())));
    }
  }
  LookLater();
}

}  // namespace holdfast::app
